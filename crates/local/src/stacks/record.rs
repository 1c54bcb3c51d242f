//! What is kept of a stack.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::Realised;
use seaway_cloud::StackEvent;
use seaway_cloud::StackStatus;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use sha2::Digest;
use tokio_util::sync::CancellationToken;

use crate::realiser::ResourceContext;

/// Events beyond this number are forgotten, the oldest first.
const MAX_EVENTS: usize = 1_000;

/// Type of the stack itself in its events.
const STACK: &str = "AWS::CloudFormation::Stack";

/// What a stack is, or is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Definition {
    /// The template as JSON text.
    pub(super) template: String,
    /// Parameter values as they were given.
    pub(super) parameters: IndexMap<String, String>,
    /// Tags.
    pub(super) tags: IndexMap<String, String>,
}

/// What is being done with a stack; each step knows which one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Delete what a failed creation or deletion left, then create.
    Clear,
    /// Create all resources.
    Create,
    /// Creation failed: delete what there is.
    CreateRollback,
    /// Create, replace and update resources.
    Update,
    /// Update is done: delete what was replaced or removed.
    UpdateCleanup,
    /// Update failed: back to the previous definition.
    UpdateRollback,
    /// The way back is done: delete what the update made.
    RollbackCleanup,
    /// Delete all resources.
    Delete,
}

/// A resource that exists or is on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Logical id.
    pub(super) logical_id: String,
    /// Resource type.
    pub(super) resource_type: String,
    /// Names the resource for its realiser; saved before it is created.
    pub(super) token: String,
    /// What `Ref` returns; `None` until it is created.
    pub(super) physical_id: Option<String>,
    /// What `Ref` will return, where that is known before it is created; only shown.
    #[serde(default)]
    pub(super) announced: Option<String>,
    /// What `Fn::GetAtt` returns.
    pub(super) attributes: IndexMap<String, String>,
    /// Evaluated properties with which it was realised last.
    pub(super) properties: Value,
    /// Evaluated properties that a realiser was called with and did not answer for: it may have
    /// them or not.
    pub(super) pending: Option<Value>,
    /// Resource status.
    pub(super) status: String,
    /// Why.
    pub(super) reason: Option<String>,
    /// Live or declared only.
    pub(super) realised: Realised,
    /// It takes the place of another one.
    pub(super) replacement: bool,
    /// `DeletionPolicy` of the template.
    pub(super) deletion_policy: Option<String>,
    /// `UpdateReplacePolicy` of the template.
    pub(super) update_replace_policy: Option<String>,
    /// Logical ids that it needs.
    pub(super) depends: Vec<String>,
}

/// A resource that is no longer part of the stack and waits for its deletion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Superseded {
    /// The resource.
    pub(super) entry: Entry,
    /// Its policy says that it stays when it leaves the stack.
    pub(super) retain: bool,
    /// A rollback of the operation in progress takes it back.
    pub(super) restorable: bool,
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Stack name.
    pub(super) name: String,
    /// Stack id (an ARN).
    pub(super) id: String,
    /// Status.
    pub(super) status: StackStatus,
    /// Why.
    pub(super) reason: Option<String>,
    /// What it is or is to be.
    pub(super) definition: Definition,
    /// What a rollback of the update in progress goes back to.
    pub(super) previous: Option<Definition>,
    /// Deletion is refused.
    pub(super) termination_protection: bool,
    /// When it was created.
    pub(super) created: Timestamp,
    /// When it was last updated.
    pub(super) updated: Option<Timestamp>,
    /// Outputs of the last operation that succeeded.
    pub(super) outputs: IndexMap<String, String>,
    /// What is being done.
    pub(super) step: Option<Step>,
    /// Somebody asked to cancel the update in progress.
    pub(super) cancel_requested: bool,
    /// Resources by logical id.
    pub(super) resources: IndexMap<String, Entry>,
    /// Resources that wait for their deletion.
    pub(super) superseded: Vec<Superseded>,
    /// Counts tokens.
    pub(super) tokens: u64,
    /// Number of the newest event.
    pub(super) seq: u64,
    /// Events, oldest first.
    pub(super) events: Vec<StackEvent>,
}

impl Record {
    /// Returns a stack without resources; `seq` is where its events begin to count.
    pub(super) fn new(name: &str, definition: Definition, seq: u64, now: Timestamp) -> Record {
        let unique = digest(&[name, &now.as_nanosecond().to_string()]);
        Record {
            name: name.to_owned(),
            id: format!(
                "arn:aws:cloudformation:local:000000000000:stack/{name}/{}-{}-{}-{}-{}",
                &unique[..8],
                &unique[8..12],
                &unique[12..16],
                &unique[16..20],
                &unique[20..32]
            ),
            status: StackStatus::ReviewInProgress,
            reason: None,
            definition,
            previous: None,
            termination_protection: false,
            created: now,
            updated: None,
            outputs: IndexMap::new(),
            step: None,
            cancel_requested: false,
            resources: IndexMap::new(),
            superseded: Vec::new(),
            tokens: 0,
            seq,
            events: Vec::new(),
        }
    }

