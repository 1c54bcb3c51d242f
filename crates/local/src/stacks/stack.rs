//! One stack: its record, saved with every change, and what may interrupt its operation.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use seaway_cloud::StackStatus;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::definition::Plan;
use super::record::Definition;
use super::record::Record;
use super::record::Step;
use crate::lock::lock;
use crate::log::Log;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;
use crate::store::Store;

/// Finds the realiser of a resource type.
pub(crate) struct Registry {
    by_type: HashMap<&'static str, Arc<dyn Realiser>>,
    fallback: Arc<dyn Realiser>,
}

impl Registry {
    /// Returns a registry; `fallback` realises what nobody else does.
    pub(crate) fn new(realisers: Vec<Arc<dyn Realiser>>, fallback: Arc<dyn Realiser>) -> Registry {
        let mut by_type = HashMap::new();
        for realiser in realisers {
            for kind in realiser.types() {
                by_type.insert(*kind, Arc::clone(&realiser));
            }
        }
        Registry { by_type, fallback }
    }

    /// Returns the realiser of a type.
    pub(super) fn find(&self, resource_type: &str) -> &Arc<dyn Realiser> {
        self.by_type.get(resource_type).unwrap_or(&self.fallback)
    }
}

/// A stack and the operation on it.
pub(super) struct StackCell {
    pub(super) registry: Arc<Registry>,
    store: Store,
    log: Log,
    record: Mutex<Record>,
    /// Cancels the realisers of the step in progress.
    cancel: Mutex<CancellationToken>,
    /// Held by the one task that drives the stack.
    pub(super) driving: tokio::sync::Mutex<()>,
    /// Counts changes.
    changes: watch::Sender<u64>,
}

impl StackCell {
    pub(super) fn new(record: Record, registry: Arc<Registry>, store: Store, log: Log) -> StackCell {
        StackCell {
            registry,
            store,
            log,
            record: Mutex::new(record),
            cancel: Mutex::new(CancellationToken::new()),
            driving: tokio::sync::Mutex::new(()),
            changes: watch::Sender::new(0),
        }
    }

    /// Looks at the record.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&lock(&self.record))
    }

    /// Changes the record and saves it.
    pub(super) fn write<T>(&self, change: impl FnOnce(&mut Record) -> T) -> T {
        let mut record = lock(&self.record);
        let before = record.seq;
        let answer = change(&mut record);
        for event in record.events.iter().filter(|event| event.seq > before) {
            let reason = event.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            self.log.line(&format!("{}/{} {}{reason}", event.stack, event.logical_id, event.status));
        }
        let file = format!("stacks/{}", record.name);
        let saved = if record.status == StackStatus::DeleteComplete {
            self.store.remove(&file)
        } else {
            self.store.save(&file, &*record)
        };
        if let Err(error) = saved {
            self.log.line(&format!("failed to save {file}: {error}"));
        }
        drop(record);
        self.changes.send_modify(|count| *count += 1);
        answer
    }

    /// Returns a receiver that hears of every change.
    #[cfg(test)]
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns what the realisers of `step` are cancelled with.
    pub(super) fn begin(&self, step: Step) -> CancellationToken {
        let token = CancellationToken::new();
        *lock(&self.cancel) = token.clone();
        // Whoever changed the record before the token was in place could not cancel it.
        let interrupted = self
            .read(|record| record.step != Some(step) || (step == Step::Update && record.cancel_requested));
        if interrupted {
            token.cancel();
        }
        token
    }

    /// Cancels the realisers of the step in progress.
    pub(super) fn interrupt(&self) {
        lock(&self.cancel).cancel();
    }

    /// Reads a definition of this stack.
    pub(super) fn plan(&self, definition: &Definition) -> Result<Plan, String> {
        let (name, id) = self.read(|record| (record.name.clone(), record.id.clone()));
        Plan::new(definition, &name, &id)
    }

    /// Returns what a realiser is told about a resource.
    pub(super) fn context(
        &self,
        logical_id: &str,
        resource_type: &str,
        token: &str,
        cancelled: CancellationToken,
    ) -> ResourceContext {
        self.read(|record| record.context(logical_id, resource_type, token, cancelled))
    }
}
