//! The shared heart: state, what it needs from outside, and who is woken by a change.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::log_store::LogStore;
use super::state::ServiceRecord;
use super::state::State;
use super::state::TaskRecord;
use crate::lock::lock;
use crate::realiser::SecretReader;
use crate::realiser::TargetGroups;
use crate::store::Store;

/// A part of the state that is one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Clusters,
    Definitions,
    Services,
    Tasks,
    Schedules,
}

pub(super) struct Inner {
    pub(super) docker: bollard::Docker,
    pub(super) store: Store,
    pub(super) instance: String,
    pub(super) targets: Arc<dyn TargetGroups>,
    pub(super) secrets: Arc<dyn SecretReader>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) logs: LogStore,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    /// Stops all loops without touching a container.
    pub(super) halt: CancellationToken,
    /// Wakes the runner of a task that is asked to stop.
    stops: Mutex<BTreeMap<String, CancellationToken>>,
    /// Services that have a loop.
    pub(super) loops: Mutex<BTreeSet<String>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl Inner {
    pub(super) fn new(parts: super::handle::EcsParts, state: State, logs: LogStore) -> Inner {
        Inner {
            docker: parts.docker,
            store: parts.store,
            instance: parts.instance,
            targets: parts.targets,
            secrets: parts.secrets,
            environment: parts.environment,
            logs,
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            halt: CancellationToken::new(),
            stops: Mutex::new(BTreeMap::new()),
            loops: Mutex::new(BTreeSet::new()),
        }
    }

    /// Reads the state.
    pub(super) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&lock(&self.state))
    }

    /// Changes the state, writes the touched part and wakes everybody who waits.
    pub(super) fn change<R>(&self, part: Part, edit: impl FnOnce(&mut State) -> R) -> R {
        self.change_parts(&[part], edit)
    }

    /// Like [`Inner::change`], for several parts.
    pub(super) fn change_parts<R>(&self, parts: &[Part], edit: impl FnOnce(&mut State) -> R) -> R {
        let answer = {
            let mut state = lock(&self.state);
            let answer = edit(&mut state);
            for part in parts {
                self.save(*part, &state);
            }
            answer
        };
        self.changed.send_modify(|count| *count += 1);
        answer
    }

    /// A disk that refuses does not stop what runs; the next change tries again.
    fn save(&self, part: Part, state: &State) {
        let _ = match part {
            Part::Clusters => self.store.save("ecs/clusters", &state.clusters),
            Part::Definitions => self.store.save("ecs/definitions", &state.definitions),
            Part::Services => self.store.save("ecs/services", &state.services),
            Part::Tasks => self.store.save("ecs/tasks", &state.tasks),
            Part::Schedules => self.store.save("ecs/schedules", &state.schedules),
        };
    }

    /// Changes one task, if it is known.
    pub(super) fn change_task<R>(&self, id: &str, edit: impl FnOnce(&mut TaskRecord) -> R) -> Option<R> {
        self.change(Part::Tasks, |state| state.tasks.get_mut(id).map(edit))
    }

    /// Changes one task only where it differs, so that nobody is woken for nothing.
    pub(super) fn change_task_if(
        &self,
        id: &str,
        differs: impl FnOnce(&TaskRecord) -> bool,
        edit: impl FnOnce(&mut TaskRecord),
    ) {
        if self.read_task(id, differs).unwrap_or(false) {
            self.change_task(id, edit);
        }
    }

    /// Reads one task, if it is known.
    pub(super) fn read_task<R>(&self, id: &str, look: impl FnOnce(&TaskRecord) -> R) -> Option<R> {
        self.read(|state| state.tasks.get(id).map(look))
    }

    /// Changes one service, if it is known.
    pub(super) fn change_service<R>(
        &self,
        key: &str,
        edit: impl FnOnce(&mut ServiceRecord) -> R,
    ) -> Option<R> {
        self.change(Part::Services, |state| state.services.get_mut(key).map(edit))
    }

    /// Adds an event to the service of a task, if it has one.
    pub(super) fn task_event(&self, id: &str, text: &str) {
        let key = self
            .read_task(id, |task| task.service.as_ref().map(|name| format!("{}/{name}", task.cluster)))
            .flatten();
        if let Some(key) = key {
            self.change_service(&key, |service| service.event(Timestamp::now(), text));
        }
    }

    /// Returns a receiver that sees every change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns the token that wakes the runner of a task.
    pub(super) fn stop_token(&self, id: &str) -> CancellationToken {
        lock(&self.stops).entry(id.to_owned()).or_default().clone()
    }

    /// Forgets that token.
    pub(super) fn forget_stop_token(&self, id: &str) {
        lock(&self.stops).remove(id);
    }

    /// Asks a task to stop.
    pub(super) fn stop_task(&self, id: &str, code: &str, reason: &str) {
        self.change_task(id, |task| {
            if task.alive() {
                task.ask_to_stop(code, reason);
            }
        });
        self.wake_to_stop(id);
    }

    /// Wakes the runner of a task that was asked to stop. One that has not begun, or is through,
    /// sees it in the state.
    pub(super) fn wake_to_stop(&self, id: &str) {
        if let Some(token) = lock(&self.stops).get(id) {
            token.cancel();
        }
    }

    /// Spawns work that ends with this object's loops.
    pub(super) fn spawn<F>(&self, work: F) -> tokio::task::JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let halt = self.halt.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = halt.cancelled() => {}
                () = work => {}
            }
        })
    }
}