    /// Returns a name for a new resource that no other resource ever had.
    pub(super) fn token(&mut self, logical_id: &str) -> String {
        self.tokens += 1;
        digest(&[&self.id, logical_id, &self.tokens.to_string()])[..12].to_owned()
    }

    /// Sets the status of the stack and tells so in an event.
    pub(super) fn set_status(&mut self, status: StackStatus, reason: Option<String>) {
        self.status = status;
        self.reason.clone_from(&reason);
        let (name, id) = (self.name.clone(), self.id.clone());
        self.event(&name, Some(id), STACK, status.as_str(), reason);
    }

    /// Sets the status of a resource of the stack and tells so in an event.
    pub(super) fn set_resource(&mut self, logical_id: &str, status: &str, reason: Option<String>) {
        let Some(entry) = self.resources.get_mut(logical_id) else { return };
        status.clone_into(&mut entry.status);
        entry.reason.clone_from(&reason);
        let (id, kind) = (entry.shown_id(), entry.resource_type.clone());
        self.event(logical_id, id, &kind, status, reason);
    }

    /// Sets the status of a superseded resource and tells so in an event.
    pub(super) fn set_superseded(&mut self, token: &str, status: &str, reason: Option<String>) {
        let Some(old) = self.superseded.iter_mut().find(|old| old.entry.token == token) else { return };
        status.clone_into(&mut old.entry.status);
        old.entry.reason.clone_from(&reason);
        let entry = old.entry.clone();
        self.event(&entry.logical_id, entry.shown_id(), &entry.resource_type, status, reason);
    }

    /// Adds an event.
    pub(super) fn event(
        &mut self,
        logical_id: &str,
        physical_id: Option<String>,
        resource_type: &str,
        status: &str,
        reason: Option<String>,
    ) {
        self.seq += 1;
        self.events.push(StackEvent {
            seq: self.seq,
            time: Timestamp::now(),
            stack: self.name.clone(),
            logical_id: logical_id.to_owned(),
            physical_id,
            resource_type: resource_type.to_owned(),
            status: status.to_owned(),
            reason,
        });
        if self.events.len() > MAX_EVENTS {
            let excess = self.events.len() - MAX_EVENTS;
            self.events.drain(..excess);
        }
    }

    /// Returns what a realiser is told about a resource.
    pub(super) fn context(
        &self,
        logical_id: &str,
        resource_type: &str,
        token: &str,
        cancelled: CancellationToken,
    ) -> ResourceContext {
        ResourceContext {
            stack: self.name.clone(),
            logical_id: logical_id.to_owned(),
            resource_type: resource_type.to_owned(),
            tags: self.definition.tags.clone(),
            token: token.to_owned(),
            cancelled,
        }
    }

    /// Moves all resources for which `leaves` is true to those that wait for their deletion;
    /// `retain` decides by the resource whether it stays.
    pub(super) fn supersede(&mut self, leaves: impl Fn(&Entry) -> bool, retain: impl Fn(&Entry) -> bool) {
        let (gone, stay): (IndexMap<_, _>, IndexMap<_, _>) =
            std::mem::take(&mut self.resources).into_iter().partition(|(_, entry)| leaves(entry));
        self.resources = stay;
        for entry in gone.into_values() {
            let retain = retain(&entry);
            self.superseded.push(Superseded { entry, retain, restorable: false });
        }
    }

    /// Returns how the stack is told in the port's words; `None` once it is deleted.
    pub(super) fn stack(&self, parameters: IndexMap<String, String>) -> Option<seaway_cloud::Stack> {
        (self.status != StackStatus::DeleteComplete).then(|| seaway_cloud::Stack {
            name: self.name.clone(),
            id: self.id.clone(),
            status: self.status,
            reason: self.reason.clone(),
            parameters,
            outputs: self.outputs.clone(),
            tags: self.definition.tags.clone(),
            created: self.created,
            updated: self.updated,
            termination_protection: self.termination_protection,
        })
    }
}

impl Entry {
    /// Returns the physical id, or the one that it will have.
    pub(super) fn shown_id(&self) -> Option<String> {
        self.physical_id.clone().or_else(|| self.announced.clone())
    }

    /// Returns true when the resource stays where its stack is deleted. There are no snapshots
    /// here: what asks for one is kept, so that no data is lost.
    pub(super) fn retained_on_deletion(&self) -> bool {
        self.physical_id.is_some()
            && matches!(self.deletion_policy.as_deref(), Some("Retain" | "RetainExceptOnCreate" | "Snapshot"))
    }

    /// Returns true when the resource stays although the operation that created it is rolled back.
    pub(super) fn retained_on_rollback(&self) -> bool {
        self.physical_id.is_some() && !self.replacement && self.deletion_policy.as_deref() == Some("Retain")
    }

    /// Returns true when the resource stays where another one takes its place.
    pub(super) fn retained_on_replacement(&self) -> bool {
        self.physical_id.is_some()
            && matches!(self.update_replace_policy.as_deref(), Some("Retain" | "Snapshot"))
    }
}

fn digest(texts: &[&str]) -> String {
    let mut hash = sha2::Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}
