//! Intrinsic functions: their arguments and the names in them.

use seaway_diag::nearest;

use super::codes;
use super::linter::Linter;
use super::linter::did_you_mean;
use super::linter::help;
use super::place::Place;
use crate::evaluate::Piece;
use crate::evaluate::pieces;
use crate::source::Content;
use crate::source::Entry;
use crate::source::Node;

const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Functions, and where they may stand: `true` in conditions and rules only.
const FUNCTIONS: [(&str, bool); 29] = [
    ("Fn::And", true),
    ("Fn::Base64", false),
    ("Fn::Cidr", false),
    ("Fn::Contains", true),
    ("Fn::EachMemberEquals", true),
    ("Fn::EachMemberIn", true),
    ("Fn::Equals", true),
    ("Fn::FindInMap", false),
    ("Fn::ForEach", false),
    ("Fn::GetAZs", false),
    ("Fn::GetAtt", false),
    ("Fn::GetStackOutput", false),
    ("Fn::If", false),
    ("Fn::Implies", true),
    ("Fn::ImportValue", false),
    ("Fn::Join", false),
    ("Fn::Length", false),
    ("Fn::Not", true),
    ("Fn::Or", true),
    ("Fn::RefAll", true),
    ("Fn::Select", false),
    ("Fn::Split", false),
    ("Fn::Sub", false),
    ("Fn::ToJsonString", false),
    ("Fn::Transform", false),
    ("Fn::ValueOf", true),
    ("Fn::ValueOfAll", true),
    ("Fn::IsIncluded", true),
    ("Ref", false),
];

/// What surrounds a value.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// The resource whose property it is.
    resource: Option<&'a str>,
    /// Conditions and rules: there are no resources.
    logic: bool,
    /// A condition decides whether it is there.
    guarded: bool,
    /// `${…}` has a meaning of its own here.
    verbatim: bool,
}

pub(super) fn check<'a>(linter: &mut Linter<'a>, template: &'a Node) {
    let model = linter.model;
    let nothing = Around { resource: None, logic: false, guarded: true, verbatim: true };
    for section in ["Conditions", "Rules"] {
        let around = Around { logic: true, ..nothing };
        for entry in entries(template, section) {
            value(linter, &Place::root(section).key(&entry.key), &entry.value, around);
        }
    }
    for name in ["Hooks", "Transform", "Metadata", "Globals"] {
        // Only names are of interest: these sections have rules of their own.
        if let Some(node) = template.get(name) {
            let found = linter.probe(|linter| value(linter, &Place::root(name), node, nothing));
            drop(found);
        }
    }
    for resource in model.all() {
        let root = Place::root("Resources");
        let place = root.key(resource.id);
        let guarded = resource.entry.value.get("Condition").is_some();
        let around = Around { resource: Some(resource.id), logic: false, guarded, verbatim: false };
        for entry in resource.entry.value.entries() {
            let around = Around { verbatim: entry.key == "Metadata", ..around };
            if entry.key != "Type" && entry.key != "DependsOn" && entry.key != "Condition" {
                value(linter, &place.key(&entry.key), &entry.value, around);
            }
        }
    }
    for entry in entries(template, "Outputs") {
        let guarded = entry.value.get("Condition").is_some();
        let around = Around { resource: None, logic: false, guarded, verbatim: false };
        for item in entry.value.entries() {
            if item.key == "Value" || item.key == "Export" {
                value(linter, &Place::root("Outputs").key(&entry.key).key(&item.key), &item.value, around);
            }
        }
    }
    for entry in entries(template, "Resources").iter().filter(|entry| entry.key.starts_with("Fn::")) {
        let around = Around { guarded: true, verbatim: true, ..nothing };
        let found = linter.probe(|linter| value(linter, &Place::root("Resources"), &entry.value, around));
        drop(found);
    }
}

fn entries<'a>(template: &'a Node, section: &str) -> &'a [Entry] {
    template.get(section).map_or(&[], |node| node.entries())
}

fn value<'a>(linter: &mut Linter<'a>, place: &Place<'_>, node: &'a Node, around: Around<'a>) {
    match &node.content {
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                value(linter, &place.index(index), item, around);
            }
        }
        Content::Map(entries) => map(linter, place, node, entries, around),
        Content::String(text) if !around.verbatim => literal(linter, place, node, text),
        _ => {}
    }
}

