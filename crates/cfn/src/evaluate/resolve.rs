//! Physical ids and attributes of resources.

use indexmap::IndexMap;

/// Knows the resources of a stack that are there already.
pub trait Resolve: Send + Sync {
    /// Returns what `Ref` of a resource gives, its physical id as a rule.
    fn reference(&self, logical_id: &str) -> Option<String>;

    /// Returns what `Fn::GetAtt` of a resource gives.
    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<String>;

    /// Returns an attribute that is a list, such as `DnsEntries` of a VPC endpoint; asked before
    /// [`Resolve::attribute`].
    fn attribute_list(&self, _logical_id: &str, _attribute: &str) -> Option<Vec<String>> {
        None
    }

    /// Returns the value behind a parameter of type `AWS::SSM::Parameter::Value<…>`.
    fn ssm_parameter(&self, _name: &str) -> Option<String> {
        None
    }
}

/// A [`Resolve`] made of maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownResources {
    references: IndexMap<String, String>,
    attributes: IndexMap<String, IndexMap<String, String>>,
}

impl KnownResources {
    /// Sets the physical id of a resource.
    pub fn set_reference(&mut self, logical_id: impl Into<String>, value: impl Into<String>) {
        self.references.insert(logical_id.into(), value.into());
    }

    /// Sets an attribute of a resource.
    pub fn set_attribute(
        &mut self,
        logical_id: impl Into<String>,
        attribute: impl Into<String>,
        value: impl Into<String>,
    ) {
        self.attributes.entry(logical_id.into()).or_default().insert(attribute.into(), value.into());
    }

    /// Forgets a resource and its attributes.
    pub fn remove(&mut self, logical_id: &str) {
        self.references.shift_remove(logical_id);
        self.attributes.shift_remove(logical_id);
    }
}

impl Resolve for KnownResources {
    fn reference(&self, logical_id: &str) -> Option<String> {
        self.references.get(logical_id).cloned()
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<String> {
        self.attributes.get(logical_id)?.get(attribute).cloned()
    }
}
