//! Shapes of resource types: which properties there are, checked and turned into values.
//!
//! The table is `data/types.json`, made by `tools/kinds_types.py`.

use std::sync::OnceLock;

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_model::Resource;
use seaway_yaml::Node;
use seaway_yaml::Value as Yaml;
use serde_json::Value as Json;

use crate::Facts;
use crate::Reference;
use crate::codes;
use crate::properties;
use crate::reference;

/// All shapes by type.
fn types() -> &'static Json {
    static TYPES: OnceLock<Json> = OnceLock::new();
    // A test proves that the text parses.
    TYPES.get_or_init(|| serde_json::from_str(include_str!("../data/types.json")).unwrap_or_default())
}

/// The shape of a type, and the definitions that it refers to.
#[derive(Clone, Copy)]
struct Shape<'a> {
    entry: &'a Json,
    definitions: &'a Json,
}

impl<'a> Shape<'a> {
    fn of_type(name: &str) -> Option<Shape<'static>> {
        let entry = types().get(name)?;
        Some(Shape { entry, definitions: entry.get("d")? })
    }

    /// Follows names of definitions.
    fn resolved(self) -> Self {
        let mut shape = self;
        for _ in 0..8 {
            let Some(name) = shape.entry.as_str().and_then(|text| text.strip_prefix('#')) else { break };
            let Some(entry) = shape.definitions.get(name) else { break };
            shape.entry = entry;
        }
        shape
    }

    fn with(self, entry: &'a Json) -> Self {
        Shape { entry, ..self }
    }

    fn properties(self) -> Option<&'a serde_json::Map<String, Json>> {
        self.entry.get("p").and_then(Json::as_object)
    }
}

/// Checks everything that tables say about a resource.
pub(crate) fn check_resource(facts: &Facts, resource_type: &str, resource: &Resource, sink: &mut Sink) {
    let what = format!("`{}` of `{}`", resource.name.value, resource.module);
    if let (Some(node), Some(shape)) = (&resource.properties, Shape::of_type(resource_type)) {
        check(&format!("{what} ({resource_type})"), node, shape, sink);
    }
    for (name, node, table) in [
        ("MacroParameters", &resource.macro_parameters, facts.macros),
        ("Settings", &resource.settings, facts.settings),
    ] {
        if let Some(node) = node {
            properties::check(&format!("`{name}` of {what}"), node, table, sink);
        }
    }
    for key in resource.extra.keys().filter(|key| !facts.keys.contains(&key.as_str())) {
        if let Some(extension) = resource.extra.get(key) {
            let finding =
                Diagnostic::error(codes::UNKNOWN_PROPERTY, format!("unknown key `{key}` in {what}"))
                    .label(extension.key_span, "not a key of this section");
            let mut known: Vec<&str> =
                vec!["Properties", "MacroParameters", "Settings", "Lookup", "Services"];
            known.extend(facts.keys);
            sink.push(match nearest(key, known.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).fix(extension.key_span, near),
                None => finding.help(format!("it may hold {}", known.join(", "))),
            });
        }
    }
}

/// Returns true for a node that is an intrinsic function.
fn is_intrinsic(node: &Node) -> bool {
    if node.tag.is_some() {
        return true;
    }
    let Some(map) = node.as_map() else { return false };
    map.len() == 1 && map.iter().all(|entry| entry.key.text == "Ref" || entry.key.text.starts_with("Fn::"))
}

fn check(what: &str, node: &Node, shape: Shape<'_>, sink: &mut Sink) {
    if is_intrinsic(node) || node.is_null() {
        return;
    }
    let shape = shape.resolved();
    if let Some(known) = shape.properties() {
        let Some(map) = node.as_map() else {
            sink.push(wrong(what, node, "a mapping"));
            return;
        };
        for entry in map.iter() {
            let name = &entry.key.text;
            if let Some(inner) = known.get(name) {
                check(&format!("`{name}` of {what}"), &entry.value, shape.with(inner), sink);
                continue;
            }
            let finding =
                Diagnostic::error(codes::UNKNOWN_PROPERTY, format!("unknown property `{name}` in {what}"))
                    .label(entry.key.span, "CloudFormation has no such property here");
            sink.push(match nearest(name, known.keys().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).fix(entry.key.span, near),
                None => {
                    let names: Vec<&str> = known.keys().map(String::as_str).collect();
                    finding.help(format!("there are {}", names.join(", ")))
                }
            });
        }
        return;
    }
    if let Some(items) = shape.entry.get("l") {
        match node.as_seq() {
            Some(nodes) => {
                for (index, item) in nodes.iter().enumerate() {
                    check(&format!("item {} of {what}", index + 1), item, shape.with(items), sink);
                }
            }
            None => sink.push(wrong(what, node, "a list")),
        }
        return;
    }
    if let Some(values) = shape.entry.get("m") {
        match node.as_map() {
            Some(map) => map.iter().for_each(|entry| {
                check(&format!("`{}` of {what}", entry.key.text), &entry.value, shape.with(values), sink);
            }),
            None => sink.push(wrong(what, node, "a mapping")),
        }
        return;
    }
    if let Some(expected) = scalar_expected(node, shape.entry) {
        sink.push(wrong(what, node, &expected));
    }
}

