//! The project as data.

use seaway_yaml::Node;
use serde_json::Number;
use serde_json::Value;

use crate::Project;
use crate::normalised;

/// Returns the normalised project as Compose data: long forms, names, implicit networks and
/// dependencies, `x-…` keys at their places. Durations are written as `1m30s`, sizes in bytes.
pub fn to_value(project: &Project) -> Value {
    serde_json::to_value(normalised(project)).unwrap_or(Value::Null)
}

/// Returns [`to_value`] as YAML that the loader, and `docker compose`, read.
pub fn to_yaml(project: &Project) -> String {
    seaway_yaml::emit(&escaped(to_value(project)))
}

/// Returns any data as YAML; a `$` stays a `$`.
pub fn value_to_yaml(value: &Value) -> String {
    seaway_yaml::emit(value)
}

/// Returns a merged tree ([`crate::Loaded::merged`]) as data. A number that would not be written the
/// same way again (`0440`, `3.10`) is a text.
pub fn merged_to_value(node: &Node) -> Value {
    if let Some(items) = node.as_seq() {
        return items.iter().map(merged_to_value).collect();
    }
    if let Some(map) = node.as_map() {
        let entries = map.iter().map(|entry| (entry.key.text.clone(), merged_to_value(&entry.value)));
        return Value::Object(entries.collect());
    }
    match (node.to_json(), node.as_str()) {
        (Value::Number(number), Some(text)) if !same(&number, text) => Value::String(text.to_owned()),
        (value, _) => value,
    }
}

fn same(number: &Number, text: &str) -> bool {
    number.to_string() == text
}

/// A literal `$` would be read as the start of a variable.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('$', "$$")),
        Value::Array(items) => items.into_iter().map(escaped).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, escaped(value))).collect(),
        other => other,
    }
}