fn map<'a>(
    linter: &mut Linter<'a>,
    place: &Place<'_>,
    node: &'a Node,
    entries: &'a [Entry],
    around: Around<'a>,
) {
    if let [only] = entries {
        if only.key == "Ref" || only.key.starts_with("Fn::") {
            function(
                linter,
                &place.key(&only.key),
                node.span.or(only.key_span),
                &only.key,
                &only.value,
                around,
            );
            return;
        }
        if around.logic && only.key == "Condition" {
            condition(linter, place, &only.value);
            return;
        }
    }
    for entry in entries {
        let loops = entry.key.starts_with("Fn::ForEach::") || entry.key == "Fn::Transform";
        if entry.key.starts_with("Fn::") && !loops && entries.len() > 1 {
            let message = format!("`{}` must be the only key of its object", entry.key);
            linter.report(&codes::FUNCTION, entry.key_span, &place.key(&entry.key), message);
        }
        let definition = matches!(entry.key.as_str(), "DefinitionString" | "Definition" | "UserData");
        let around = Around { verbatim: around.verbatim || definition || loops, ..around };
        value(linter, &place.key(&entry.key), &entry.value, around);
    }
}

/// A text outside of functions.
fn literal(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, text: &str) {
    if !text.contains("${") {
        return;
    }
    for piece in pieces(text) {
        let Piece::Name(name) = piece else { continue };
        let resource = name.split_once('.').map_or(name, |(resource, _)| resource);
        let model = linter.model;
        if PSEUDO.contains(&name)
            || model.parameters.contains_key(name)
            || model.resources.contains_key(resource)
        {
            let message = format!("`${{{name}}}` is not substituted outside of `Fn::Sub`");
            linter.report(&codes::NOT_SUBSTITUTED, node.span, place, message);
        }
    }
}

fn condition<'a>(linter: &mut Linter<'a>, place: &Place<'_>, node: &'a Node) {
    let Some(name) = node.as_str() else {
        linter.report(&codes::FUNCTION, node.span, place, "expected the name of a condition");
        return;
    };
    linter.uses.conditions.insert(name);
    if !linter.model.conditions.contains_key(name) && !linter.model.open {
        let near = nearest(name, linter.model.conditions.keys().copied());
        let message = format!("the template has no condition `{name}`");
        did_you_mean(linter.report(&codes::UNKNOWN_CONDITION, node.span, place, message), near);
    }
}

fn function<'a>(
    linter: &mut Linter<'a>,
    place: &Place<'_>,
    span: Option<seaway_diag::Span>,
    name: &'a str,
    argument: &'a Node,
    around: Around<'a>,
) {
    let base = name.strip_prefix("Fn::ForEach::").map_or(name, |_| "Fn::ForEach");
    match FUNCTIONS.iter().find(|(known, _)| *known == base) {
        None => {
            let message = format!("CloudFormation has no function `{name}`");
            let near = nearest(name, FUNCTIONS.iter().map(|row| row.0));
            did_you_mean(linter.report(&codes::FUNCTION, span, place, message), near);
        }
        Some((_, true)) if !around.logic => {
            let message = format!("`{name}` may only stand in `Conditions` and `Rules`");
            let finding = linter.report(&codes::FUNCTION, span, place, message);
            help(finding, "name the condition in `Conditions` and use `Fn::If`");
        }
        Some(_) => {}
    }
    let expected = match base {
        "Ref" => {
            match argument.as_str() {
                Some(name) => reference(linter, place, argument, name, around),
                None => report_shape(linter, place, argument, "Ref", "the name of a parameter or resource"),
            }
            return;
        }
        "Fn::GetAtt" => return get_att(linter, place, argument, around),
        "Fn::Sub" => return sub(linter, place, argument, around),
        "Fn::ForEach" | "Fn::Transform" => {
            let around = Around { verbatim: true, ..around };
            let found = linter.probe(|linter| value(linter, place, argument, around));
            drop(found);
            return;
        }
        "Fn::If" => {
            if let [name, then, otherwise] = argument.items() {
                condition(linter, place, name);
                let around = Around { guarded: true, ..around };
                value(linter, &place.index(1), then, around);
                value(linter, &place.index(2), otherwise, around);
                return;
            }
            Some("a list of a condition's name and two values")
        }
        "Fn::FindInMap" => {
            find_in_map(linter, place, argument);
            None
        }
        "Fn::Select" => match argument.items() {
            [index, list] => {
                if let (Some(number), Content::List(items)) = (index.as_i64(), &list.content)
                    && !usize::try_from(number).is_ok_and(|number| number < items.len())
                {
                    let message = format!("there is no item {number} in a list of {}", items.len());
                    linter.report(&codes::FUNCTION, index.span, place, message);
                }
                None
            }
            _ => Some("a list of an index and a list"),
        },
        "Fn::Join" => match argument.items() {
            [delimiter, list] if delimiter.as_str().is_some() => match &list.content {
                Content::List(_) | Content::Map(_) => None,
                _ => Some("a list of a delimiter and a list"),
            },
            _ => Some("a list of a delimiter and a list"),
        },
        "Fn::Split" => match argument.items() {
            [delimiter, _] if delimiter.as_str().is_some_and(|text| !text.is_empty()) => None,
            _ => Some("a list of a delimiter and a text"),
        },
        "Fn::Cidr" => match argument.items() {
            [_, count] | [_, count, _] => {
                if count.as_i64().is_some_and(|count| !(1..=256).contains(&count)) {
                    linter.report(&codes::FUNCTION, count.span, place, "`Fn::Cidr` makes 1 to 256 blocks");
                }
                None
            }
            _ => Some("a list of a block, a count and the host bits"),
        },
        "Fn::Equals" if argument.items().len() != 2 => Some("a list of two values"),
        "Fn::Not" if argument.items().len() != 1 => Some("a list of one condition"),
        "Fn::And" | "Fn::Or" if !(2..=10).contains(&argument.items().len()) => {
            Some("a list of 2 to 10 conditions")
        }
        "Fn::ImportValue" | "Fn::Base64" | "Fn::GetAZs" => match &argument.content {
            Content::String(_) | Content::Map(_) => None,
            _ => Some("a text"),
        },
        _ => None,
    };
    if let Some(expected) = expected {
        report_shape(linter, place, argument, name, expected);
    }
    value(linter, place, argument, around);
}

