//! What all kinds do the same way: the main resource from properties, defaults, tags, policies.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_model::Resource;
use seaway_yaml::Node;

use crate::Facts;
use crate::Kind;
use crate::Lasting;
use crate::Reference;
use crate::Source;
use crate::Synth;
use crate::Tagging;
use crate::reference;
use crate::shape;

/// Returns the value of an attribute by the table.
pub(crate) fn attribute(facts: &Facts, id: &str, name: &str) -> Option<Value> {
    let found = facts.attributes.iter().find(|attribute| attribute.name == name)?;
    Some(match found.source {
        Source::Ref => Value::reference(id),
        Source::Att(attribute) => Value::get_att(id, attribute),
        Source::ChildAtt(child, attribute) => Value::get_att(format!("{id}{child}"), attribute),
        Source::ChildRef(child) => Value::reference(format!("{id}{child}")),
        Source::Text(text) => Value::sub(text.replace("{id}", id)),
    })
}

/// Returns all references in what the user wrote about a resource.
pub(crate) fn references(resource: &Resource) -> Vec<Reference> {
    let mut found = Vec::new();
    let extra = resource.extra.values().map(|extension| &extension.node);
    let parts = [&resource.properties, &resource.macro_parameters, &resource.settings];
    for node in parts.into_iter().flatten().chain(extra) {
        reference::collect(node, &mut found);
    }
    found.retain(|reference| reference.module != resource.module || reference.name != resource.name.value);
    found
}

/// Returns the main resource.
pub(crate) fn main<K: Kind + ?Sized>(kind: &K, input: &Synth<'_>) -> seaway_cfn::Resource {
    let facts = kind.facts();
    let resource_type = kind.resource_type(input.resource);
    let mut made = seaway_cfn::Resource::new(resource_type);
    if let Some(node) = &input.resource.properties {
        made.properties = shape::values(resource_type, node, input.value_of);
    }
    for (name, json) in facts.defaults {
        if !made.properties.contains_key(*name)
            && let Ok(json) = serde_json::from_str(json)
            && let Ok(value) = Value::from_json(&json)
        {
            made.properties.insert((*name).to_owned(), value);
        }
    }
    tag(&mut made, facts.tagging, input.tags);
    match facts.lasting {
        Lasting::Nothing => made,
        _ if !retained(input) => made.retained("Delete"),
        Lasting::Retain => made.retained("Retain"),
        Lasting::Snapshot => made.retained("Snapshot"),
    }
}

/// Adds our tags; those that the user wrote on the resource win.
pub(crate) fn tag(made: &mut seaway_cfn::Resource, tagging: Tagging, tags: &Value) {
    let ours = tags.as_list().unwrap_or_default();
    match tagging {
        Tagging::None => {}
        Tagging::List(property) => {
            let mut all = match made.properties.shift_remove(property) {
                Some(Value::List(items)) => items,
                _ => Vec::new(),
            };
            for item in ours {
                if !all.iter().any(|known| known.get("Key") == item.get("Key")) {
                    all.push(item.clone());
                }
            }
            if !all.is_empty() {
                made.properties.insert(property.to_owned(), Value::List(all));
            }
        }
        Tagging::Map(property) => {
            let mut all = match made.properties.shift_remove(property) {
                Some(Value::Map(map)) => map,
                _ => IndexMap::new(),
            };
            for item in ours {
                if let (Some(key), Some(value)) = (item.get("Key").and_then(Value::as_str), item.get("Value"))
                {
                    all.entry(key.to_owned()).or_insert_with(|| value.clone());
                }
            }
            if !all.is_empty() {
                made.properties.insert(property.to_owned(), Value::Map(all));
            }
        }
    }
}

/// Returns true when the data outlives the stack: `Settings.Retain`, else by the environment.
pub(crate) fn retained(input: &Synth<'_>) -> bool {
    truth(setting(input.resource, "Retain")).unwrap_or(!input.disposable)
}

/// Returns an entry of `Settings`.
pub(crate) fn setting<'a>(resource: &'a Resource, name: &str) -> Option<&'a Node> {
    entry(resource.settings.as_ref(), name)
}

/// Returns an entry of `MacroParameters`.
pub(crate) fn macro_parameter<'a>(resource: &'a Resource, name: &str) -> Option<&'a Node> {
    entry(resource.macro_parameters.as_ref(), name)
}

/// Returns an entry of `Properties`.
pub(crate) fn property<'a>(resource: &'a Resource, name: &str) -> Option<&'a Node> {
    entry(resource.properties.as_ref(), name)
}

fn entry<'a>(node: Option<&'a Node>, name: &str) -> Option<&'a Node> {
    node?.as_map()?.get(name).filter(|node| !node.is_null())
}

/// Returns a truth value.
pub(crate) fn truth(node: Option<&Node>) -> Option<bool> {
    node?.as_str()?.to_ascii_lowercase().parse().ok()
}

/// Returns text.
pub(crate) fn text(node: Option<&Node>) -> Option<&str> {
    node?.as_str()
}

/// Returns an object from text keys, leaving out nulls.
pub(crate) fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::map(entries)
}

/// Returns a policy document.
pub(crate) fn document(statements: Vec<Value>) -> Value {
    object([("Version", Value::from("2012-10-17")), ("Statement", Value::List(statements))])
}
