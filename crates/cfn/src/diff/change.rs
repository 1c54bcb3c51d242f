//! The result of a comparison.

use serde::Serialize;
use serde_json::Value as Json;

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is not there yet.
    Added,
    /// It goes.
    Removed,
    /// It stays, with other properties.
    Changed,
}

/// How much a change may hurt, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing can be lost: a new resource, a removed one without data, or a version-like resource
    /// (a task definition) whose replacement is how it is changed.
    Benign,
    /// Updated in place.
    InPlace,
    /// CloudFormation decides by the values whether it is replaced.
    MayReplace,
    /// A new one is made, then the old one goes.
    Replaces,
    /// Data goes with the resource.
    DataLoss,
}

/// A property that changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PropertyChange {
    /// Such as `ContainerDefinitions[web].Image`; list items that have a name stand by it.
    pub path: String,
    /// Value before; `None` where there was none.
    pub before: Option<Json>,
    /// Value after; `None` where there is none.
    pub after: Option<Json>,
    /// What this property's change alone means for the resource.
    pub verdict: Verdict,
    /// Logical id of the resource whose replacement changes this value, where that is the cause:
    /// `before` and `after` are then the same reference.
    pub because_of: Option<String>,
}

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceChange {
    /// Logical id.
    pub logical_id: String,
    /// Such as `AWS::ECS::Service`.
    pub resource_type: String,
    /// In plain words ([`crate::describe::describe`]).
    pub description: String,
    /// Added, removed or changed.
    pub change: Change,
    /// How much it may hurt: the worst of its properties.
    pub verdict: Verdict,
    /// A new physical resource takes its place (also for benign replacements).
    pub replaced: bool,
    /// The old resource stays outside the stack, because a policy retains it (or a snapshot).
    pub retained: bool,
    /// A policy allows more than before: actions, resources, principals or fewer conditions.
    pub iam_widening: bool,
    /// It is updated in place, but does not answer for a while ("Some interruptions").
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupts: bool,
    /// Property that holds a name of its own (`QueueName`) which the replacement would have to
    /// share with what it replaces: CloudFormation refuses such an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_clash: Option<String>,
    /// Properties, in template order; empty for added and removed resources.
    pub properties: Vec<PropertyChange>,
}

/// What an update of a stack does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TemplateDiff {
    /// Resources that change: added and changed ones in the order of the new template, then
    /// removed ones in the order of the old template.
    pub resources: Vec<ResourceChange>,
    /// Names of outputs that are added, removed or have another value.
    pub outputs: Vec<String>,
    /// Metadata, descriptions, policies or parameters differ although no resource changes.
    pub other: bool,
}

impl TemplateDiff {
    /// Returns true when an update would touch no resource and no output.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// Returns the worst verdict; `None` where no resource changes.
    pub fn worst(&self) -> Option<Verdict> {
        self.resources.iter().map(|change| change.verdict).max()
    }

    /// Returns the change of a resource.
    pub fn get(&self, logical_id: &str) -> Option<&ResourceChange> {
        self.resources.iter().find(|change| change.logical_id == logical_id)
    }
}
