//! Making the resources of a stack what its definition says.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use indexmap::IndexMap;
use seaway_cloud::Realised;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::definition::Plan;
use super::record::Entry;
use super::record::Record;
use super::record::Superseded;
use super::stack::StackCell;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::ResourceContext;

/// Why the update of a resource begins with a creation.
const REPLACING: &str = "The update needs a new physical resource; it is created first";

/// What is to be done with a resource.
enum Action {
    /// It is what it should be.
    Keep,
    /// Create it with these properties.
    Create(Value),
    /// Change it.
    Update {
        /// Physical id.
        id: String,
        /// Properties that it has, or may have.
        old: Value,
        /// Properties that it shall have.
        new: Value,
    },
}

/// The resources that failed.
pub(super) struct Failed {
    /// Logical ids, in the order of their failure.
    pub(super) logical_ids: Vec<String>,
}

impl StackCell {
    /// Creates, updates and replaces resources, each after those that it needs. After the first
    /// failure no other one is begun, and those under way are cancelled.
    pub(super) async fn converge(&self, plan: &Plan, cancel: &CancellationToken) -> Result<(), Failed> {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut begun: BTreeSet<&str> = BTreeSet::new();
        let mut failed = Vec::new();
        let mut running: FuturesUnordered<BoxFuture<'_, (&str, bool)>> = FuturesUnordered::new();
        loop {
            if !cancel.is_cancelled() {
                for (logical_id, needs) in &plan.needs {
                    let ready = needs.iter().all(|id| done.contains(id.as_str()));
                    if ready && begun.insert(logical_id) {
                        running.push(Box::pin(async move {
                            (logical_id.as_str(), self.realise(plan, logical_id, cancel).await)
                        }));
                    }
                }
            }
            match running.next().await {
                Some((logical_id, true)) => {
                    done.insert(logical_id);
                }
                Some((logical_id, false)) => {
                    failed.push(logical_id.to_owned());
                    cancel.cancel();
                }
                None => break,
            }
        }
        if failed.is_empty() && done.len() == plan.needs.len() {
            return Ok(());
        }
        Err(Failed { logical_ids: failed })
    }

    /// Brings one resource to what it shall be; the answer says whether that worked.
    async fn realise(&self, plan: &Plan, logical_id: &str, cancel: &CancellationToken) -> bool {
        let Some(declaration) = plan.declaration(logical_id) else { return false };
        let kind = declaration.resource_type;
        let realiser = self.registry.find(kind);
        let action = self.write(|record| {
            let wanted = match plan.properties(logical_id, record) {
                Ok(wanted) => wanted,
                Err(reason) => {
                    fail_evaluation(record, logical_id, kind, reason);
                    return None;
                }
            };
            let action =
                decide(record, logical_id, kind, wanted, |old, new| realiser.replaces(kind, old, new));
            if let Some(entry) = record.resources.get_mut(logical_id) {
                entry.deletion_policy.clone_from(&declaration.deletion_policy);
                entry.update_replace_policy.clone_from(&declaration.update_replace_policy);
                entry.depends = plan.needs.get(logical_id).cloned().unwrap_or_default();
            }
            if let Action::Create(new) = &action {
                announce(record, logical_id, new, |context, new| realiser.announces(context, new));
            }
            let (status, reason) = match &action {
                Action::Keep => return Some(action),
                Action::Create(_) if replaced(record, logical_id) => ("UPDATE_IN_PROGRESS", Some(REPLACING)),
                Action::Create(_) => ("CREATE_IN_PROGRESS", None),
                Action::Update { .. } => ("UPDATE_IN_PROGRESS", None),
            };
            // One that is resumed has told so already.
            if record.resources.get(logical_id).is_some_and(|entry| entry.status != status) {
                record.set_resource(logical_id, status, reason.map(str::to_owned));
            }
            Some(action)
        });
        let token = self
            .read(|record| record.resources.get(logical_id).map(|entry| entry.token.clone()))
            .unwrap_or_default();
        let context = self.context(logical_id, kind, &token, cancel.clone());
        let (created, properties, answer) = match action {
            None => return false,
            Some(Action::Keep) => return true,
            Some(Action::Create(new)) => {
                let answer = unpanicked(realiser.create(&context, &new)).await;
                (true, new, answer)
            }
            Some(Action::Update { id, old, new }) => {
                let answer = unpanicked(realiser.update(&context, &id, &old, &new)).await;
                (false, new, answer)
            }
        };
        let cancelled = cancel.is_cancelled();
        self.write(|record| finish(record, logical_id, created, cancelled, properties, answer))
    }
}

/// Turns a panic of a realiser into a failure: the stack must get to an end.
pub(super) async fn unpanicked<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    AssertUnwindSafe(call)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Failure("the realiser panicked; this is a bug of Seaway".to_owned())))
}