fn report_shape(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, name: &str, expected: &str) {
    linter.report(&codes::FUNCTION, node.span, place, format!("`{name}` takes {expected}"));
}

fn reference<'a>(
    linter: &mut Linter<'a>,
    place: &Place<'_>,
    node: &'a Node,
    name: &'a str,
    around: Around<'a>,
) {
    let model = linter.model;
    if model.parameters.contains_key(name) {
        linter.uses.parameters.insert(name);
    } else if model.resources.contains_key(name) {
        target(linter, place, node, name, around);
    } else if !PSEUDO.contains(&name) && !model.open {
        let all = model.parameters.keys().chain(model.resources.keys()).copied().chain(PSEUDO);
        let near = nearest(name, all);
        let message = format!("the template has no parameter or resource `{name}`");
        did_you_mean(linter.report(&codes::UNKNOWN_NAME, node.span, place, message), near);
    }
}

/// Something refers to a resource that is there.
fn target<'a>(linter: &mut Linter<'a>, place: &Place<'_>, node: &'a Node, name: &'a str, around: Around<'a>) {
    if around.logic {
        let message = format!("a condition cannot know the resource `{name}`");
        linter.report(&codes::UNKNOWN_NAME, node.span, place, message);
        return;
    }
    if let Some(from) = around.resource {
        linter.edge(from, name, node.span);
    }
    let conditional = linter.model.resources.get(name).and_then(|target| target.entry.value.get("Condition"));
    if let Some(condition) = conditional.and_then(Node::as_str)
        && !around.guarded
    {
        let message = format!("`{name}` is only there when `{condition}` holds");
        let finding = linter.report(&codes::MAYBE_ABSENT, node.span, place, message);
        help(finding, format!("give this place the same condition, or use `Fn::If` with `{condition}`"));
    }
}

fn get_att<'a>(linter: &mut Linter<'a>, place: &Place<'_>, node: &'a Node, around: Around<'a>) {
    let (name, attribute) = match &node.content {
        Content::String(text) => match text.split_once('.') {
            Some((name, attribute)) => (name, Some(attribute)),
            None => return report_shape(linter, place, node, "Fn::GetAtt", "`Resource.Attribute`"),
        },
        Content::List(items) => match items.as_slice() {
            [name, attribute] if name.as_str().is_some() => {
                value(linter, place, attribute, around);
                (name.as_str().unwrap_or_default(), attribute.as_str())
            }
            _ => {
                return report_shape(
                    linter,
                    place,
                    node,
                    "Fn::GetAtt",
                    "a list of a resource and an attribute",
                );
            }
        },
        _ => return report_shape(linter, place, node, "Fn::GetAtt", "a list of a resource and an attribute"),
    };
    attribute_of(linter, place, node, name, attribute, around);
}

