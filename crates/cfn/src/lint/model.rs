//! The template's names, ready to be looked up.

use std::collections::BTreeMap;

use crate::schema::ResourceType;
use crate::schema::resource_type;
use crate::source::Entry;
use crate::source::Node;

/// A resource of the template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    pub(super) id: &'a str,
    pub(super) entry: &'a Entry,
    /// Empty where `Type` is missing or no string.
    pub(super) kind: &'a str,
    pub(super) properties: Option<&'a Node>,
    /// `None` for custom resources, modules and unknown types.
    pub(super) schema: Option<&'static ResourceType>,
}

impl<'a> Resource<'a> {
    /// Returns a property at a path of keys.
    pub(super) fn get(&self, path: &str) -> Option<&'a Node> {
        self.properties?.at(path).filter(|node| !node.is_no_value())
    }

    /// Returns the text of a property.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        self.get(path)?.as_str()
    }
}

/// All names of a template.
#[derive(Debug, Default)]
pub(super) struct Model<'a> {
    pub(super) parameters: BTreeMap<&'a str, &'a Entry>,
    pub(super) mappings: BTreeMap<&'a str, &'a Entry>,
    pub(super) conditions: BTreeMap<&'a str, &'a Entry>,
    pub(super) resources: BTreeMap<&'a str, Resource<'a>>,
    /// Logical ids in file order.
    pub(super) order: Vec<&'a str>,
    /// A macro or a loop may add names that are not here.
    pub(super) open: bool,
}

impl<'a> Model<'a> {
    pub(super) fn new(template: &'a Node) -> Self {
        let section = |name: &str| template.get(name).map_or(&[] as &[Entry], |node| node.entries());
        let named = |name: &str| section(name).iter().map(|entry| (entry.key.as_str(), entry)).collect();
        let mut model = Model {
            parameters: named("Parameters"),
            mappings: named("Mappings"),
            conditions: named("Conditions"),
            // `AWS::LanguageExtensions` adds functions, no names.
            open: template.get("Transform").is_some_and(|node| {
                let names = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
                names.iter().any(|name| name.as_str() != Some("AWS::LanguageExtensions"))
            }),
            ..Model::default()
        };
        for entry in section("Resources") {
            if entry.key.starts_with("Fn::") {
                model.open = true;
                continue;
            }
            let kind = entry.value.get("Type").and_then(Node::as_str).unwrap_or_default();
            let resource = Resource {
                id: &entry.key,
                entry,
                kind,
                properties: entry.value.get("Properties"),
                schema: resource_type(kind),
            };
            model.order.push(&entry.key);
            model.resources.insert(&entry.key, resource);
        }
        for name in ["Conditions", "Mappings", "Outputs"] {
            model.open |= section(name).iter().any(|entry| entry.key.starts_with("Fn::"));
        }
        model
    }

    /// Returns the resources of a type, in file order.
    pub(super) fn of_type(&self, kind: &str) -> Vec<Resource<'a>> {
        self.all().filter(|resource| resource.kind == kind).collect()
    }

    /// Returns all resources, in file order.
    pub(super) fn all(&self) -> impl Iterator<Item = Resource<'a>> {
        self.order.iter().filter_map(|id| self.resources.get(id)).copied()
    }

    /// Returns the resource that a value refers to.
    pub(super) fn target(&self, node: Option<&Node>) -> Option<Resource<'a>> {
        self.resources.get(node?.target()?).copied()
    }
}