/// Takes back what was replaced since `previous`, and puts what took its place to those that wait
/// for deletion.
pub(super) fn restore(record: &mut Record) {
    let (restorable, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut record.superseded).into_iter().partition(|old| old.restorable);
    record.superseded = others;
    for old in restorable {
        let logical_id = old.entry.logical_id.clone();
        if let Some(newer) = record.resources.insert(logical_id, old.entry) {
            let retain = newer.retained_on_rollback();
            record.superseded.push(Superseded { entry: newer, retain, restorable: false });
        }
    }
}

/// Decides what happens to a resource, and notes in the record that it is about to happen.
fn decide(
    record: &mut Record,
    logical_id: &str,
    kind: &str,
    wanted: Value,
    replaces: impl Fn(&Value, &Value) -> bool,
) -> Action {
    let mut replacement = false;
    if let Some(entry) = record.resources.get_mut(logical_id) {
        let same_kind = entry.resource_type == kind;
        match entry.physical_id.clone() {
            // Its creation was interrupted: the same again.
            None if same_kind => {
                entry.pending = Some(wanted.clone());
                return Action::Create(wanted);
            }
            Some(_) if same_kind && entry.pending.is_none() && entry.properties == wanted => {
                return Action::Keep;
            }
            Some(id) if same_kind && !replaces(&entry.properties, &wanted) => {
                // What an earlier call left undecided is what the resource may have now.
                let old = match &entry.pending {
                    Some(pending) if *pending != wanted => pending.clone(),
                    _ => entry.properties.clone(),
                };
                entry.pending.get_or_insert_with(|| wanted.clone());
                return Action::Update { id, old, new: wanted };
            }
            _ => replacement = true,
        }
    }
    let fresh = Entry {
        logical_id: logical_id.to_owned(),
        resource_type: kind.to_owned(),
        token: record.token(logical_id),
        physical_id: None,
        announced: None,
        attributes: IndexMap::new(),
        properties: Value::Null,
        pending: Some(wanted.clone()),
        status: String::new(),
        reason: None,
        realised: Realised::Live,
        replacement,
        deletion_policy: None,
        update_replace_policy: None,
        depends: Vec::new(),
    };
    if let Some(old) = record.resources.insert(logical_id.to_owned(), fresh) {
        let retain = old.retained_on_replacement();
        let restorable = old.physical_id.is_some();
        record.superseded.push(Superseded { entry: old, retain, restorable });
    }
    Action::Create(wanted)
}

/// Notes the physical id that a resource will have, where its realiser knows it beforehand.
fn announce(
    record: &mut Record,
    logical_id: &str,
    properties: &Value,
    announces: impl Fn(&ResourceContext, &Value) -> Option<String>,
) {
    let Some(entry) = record.resources.get(logical_id) else { return };
    let context = record.context(logical_id, &entry.resource_type, &entry.token, CancellationToken::new());
    let announced = announces(&context, properties);
    if let Some(entry) = record.resources.get_mut(logical_id) {
        entry.announced = announced;
    }
}

fn replaced(record: &Record, logical_id: &str) -> bool {
    record.resources.get(logical_id).is_some_and(|entry| entry.replacement)
}

/// Notes the answer of a realiser; returns whether it was a good one.
fn finish(
    record: &mut Record,
    logical_id: &str,
    created: bool,
    cancelled: bool,
    properties: Value,
    answer: Result<Physical, Failure>,
) -> bool {
    let creation = created && !replaced(record, logical_id);
    let Some(entry) = record.resources.get_mut(logical_id) else { return false };
    match answer {
        Ok(physical) => {
            entry.physical_id = Some(physical.id);
            entry.attributes = physical.attributes;
            entry.realised = physical.realised;
            entry.properties = properties;
            entry.pending = None;
            let status = if creation { "CREATE_COMPLETE" } else { "UPDATE_COMPLETE" };
            record.set_resource(logical_id, status, None);
            true
        }
        Err(failure) => {
            let (status, word) =
                if creation { ("CREATE_FAILED", "creation") } else { ("UPDATE_FAILED", "update") };
            // The first failure cancelled the others: their own words would only hide it.
            let reason = if cancelled { format!("Resource {word} cancelled") } else { failure.0 };
            record.set_resource(logical_id, status, Some(reason));
            false
        }
    }
}

/// Notes that the properties of a resource cannot be computed.
fn fail_evaluation(record: &mut Record, logical_id: &str, kind: &str, reason: String) {
    if record.resources.contains_key(logical_id) {
        record.set_resource(logical_id, "UPDATE_FAILED", Some(reason));
    } else {
        record.event(logical_id, None, kind, "CREATE_FAILED", Some(reason));
    }
}