fn attribute_of<'a>(
    linter: &mut Linter<'a>,
    place: &Place<'_>,
    node: &'a Node,
    name: &'a str,
    attribute: Option<&str>,
    around: Around<'a>,
) {
    let Some(resource) = linter.model.resources.get(name).copied() else {
        if !linter.model.open {
            let near = nearest(name, linter.model.resources.keys().copied());
            let message = format!("the template has no resource `{name}`");
            let is_parameter = linter.model.parameters.contains_key(name);
            let finding = linter.report(&codes::UNKNOWN_NAME, node.span, place, message);
            if is_parameter {
                help(finding, format!("`{name}` is a parameter: it has no attributes"));
            } else {
                did_you_mean(finding, near);
            }
        }
        return;
    };
    target(linter, place, node, name, around);
    let (Some(schema), Some(attribute)) = (resource.schema, attribute) else { return };
    // `Custom::…` has no schema; this is its other name.
    if resource.kind == "AWS::CloudFormation::CustomResource" || schema.attribute(attribute).is_some() {
        return;
    }
    let near = nearest(attribute, schema.attributes.keys().map(String::as_str));
    let message = format!("{} has no attribute `{attribute}`", resource.kind);
    let finding = linter.report(&codes::UNKNOWN_ATTRIBUTE, node.span, place, message);
    match near {
        Some(_) => did_you_mean(finding, near),
        None if !schema.attributes.is_empty() && schema.attributes.len() <= 12 => {
            let all: Vec<&str> = schema.attributes.keys().map(String::as_str).collect();
            help(finding, format!("it has {}", all.join(", ")));
        }
        None => {}
    }
}

fn sub<'a>(linter: &mut Linter<'a>, place: &Place<'_>, argument: &'a Node, around: Around<'a>) {
    let expected = "a text, or a list of a text and an object of variables";
    let (node, variables) = match &argument.content {
        Content::String(_) => (argument, &[] as &[Entry]),
        Content::List(items) => match items.as_slice() {
            [text, variables] if text.as_str().is_some() && matches!(variables.content, Content::Map(_)) => {
                (text, variables.entries())
            }
            _ => return report_shape(linter, place, argument, "Fn::Sub", expected),
        },
        _ => return report_shape(linter, place, argument, "Fn::Sub", expected),
    };
    let text = node.as_str().unwrap_or_default();
    for variable in variables {
        value(linter, &place.key(&variable.key), &variable.value, around);
    }
    let mut named = Vec::new();
    for piece in pieces(text) {
        let Piece::Name(name) = piece else { continue };
        named.push(name);
        if variables.iter().any(|variable| variable.key == name) {
            continue;
        }
        match name.split_once('.') {
            Some((resource, attribute)) => {
                attribute_of(linter, place, node, resource, Some(attribute), around);
            }
            None => reference(linter, place, node, name, around),
        }
    }
    for variable in variables.iter().filter(|variable| !named.contains(&variable.key.as_str())) {
        let message = format!("the text does not name the variable `{}`", variable.key);
        linter.report(&codes::NEEDLESS, variable.key_span, place, message);
    }
}

fn find_in_map<'a>(linter: &mut Linter<'a>, place: &Place<'_>, argument: &'a Node) {
    let (map, top, second, default) = match argument.items() {
        [map, top, second] => (map, top, second, false),
        [map, top, second, _] => (map, top, second, true),
        _ => {
            return report_shape(
                linter,
                place,
                argument,
                "Fn::FindInMap",
                "a list of a mapping's name and two keys",
            );
        }
    };
    let Some(name) = map.as_str() else {
        linter.uses.any_mapping = true;
        return;
    };
    linter.uses.mappings.insert(name);
    let Some(mapping) = linter.model.mappings.get(name).copied() else {
        if !linter.model.open {
            let near = nearest(name, linter.model.mappings.keys().copied());
            let message = format!("the template has no mapping `{name}`");
            did_you_mean(linter.report(&codes::UNKNOWN_MAPPING, map.span, place, message), near);
        }
        return;
    };
    let rows: Vec<&Entry> = match top.as_str() {
        _ if default => return,
        Some(key) => match mapping.value.entry(key) {
            Some(row) => vec![row],
            None => {
                let near = nearest(key, mapping.value.entries().iter().map(|entry| entry.key.as_str()));
                let message = format!("the mapping `{name}` has no key `{key}`");
                did_you_mean(linter.report(&codes::UNKNOWN_MAPPING, top.span, place, message), near);
                return;
            }
        },
        None => mapping.value.entries().iter().collect(),
    };
    if let Some(key) = second.as_str()
        && !rows.is_empty()
        && rows.iter().all(|row| row.value.get(key).is_none())
    {
        let near = nearest(key, rows[0].value.entries().iter().map(|entry| entry.key.as_str()));
        let message = format!("the mapping `{name}` has no second key `{key}`");
        did_you_mean(linter.report(&codes::UNKNOWN_MAPPING, second.span, place, message), near);
    }
}
