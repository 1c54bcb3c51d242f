//! Properties against the schema of their type.

use std::collections::BTreeMap;

use seaway_diag::nearest;

use super::codes;
use super::linter::Linter;
use super::linter::did_you_mean;
use super::linter::doubles;
use super::linter::help;
use super::model::Resource;
use super::place::Place;
use super::references;
use super::scalars;
use crate::schema::Property;
use crate::schema::ResourceType;
use crate::source::Content;
use crate::source::Entry;
use crate::source::Node;

/// What a schema says of an object, for a resource's properties and for what is inside of them.
struct Shape<'s> {
    properties: &'s BTreeMap<String, Property>,
    pattern_properties: &'s BTreeMap<String, Property>,
    additional: Option<&'s Property>,
    closed: bool,
    required: &'s [String],
    exactly_one: &'s [Vec<String>],
    at_least_one: &'s [Vec<String>],
    excludes: &'s BTreeMap<String, Vec<String>>,
    requires: &'s BTreeMap<String, Vec<String>>,
}

static NONE: BTreeMap<String, Property> = BTreeMap::new();

/// The resource and type that a check is in.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) resource: &'a Resource<'a>,
    pub(super) schema: &'static ResourceType,
}

pub(super) fn check<'a>(linter: &mut Linter<'a>, resource: &Resource<'a>) {
    let Some(schema) = resource.schema else { return };
    let root = Place::root("Resources");
    let at = root.key(resource.id);
    let place = at.key("Properties");
    let entries = match resource.properties {
        None => &[] as &[Entry],
        Some(node) if node.function().is_some() => return,
        Some(node) => node.entries(),
    };
    let custom = resource.kind == "AWS::CloudFormation::CustomResource";
    let shape = Shape {
        properties: &schema.properties,
        pattern_properties: &NONE,
        additional: None,
        closed: !custom,
        required: &schema.required,
        exactly_one: &schema.exactly_one,
        at_least_one: &schema.at_least_one,
        excludes: &schema.excludes,
        requires: &schema.requires,
    };
    let of = Of { resource, schema };
    let span = resource.entry.key_span;
    object(linter, &place, span, entries, &shape, of);
    for entry in entries {
        let only_read = schema.read_only.contains(&entry.key);
        if only_read && !schema.create_only.contains(&entry.key) && !schema.write_only.contains(&entry.key) {
            let message = format!("`{}` is set by {} itself", entry.key, resource.kind);
            linter.report(&codes::READ_ONLY, entry.key_span, &place.key(&entry.key), message);
        }
    }
}

fn object(
    linter: &mut Linter<'_>,
    place: &Place<'_>,
    span: Option<seaway_diag::Span>,
    entries: &[Entry],
    shape: &Shape<'_>,
    of: Of<'_>,
) {
    let there = |name: &str| entries.iter().any(|entry| entry.key == name && !entry.value.is_no_value());
    let kind = of.resource.kind;
    for entry in entries {
        let name = entry.key.as_str();
        let here = place.key(name);
        if let Some(property) = shape.properties.get(name) {
            value(linter, &here, &entry.value, property, of);
            continue;
        }
        if name.starts_with("Fn::") {
            continue;
        }
        let by_pattern =
            shape.pattern_properties.iter().find(|(pattern, _)| linter.patterns.matches(pattern, name));
        if let Some((_, property)) = by_pattern {
            value(linter, &here, &entry.value, property, of);
        } else if let Some(property) = shape.additional {
            value(linter, &here, &entry.value, property, of);
        } else if shape.closed {
            let near = nearest(name, shape.properties.keys().map(String::as_str));
            let message = format!("{kind} has no property `{}`", here_path(&here, name));
            let finding = linter.report(&codes::UNKNOWN_PROPERTY, entry.key_span, &here, message);
            did_you_mean(finding, near);
        }
    }
    // A transform may add anything.
    if entries.iter().any(|entry| entry.key.starts_with("Fn::")) {
        return;
    }
    for name in shape.required {
        if !there(name) {
            let message = format!("`{}` of {kind} is missing", here_path(&place.key(name), name));
            linter.report(&codes::REQUIRED, span, place, message);
        }
    }
    for group in shape.exactly_one {
        let count = group.iter().filter(|name| there(name)).count();
        if count != 1 {
            let what = if count == 0 { "one" } else { "only one" };
            let message = format!("{kind} needs {what} of {}", group.join(", "));
            linter.report(&codes::TOGETHER, span, place, message);
        }
    }
    for group in shape.at_least_one {
        if !group.iter().any(|name| there(name)) {
            let message = format!("{kind} needs at least one of {}", group.join(", "));
            linter.report(&codes::TOGETHER, span, place, message);
        }
    }
    for entry in entries.iter().filter(|entry| !entry.value.is_no_value()) {
        for other in shape.excludes.get(&entry.key).into_iter().flatten().filter(|other| there(other)) {
            let message = format!("`{}` must not stand beside `{other}`", entry.key);
            linter.report(&codes::TOGETHER, entry.key_span, &place.key(&entry.key), message);
        }
        for other in shape.requires.get(&entry.key).into_iter().flatten().filter(|other| !there(other)) {
            let message = format!("`{}` needs `{other}` beside it", entry.key);
            linter.report(&codes::TOGETHER, entry.key_span, &place.key(&entry.key), message);
        }
    }
}

/// Returns the path of a property for people; its name alone outside of `Resources`.
fn here_path(place: &Place<'_>, name: &str) -> String {
    let path = place.schema_path();
    if path.is_empty() { name.to_owned() } else { path }
}