/// Returns what was expected instead of this node; `None` when it fits.
fn scalar_expected(node: &Node, entry: &Json) -> Option<String> {
    let text = node.as_str();
    let number = text.and_then(|text| text.parse::<i64>().ok());
    let unless = |fits: bool, expected: &str| (!fits).then(|| expected.to_owned());
    if let Some(words) = entry.get("e").and_then(Json::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
        let fits = text.is_some_and(|text| words.contains(&text) || reference::parse(text).is_some());
        return unless(fits, &format!("one of {}", words.join(", ")));
    }
    if let Some([least, most]) = entry.get("i").and_then(Json::as_array).map(Vec::as_slice) {
        let (least, most) = (least.as_i64().unwrap_or(i64::MIN), most.as_i64().unwrap_or(i64::MAX));
        return unless(
            number.is_some_and(|number| (least..=most).contains(&number)),
            &format!("a whole number from {least} to {most}"),
        );
    }
    match entry.as_str() {
        Some("s") => unless(text.is_some(), "text"),
        Some("i") => unless(number.is_some(), "a whole number"),
        Some("n") => unless(text.is_some_and(|text| text.parse::<f64>().is_ok()), "a number"),
        Some("b") => unless(text.and_then(truth).is_some(), "true or false"),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

fn wrong(what: &str, node: &Node, expected: &str) -> Diagnostic {
    let found = node.as_str().map_or_else(|| node.describe().to_owned(), |text| format!("`{text}`"));
    Diagnostic::error(codes::BAD_PROPERTY, format!("{what} must be {expected}, not {found}"))
        .label(node.span, format!("expected {expected}"))
}

/// Returns `Properties` as values of this type; references are answered by `value_of`.
pub(crate) fn values(
    resource_type: &str,
    node: &Node,
    value_of: &dyn Fn(&Reference) -> Option<Value>,
) -> IndexMap<String, Value> {
    let Some(shape) = Shape::of_type(resource_type) else { return IndexMap::new() };
    match value(node, shape, value_of) {
        Value::Map(map) => map,
        _ => IndexMap::new(),
    }
}

/// Returns a node as a value without knowing its shape: plain numbers and truth values are such.
pub fn plain(node: &Node, value_of: &dyn Fn(&Reference) -> Option<Value>) -> Value {
    let any = Json::from("j");
    value(node, Shape { entry: &any, definitions: &Json::Null }, value_of)
}

fn value(node: &Node, shape: Shape<'_>, value_of: &dyn Fn(&Reference) -> Option<Value>) -> Value {
    let shape = shape.resolved();
    if let Some(text) = node.as_str() {
        if let Some(found) = reference::pseudo(text) {
            return found;
        }
        if let Some(found) = reference::parse(text).and_then(|reference| value_of(&reference)) {
            return found;
        }
        match node.tag.as_deref() {
            Some("!Ref") => return Value::reference(text),
            Some("!Sub") => return Value::sub(text),
            _ => {}
        }
    }
    if is_intrinsic(node) {
        return Value::from_json(&node.to_json()).unwrap_or(Value::Null);
    }
    match &node.value {
        Yaml::Null => Value::Null,
        Yaml::Scalar(text, _) => scalar(node, text, shape.entry),
        Yaml::Seq(items) => {
            let inner = shape.entry.get("l").unwrap_or(&Json::Null);
            Value::List(items.iter().map(|item| value(item, shape.with(inner), value_of)).collect())
        }
        Yaml::Map(map) => Value::map(map.iter().map(|entry| {
            let name = entry.key.text.as_str();
            let inner = shape.properties().and_then(|known| known.get(name)).or_else(|| shape.entry.get("m"));
            (name.to_owned(), value(&entry.value, shape.with(inner.unwrap_or(&Json::Null)), value_of))
        })),
    }
}

fn scalar(node: &Node, text: &str, entry: &Json) -> Value {
    let number = || text.parse::<i64>().ok().map(Value::Int);
    let float = || text.parse::<f64>().ok().map(Value::Float);
    let known = match entry.as_str() {
        Some("s") => Some(Value::from(text)),
        Some("i") => number(),
        Some("n") => number().or_else(float),
        Some("b") => truth(text).map(Value::Bool),
        _ if entry.get("i").is_some() => number(),
        _ if entry.get("e").is_some() => Some(Value::from(text)),
        _ if node.is_number() => number().or_else(float),
        _ if node.is_bool() => truth(text).map(Value::Bool),
        _ => None,
    };
    known.unwrap_or_else(|| Value::from(text))
}

/// Returns the names of a type's properties, for the documentation.
pub fn property_names(resource_type: &str) -> Vec<&'static str> {
    Shape::of_type(resource_type)
        .and_then(Shape::properties)
        .map(|known| known.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_every_definition_is_there() {
        let all = types().as_object().unwrap();
        assert!(all.len() >= 30);
        fn walk(name: &str, entry: &Json, definitions: &Json) {
            match entry {
                Json::String(text) => {
                    if let Some(wanted) = text.strip_prefix('#') {
                        assert!(definitions.get(wanted).is_some(), "{name}: {wanted}");
                    }
                }
                Json::Object(map) => map.values().for_each(|inner| walk(name, inner, definitions)),
                _ => {}
            }
        }
        for (name, entry) in all {
            walk(name, &entry["p"], &entry["d"]);
            walk(name, &entry["d"], &entry["d"]);
        }
    }
}
