//! A template.

use indexmap::IndexMap;

use crate::Value;

/// A parameter of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Such as `String` or `List<AWS::EC2::Subnet::Id>`.
    pub kind: String,
    /// Value when none is given.
    pub default: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Everything else (`AllowedValues`, `NoEcho`, …).
    pub extra: IndexMap<String, Value>,
}

/// A resource of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Such as `AWS::SQS::Queue`.
    pub kind: String,
    /// Its properties: [`Value::Map`], empty where there are none.
    pub properties: IndexMap<String, Value>,
    /// Logical ids that must be there before it, beyond those that it refers to.
    pub depends_on: Vec<String>,
    /// Condition name.
    pub condition: Option<String>,
    /// `Delete`, `Retain`, `Snapshot` or `RetainExceptOnCreate`.
    pub deletion_policy: Option<String>,
    /// `Delete`, `Retain` or `Snapshot`.
    pub update_replace_policy: Option<String>,
    /// Everything else (`Metadata`, `CreationPolicy`, …).
    pub extra: IndexMap<String, Value>,
}

impl Resource {
    /// Returns a resource of a type, without properties.
    pub fn new(kind: impl Into<String>) -> Self {
        Resource {
            kind: kind.into(),
            properties: IndexMap::new(),
            depends_on: Vec::new(),
            condition: None,
            deletion_policy: None,
            update_replace_policy: None,
            extra: IndexMap::new(),
        }
    }

    /// Sets a property; [`Value::Null`] leaves it out.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if value != Value::Null {
            self.properties.insert(name.to_owned(), value);
        }
        self
    }

    /// Sets both deletion policies.
    #[must_use]
    pub fn retained(mut self, policy: &str) -> Self {
        self.deletion_policy = Some(policy.to_owned());
        self.update_replace_policy = Some(policy.to_owned());
        self
    }
}

/// An output of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its value.
    pub value: Value,
    /// What it is.
    pub description: Option<String>,
    /// Condition name.
    pub condition: Option<String>,
    /// Export name.
    pub export: Option<Value>,
}

/// A template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// What the stack is.
    pub description: Option<String>,
    /// `Metadata`.
    pub metadata: IndexMap<String, Value>,
    /// `Parameters`.
    pub parameters: IndexMap<String, Parameter>,
    /// `Mappings`.
    pub mappings: IndexMap<String, Value>,
    /// `Conditions`.
    pub conditions: IndexMap<String, Value>,
    /// `Transform`.
    pub transform: Option<Value>,
    /// `Resources`.
    pub resources: IndexMap<String, Resource>,
    /// `Outputs`.
    pub outputs: IndexMap<String, Output>,
}
