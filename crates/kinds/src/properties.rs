//! Typed reading of `Properties`: CloudFormation's own names, checked against a table.

use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_yaml::Node;

use crate::codes;
use crate::shape;

/// Type of a property.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A whole number in a range.
    Number(i64, i64),
    /// `true` or `false`.
    Truth,
    /// Text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object with these properties.
    Object(&'static [Property]),
    /// A list of text.
    Texts,
    /// Anything; whoever reads it looks for itself.
    Any,
}

/// A property of a resource type.
#[derive(Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
}

/// Returns the value of a node as a property of this type; nothing where it does not fit.
pub(crate) fn value(node: &Node, kind: Type) -> Option<Value> {
    let text = node.as_str();
    match kind {
        Type::Number(least, most) => {
            let number = text?.parse::<i64>().ok()?;
            (least..=most).contains(&number).then_some(Value::Int(number))
        }
        Type::Truth => text?.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Type::Text => text.map(Value::from),
        Type::Word(words) => words.iter().find(|word| Some(**word) == text).map(|word| Value::from(*word)),
        Type::Texts => {
            let items: Option<Vec<Value>> =
                node.as_seq()?.iter().map(|item| item.as_str().map(Value::from)).collect();
            items.map(Value::List)
        }
        Type::Any => Some(shape::plain(node, &|_| None)),
        Type::Object(properties) => {
            let entries = node.as_map()?.iter().filter_map(|entry| {
                let property = properties.iter().find(|property| property.name == entry.key.text)?;
                Some((entry.key.text.clone(), value(&entry.value, property.kind)?))
            });
            Some(Value::Map(entries.collect()))
        }
    }
}

fn expected(kind: Type) -> String {
    match kind {
        Type::Number(least, most) => format!("a whole number from {least} to {most}"),
        Type::Truth => "true or false".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Word(words) => format!("one of {}", words.join(", ")),
        Type::Object(_) => "a mapping".to_owned(),
        Type::Texts => "a list of text".to_owned(),
        Type::Any => "anything".to_owned(),
    }
}

/// Reports every unknown property and every value that does not fit.
pub(crate) fn check(what: &str, node: &Node, table: &'static [Property], sink: &mut Sink) {
    let Some(map) = node.as_map() else {
        if !node.is_null() {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("{what} must be a mapping, not {}", node.describe()),
                )
                .label(node.span, "a mapping is expected here"),
            );
        }
        return;
    };
    for entry in map.iter() {
        let name = &entry.key.text;
        let Some(property) = table.iter().find(|property| property.name == name) else {
            let finding =
                Diagnostic::error(codes::UNKNOWN_PROPERTY, format!("unknown property `{name}` in {what}"))
                    .label(entry.key.span, "CloudFormation has no such property here");
            sink.push(match nearest(name, table.iter().map(|property| property.name)) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).fix(entry.key.span, near),
                None => {
                    let names: Vec<&str> = table.iter().map(|property| property.name).collect();
                    finding.help(format!("there are {}", names.join(", ")))
                }
            });
            continue;
        };
        if let Type::Object(inner) = property.kind
            && entry.value.as_map().is_some()
        {
            check(&format!("`{name}` of {what}"), &entry.value, inner, sink);
        } else if value(&entry.value, property.kind).is_none() {
            let found = entry
                .value
                .as_str()
                .map_or_else(|| entry.value.describe().to_owned(), |text| format!("`{text}`"));
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("`{name}` of {what} must be {}, not {found}", expected(property.kind)),
                )
                .label(entry.value.span, format!("expected {}", expected(property.kind))),
            );
        }
    }
}
