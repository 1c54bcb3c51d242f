//! Stacks, their resources and events.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::StackStatus;

/// What a stack is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackInput {
    /// Stack name.
    pub name: String,
    /// The template as JSON text.
    pub template: String,
    /// Parameter values; those missing take their defaults.
    pub parameters: IndexMap<String, String>,
    /// Tags; CloudFormation hands them on to the resources.
    pub tags: IndexMap<String, String>,
    /// Refuse deletion.
    pub termination_protection: bool,
}

/// What [`crate::Stacks::put_stack`] did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StackChange {
    /// Template, parameters and tags are what they were.
    Unchanged,
    /// An operation began; its events have a greater number than this.
    Started {
        /// Number of the last event before the operation.
        after: u64,
    },
}

/// A stack as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Stack name.
    pub name: String,
    /// Stack id (an ARN).
    pub id: String,
    /// Status.
    pub status: StackStatus,
    /// Why it has this status.
    pub reason: Option<String>,
    /// Parameter values in use.
    pub parameters: IndexMap<String, String>,
    /// Outputs.
    pub outputs: IndexMap<String, String>,
    /// Tags.
    pub tags: IndexMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last updated.
    pub updated: Option<Timestamp>,
    /// Deletion is refused.
    pub termination_protection: bool,
}

/// How a resource is realised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Realised {
    /// It exists and works.
    Live,
    /// `local` keeps it in the stack, but nothing stands behind it on this machine.
    DeclaredOnly,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackResource {
    /// Logical id in the template.
    pub logical_id: String,
    /// What `Ref` returns, once created.
    pub physical_id: Option<String>,
    /// Such as `AWS::ECS::Service`.
    pub resource_type: String,
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it has this status.
    pub reason: Option<String>,
    /// Live, or declared only.
    pub realised: Realised,
}

/// One event of a stack. The stack itself is the resource of type `AWS::CloudFormation::Stack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackEvent {
    /// Counts up within the stack.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// Stack name.
    pub stack: String,
    /// Logical id.
    pub logical_id: String,
    /// Physical id, once known.
    pub physical_id: Option<String>,
    /// Resource type.
    pub resource_type: String,
    /// Resource status, such as `UPDATE_IN_PROGRESS`.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
}
