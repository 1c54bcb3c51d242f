//! A resource type.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::OnceLock;

use serde::Deserialize;

use super::Property;
use super::archive::SCHEMAS;
use super::property::groups;

/// A resource type as the registry describes it. Paths have dots and no list items
/// (`EncryptionConfiguration.KmsKey`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResourceType {
    /// Its properties.
    #[serde(rename = "p")]
    pub properties: BTreeMap<String, Property>,
    /// What `$ref` names.
    #[serde(rename = "d")]
    pub definitions: BTreeMap<String, Property>,
    /// Properties that must be there.
    #[serde(rename = "req")]
    pub required: Vec<String>,
    /// Paths whose change replaces the resource.
    #[serde(rename = "co")]
    pub create_only: Vec<String>,
    /// Paths whose change replaces it in some cases.
    #[serde(rename = "cc")]
    pub conditional_create_only: Vec<String>,
    /// Paths of which the two sources say different things: they may replace.
    #[serde(rename = "ck")]
    pub disputed: Vec<String>,
    /// Paths that only the resource sets.
    #[serde(rename = "ro")]
    pub read_only: Vec<String>,
    /// Paths that cannot be read back.
    #[serde(rename = "wo")]
    pub write_only: Vec<String>,
    /// Paths that should not be used any more.
    #[serde(rename = "dep")]
    pub deprecated: Vec<String>,
    /// What `Ref` returns, where that is one property.
    #[serde(rename = "pid")]
    pub identifier: Vec<String>,
    /// Attribute of `Fn::GetAtt` → letter of its JSON type, empty where it is not known. A name
    /// that ends with `*` stands for all that start so.
    #[serde(rename = "att")]
    pub attributes: BTreeMap<String, String>,
    /// Exactly one of these properties is there.
    #[serde(rename = "xor", deserialize_with = "groups")]
    pub exactly_one: Vec<Vec<String>>,
    /// At least one of these properties is there.
    #[serde(rename = "or", deserialize_with = "groups")]
    pub at_least_one: Vec<Vec<String>>,
    /// Property → properties that must not be beside it.
    #[serde(rename = "dx")]
    pub excludes: BTreeMap<String, Vec<String>>,
    /// Property → properties that must be beside it.
    #[serde(rename = "dr")]
    pub requires: BTreeMap<String, Vec<String>>,
    /// Data goes when it goes.
    #[serde(rename = "st")]
    pub stateful: bool,
    /// Path → `Type.Property`, what it refers to. Not complete: an ARN may stand where only the
    /// name is listed.
    #[serde(rename = "rel")]
    pub relations: BTreeMap<String, Vec<String>>,
    /// `create_then_delete` or `delete_then_create`.
    #[serde(rename = "rs")]
    pub replacement_strategy: Option<String>,
}

/// One cell for each type of the index.
static TYPES: LazyLock<Vec<OnceLock<ResourceType>>> =
    LazyLock::new(|| (0..SCHEMAS.names().len()).map(|_| OnceLock::new()).collect());

/// Returns an AWS resource type, unpacked at the first call; `None` for one that AWS does not have.
pub fn resource_type(name: &str) -> Option<&'static ResourceType> {
    let position = SCHEMAS.position(name)?;
    #[expect(clippy::expect_used, reason = "the data is part of the crate and a test reads all of it")]
    let read = || serde_json::from_slice(SCHEMAS.text(position)).expect("a resource type");
    Some(TYPES[position].get_or_init(read))
}

/// Returns the names of all AWS resource types, sorted.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    SCHEMAS.names()
}

/// Returns the type that a misspelt name probably means.
pub fn nearest_type(name: &str) -> Option<&'static str> {
    seaway_diag::nearest(name, SCHEMAS.names())
}

impl ResourceType {
    /// Returns true when a change of the property at a path always replaces the resource.
    pub fn replaces(&self, path: &str) -> bool {
        self.create_only.iter().any(|listed| covers(listed, path))
    }

    /// Returns what a property schema says after its `$ref`s are followed.
    pub fn resolve<'a>(&'a self, property: &'a Property) -> &'a Property {
        let mut property = property;
        // A definition that refers to itself is not in the data, but must not hang.
        for _ in 0..8 {
            let Some(name) = &property.reference else { break };
            let target = match name.strip_prefix('#') {
                Some(name) => self.properties.get(name),
                None => self.definitions.get(name),
            };
            match target {
                Some(target) => property = target,
                None => break,
            }
        }
        property
    }

    /// Returns the schema of a path; list items are stepped into.
    pub fn property(&self, path: &str) -> Option<&Property> {
        let mut parts = path.split('.');
        let mut property = self.resolve(self.properties.get(parts.next()?)?);
        for part in parts {
            while let Some(items) = &property.items {
                property = self.resolve(items);
            }
            let of_choice = || {
                let choices = property.any_of.iter().chain(&property.one_of).chain(&property.all_of);
                choices.map(|choice| self.resolve(choice)).find_map(|choice| choice.properties.get(part))
            };
            property = self.resolve(property.properties.get(part).or_else(of_choice)?);
        }
        Some(property)
    }

    /// Returns the letter of an attribute's JSON type (empty where it is not known); `None` for an
    /// attribute that the type does not have.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        if let Some(kind) = self.attributes.get(name) {
            return Some(kind);
        }
        let matches = |pattern: &str| pattern.strip_suffix('*').is_some_and(|start| name.starts_with(start));
        self.attributes.iter().find(|(pattern, _)| matches(pattern)).map(|(_, kind)| kind.as_str())
    }
}

/// Returns true when `listed` is `path` or around it.
fn covers(listed: &str, path: &str) -> bool {
    path.strip_prefix(listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read() {
        let mut properties = 0;
        for name in type_names() {
            let kind = resource_type(name).unwrap();
            properties += kind.properties.len();
            for property in kind.properties.values() {
                if let Some(reference) = &property.reference {
                    assert!(kind.resolve(property).reference.is_none(), "{name}: {reference}");
                }
            }
        }
        assert!(properties > 15_000, "{properties}");
        assert!(resource_type("AWS::SQS::Nothing").is_none());
    }

    #[test]
    fn paths_and_attributes() {
        let task = resource_type("AWS::ECS::TaskDefinition").unwrap();
        assert!(task.property("ContainerDefinitions.HealthCheck.Interval").unwrap().kinds.allows('i'));
        assert!(task.property("ContainerDefinitions").unwrap().unordered);
        assert!(task.property("ContainerDefinitions.Nothing").is_none());
        assert_eq!(task.attribute("TaskDefinitionArn"), Some("s"));
        assert_eq!(task.attribute("Arn"), None);
        let stack = resource_type("AWS::CloudFormation::Stack").unwrap();
        assert_eq!(stack.attribute("Outputs.Anything"), Some(""));
        let service = resource_type("AWS::ECS::Service").unwrap();
        assert_eq!(service.identifier, ["ServiceArn"]);
        assert!(service.replaces("ServiceName") && !service.replaces("LaunchType"));
        assert!(service.disputed.contains(&"LaunchType".to_owned()));
        assert!(resource_type("AWS::SQS::Queue").unwrap().stateful);
    }

    #[test]
    fn names_nearby() {
        for (name, expected) in [
            ("AWS::ECS::Servce", Some("AWS::ECS::Service")),
            ("AWS::Sqs::Queue", Some("AWS::SQS::Queue")),
            ("AWS::Nowhere::Nothing", None),
        ] {
            assert_eq!(nearest_type(name), expected, "{name}");
        }
    }
}