/// Checks a value against what its schema says.
fn value(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, property: &Property, of: Of<'_>) {
    let outer = property;
    let property = of.schema.resolve(property);
    if let Some((name, argument)) = node.function() {
        if name == "Fn::If" {
            for (index, branch) in argument.items().iter().enumerate().skip(1) {
                if !branch.is_no_value() {
                    let function = place.key(name);
                    value(linter, &function.index(index), branch, property, of);
                }
            }
            return;
        }
        if !node.is_no_value() {
            references::check(linter, place, node, property, of);
        }
        return;
    }
    // `$ref` may stand beside other keywords.
    if !std::ptr::eq(outer, property) && outer.pattern.is_some() {
        scalars::check(linter, place, node, outer);
    }
    let kinds = property.kinds;
    match &node.content {
        Content::Null => {
            let message = "`null` is no value in a template".to_owned();
            linter.report(&codes::TYPE, node.span, place, message);
            return;
        }
        Content::List(items) if kinds.allows('a') => list(linter, place, node, items, property, of),
        Content::Map(entries) if kinds.allows('o') => {
            let shape = Shape {
                properties: &property.properties,
                pattern_properties: &property.pattern_properties,
                additional: property.additional.as_deref(),
                closed: property.is_closed(),
                required: &property.required,
                exactly_one: &property.exactly_one,
                at_least_one: &property.at_least_one,
                excludes: &property.excludes,
                requires: &property.requires,
            };
            object(linter, place, node.span, entries, &shape, of);
            let count = entries.len();
            if outside(count, property.min_entries, property.max_entries) {
                let bounds = bounds(property.min_entries, property.max_entries);
                linter.report(
                    &codes::ITEMS,
                    node.span,
                    place,
                    format!("{count} entries: {bounds} are allowed"),
                );
            }
        }
        Content::List(_) | Content::Map(_) => {
            let message =
                format!("`{}` is {}, not {}", here_path(place, "it"), kinds.words(), node.describe());
            linter.report(&codes::TYPE, node.span, place, message);
            return;
        }
        _ => scalars::check(linter, place, node, property),
    }
    for part in &property.all_of {
        value(linter, place, node, part, of);
    }
    alternatives(linter, place, node, property, of);
}

fn list(
    linter: &mut Linter<'_>,
    place: &Place<'_>,
    node: &Node,
    items: &[Node],
    property: &Property,
    of: Of<'_>,
) {
    if let Some(schema) = &property.items {
        for (index, item) in items.iter().enumerate() {
            value(linter, &place.index(index), item, schema, of);
        }
    }
    // What a function returns may be left out, or many.
    let fixed = items
        .iter()
        .all(|item| item.function().is_none_or(|(name, _)| name != "Fn::If" && !item.is_no_value()));
    if fixed && outside(items.len(), property.min_items, property.max_items) {
        let bounds = bounds(property.min_items, property.max_items);
        let message = format!("{} items in `{}`: {bounds} are allowed", items.len(), here_path(place, "it"));
        linter.report(&codes::ITEMS, node.span, place, message);
    }
    if property.unique {
        for (_, double) in doubles(items.iter().map(|item| (item.to_json().to_string(), item))) {
            let message = format!("the item is twice in `{}`", here_path(place, "it"));
            linter.report(&codes::ITEMS, double.span, place, message);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn outside(count: usize, minimum: Option<f64>, maximum: Option<f64>) -> bool {
    minimum.is_some_and(|minimum| (count as f64) < minimum)
        || maximum.is_some_and(|maximum| (count as f64) > maximum)
}

/// Returns `1 to 3`, `at least 1` or `at most 3`.
pub(super) fn bounds(minimum: Option<f64>, maximum: Option<f64>) -> String {
    match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => format!("{minimum} to {maximum}"),
        (Some(minimum), None) => format!("at least {minimum}"),
        (None, Some(maximum)) => format!("at most {maximum}"),
        (None, None) => "any number".to_owned(),
    }
}

/// `anyOf` and `oneOf`: at least one must hold.
fn alternatives(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, property: &Property, of: Of<'_>) {
    for (choices, exactly_one) in [(&property.any_of, false), (&property.one_of, true)] {
        if choices.is_empty() {
            continue;
        }
        let mut best: Option<Vec<seaway_diag::Diagnostic>> = None;
        let mut held = 0;
        for choice in choices {
            let found = linter.probe(|linter| value(linter, place, node, choice, of));
            if found.is_empty() {
                held += 1;
            } else if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                best = Some(found);
            }
        }
        let only_required =
            choices.iter().all(|choice| !choice.required.is_empty() && choice.properties.is_empty());
        if held == 0 {
            if only_required {
                let groups: Vec<String> =
                    choices.iter().map(|choice| choice.required.join(" with ")).collect();
                let message = format!("{} needs {}", of.resource.kind, groups.join(", or "));
                linter.report(&codes::TOGETHER, node.span, place, message);
            } else if let Some(best) = best {
                linter.findings.extend(best);
            }
        } else if held > 1 && exactly_one && only_required {
            let groups: Vec<String> = choices.iter().map(|choice| choice.required.join(" with ")).collect();
            let message = format!("{} takes only one of {}", of.resource.kind, groups.join(", "));
            let finding = linter.report(&codes::TOGETHER, node.span, place, message);
            help(finding, "leave all but one out");
        }
    }
}
