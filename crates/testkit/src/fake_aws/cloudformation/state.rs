//! What CloudFormation knows.

use indexmap::IndexMap;
use seaway_cfn::evaluate::Resolve;
use seaway_cloud::StackStatus;
use serde_json::Value as Json;

use super::resources;
use crate::fake_aws::world::World;

/// A stack.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) status: StackStatus,
    pub(crate) reason: Option<String>,
    pub(crate) template: String,
    /// Values in use, defaults included.
    pub(crate) parameters: IndexMap<String, String>,
    /// Names of the `NoEcho` parameters.
    pub(crate) hidden: Vec<String>,
    pub(crate) tags: IndexMap<String, String>,
    pub(crate) outputs: IndexMap<String, String>,
    pub(crate) capabilities: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) created_at: u64,
    pub(crate) updated_at: Option<u64>,
    pub(crate) deleted_at: Option<u64>,
    pub(crate) termination_protection: bool,
    pub(crate) on_failure: OnFailure,
    pub(crate) change_set: Option<String>,
    pub(crate) resources: IndexMap<String, Resource>,
    pub(crate) events: Vec<Event>,
    pub(crate) operation: Option<Operation>,
    /// Kind and id of the operations, the newest first.
    pub(crate) operations: Vec<(&'static str, String)>,
    /// What it was before the operation; also what a failed roll-back still has to reach.
    pub(crate) before: Option<Before>,
    /// An initial stack in progress: to what it comes, and when.
    pub(crate) settles: Option<(StackStatus, u64)>,
    /// The client's token of the operation.
    pub(crate) token: Option<String>,
}

/// What happens when an operation fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnFailure {
    #[default]
    Rollback,
    Delete,
    DoNothing,
}

/// What a stack was before its operation.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    pub(crate) template: String,
    pub(crate) parameters: IndexMap<String, String>,
    pub(crate) tags: IndexMap<String, String>,
    pub(crate) outputs: IndexMap<String, String>,
    pub(crate) resources: IndexMap<String, Resource>,
}

/// A resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) physical_id: Option<String>,
    pub(crate) attributes: IndexMap<String, String>,
    pub(crate) properties: Json,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) updated_at: u64,
    /// It outlives its deletion.
    pub(crate) retained: bool,
}

/// An event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) at: u64,
    pub(crate) operation: (&'static str, String),
    pub(crate) logical_id: String,
    pub(crate) physical_id: Option<String>,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    /// The failure of the resource itself, not one that follows from another's.
    pub(crate) root_cause: bool,
}

/// The part of an operation that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Creating and updating.
    Apply,
    /// Going back.
    Rollback,
    /// Deleting what the operation left over; `back` after a roll-back.
    Cleanup { back: bool },
    /// Deleting the stack.
    Delete,
}

/// A running operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) phase: Phase,
    pub(crate) steps: IndexMap<String, Step>,
    /// Resources that go in the clean-up.
    pub(crate) leftovers: Vec<(String, Resource)>,
    /// Somebody cancelled it.
    pub(crate) cancelled: bool,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Replace,
    Delete,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepState {
    Waiting,
    Running {
        since: u64,
        due: u64,
    },
    Done,
    Failed,
    /// What it needs failed.
    Skipped,
}

/// What happens to one resource in an operation.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) logical_id: String,
    pub(crate) action: Action,
    /// Keys of the steps that come first.
    pub(crate) needs: Vec<String>,
    pub(crate) state: StepState,
}

/// A change set.
#[derive(Clone, Debug)]
pub(crate) struct ChangeSet {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) stack_id: String,
    pub(crate) stack_name: String,
    pub(crate) description: Option<String>,
    pub(crate) template: String,
    pub(crate) parameters: IndexMap<String, String>,
    pub(crate) hidden: Vec<String>,
    pub(crate) tags: IndexMap<String, String>,
    pub(crate) capabilities: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) on_failure: OnFailure,
    pub(crate) changes: Vec<Json>,
    pub(crate) status: &'static str,
    pub(crate) execution: &'static str,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: u64,
    pub(crate) ready_at: u64,
    pub(crate) token: Option<String>,
}

/// Finds a stack that is there by name or id.
pub(crate) fn find_live(world: &World, name: &str) -> Option<String> {
    let fits = |stack: &&Stack| {
        (stack.name == name || stack.id == name) && stack.status != StackStatus::DeleteComplete
    };
    world.stacks.values().find(fits).map(|stack| stack.id.clone())
}

/// Finds a stack by name, or by id also a deleted one.
pub(crate) fn find_any(world: &World, name: &str) -> Option<String> {
    find_live(world, name).or_else(|| world.stacks.get(name).map(|stack| stack.id.clone()))
}

/// The resources of a stack, for intrinsic functions.
pub(crate) struct Known<'a>(pub(crate) &'a IndexMap<String, Resource>);

impl Resolve for Known<'_> {
    fn reference(&self, logical_id: &str) -> Option<String> {
        self.0.get(logical_id)?.physical_id.clone()
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<String> {
        let resource = self.0.get(logical_id)?;
        let physical = resource.physical_id.as_ref()?;
        let known = resource.attributes.get(attribute).cloned();
        Some(known.unwrap_or_else(|| resources::attribute(&resource.kind, physical, attribute)))
    }
}
