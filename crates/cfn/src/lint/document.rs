//! Sections, attributes of resources, outputs, limits.

use seaway_diag::nearest;

use super::codes;
use super::linter::Linter;
use super::linter::did_you_mean;
use super::linter::help;
use super::place::Place;
use crate::limits;
use crate::schema::nearest_type;
use crate::source::Content;
use crate::source::Entry;
use crate::source::Node;

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
];
const ATTRIBUTES: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// Types that can be kept as a snapshot (user guide, "DeletionPolicy attribute").
const SNAPSHOTS: [&str; 9] = [
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Redshift::Cluster",
];

pub(super) fn check<'a>(linter: &mut Linter<'a>, template: &'a Node) {
    let root = Place::root("template");
    if !matches!(template.content, Content::Map(_)) {
        let message = format!("a template is an object, not {}", template.describe());
        linter.report(&codes::SHAPE, template.span, &root, message);
        return;
    }
    for entry in template.entries() {
        let place = Place::root(&entry.key);
        match entry.key.as_str() {
            "AWSTemplateFormatVersion" => {
                if entry.value.as_str() != Some("2010-09-09") {
                    let message = "the format version must be the string `2010-09-09`";
                    linter.report(&codes::SHAPE, entry.value.span, &place, message);
                }
            }
            "Description" => description(linter, &place, &entry.value),
            "Transform" => {}
            name if SECTIONS.contains(&name) => {
                if !matches!(entry.value.content, Content::Map(_)) {
                    let message = format!("`{name}` is an object, not {}", entry.value.describe());
                    linter.report(&codes::SHAPE, entry.value.span, &place, message);
                }
            }
            name => {
                let message = format!("templates have no section `{name}`");
                let finding = linter.report(&codes::SHAPE, entry.key_span, &place, message);
                did_you_mean(finding, nearest(name, SECTIONS));
            }
        }
    }
    let count = |name: &str| template.get(name).map_or(0, |node| node.entries().len());
    if count("Resources") == 0 {
        linter.report(&codes::SHAPE, template.span, &root, "a template needs at least one resource");
    }
    let limits = [
        ("Resources", limits::MAX_RESOURCES),
        ("Parameters", limits::MAX_PARAMETERS),
        ("Outputs", limits::MAX_OUTPUTS),
        ("Mappings", limits::MAX_MAPPINGS),
    ];
    for (section, maximum) in limits {
        if count(section) > maximum {
            let span = template.entry(section).and_then(|entry| entry.key_span);
            let message = format!("{} {section}: CloudFormation takes at most {maximum}", count(section));
            linter.report(&codes::LIMIT, span, &Place::root(section), message);
        }
    }
    names(linter, template);
    for resource in linter.model.all() {
        attributes(linter, resource.entry, resource.kind);
    }
    for entry in template.get("Outputs").map_or(&[] as &[Entry], |node| node.entries()) {
        if !entry.key.starts_with("Fn::") {
            output(linter, entry);
        }
    }
}

fn description(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node) {
    match node.as_str() {
        None => {
            linter.report(&codes::SHAPE, node.span, place, "the description is a text without functions");
        }
        Some(text) if text.len() > limits::MAX_DESCRIPTION_BYTES => {
            let message = format!(
                "a description of {} bytes: CloudFormation takes at most {}",
                text.len(),
                limits::MAX_DESCRIPTION_BYTES
            );
            linter.report(&codes::LIMIT, node.span, place, message);
        }
        Some(_) => {}
    }
}

fn names(linter: &mut Linter<'_>, template: &Node) {
    for section in ["Parameters", "Resources", "Outputs", "Conditions", "Mappings"] {
        let root = Place::root(section);
        for entry in template.get(section).map_or(&[] as &[Entry], |node| node.entries()) {
            if !limits::is_logical_id(&entry.key) && !entry.key.starts_with("Fn::") {
                let message = format!(
                    "`{}` is no name for CloudFormation: up to 255 letters A-Z, a-z and digits",
                    entry.key
                );
                linter.report(&codes::LIMIT, entry.key_span, &root.key(&entry.key), message);
            }
        }
    }
    for (name, entry) in &linter.model.parameters {
        if let Some(resource) = linter.model.resources.get(name) {
            let message = format!("`{name}` is a parameter and a resource");
            let finding = linter.findings.len();
            linter.report(
                &codes::SHAPE,
                resource.entry.key_span,
                &Place::root("Resources").key(name),
                message,
            );
            if let Some(span) = entry.key_span {
                let first = linter.findings[finding].clone().context(span, "the parameter");
                linter.findings[finding] = first;
            }
        }
    }
}

fn attributes<'a>(linter: &mut Linter<'a>, entry: &'a Entry, kind: &str) {
    let (root, id) = (Place::root("Resources"), entry.key.as_str());
    let place = root.key(id);
    let node = &entry.value;
    if !matches!(node.content, Content::Map(_)) {
        let message = format!("the resource `{id}` is an object, not {}", node.describe());
        linter.report(&codes::SHAPE, node.span, &place, message);
        return;
    }
    match node.entry("Type") {
        None => {
            linter.report(
                &codes::SHAPE,
                entry.key_span,
                &place,
                format!("the resource `{id}` has no `Type`"),
            );
        }
        Some(written) => kind_exists(linter, &place, &written.value, kind),
    }
    for attribute in node.entries() {
        let (name, value) = (attribute.key.as_str(), &attribute.value);
        let place = place.key(name);
        match name {
            "DeletionPolicy" | "UpdateReplacePolicy" => policy(linter, &place, name, value, kind),
            "Condition" => {
                let defined = value.as_str().is_some_and(|name| linter.model.conditions.contains_key(name));
                if let Some(name) = value.as_str() {
                    linter.uses.conditions.insert(name);
                }
                if !defined && !linter.model.open {
                    let message =
                        format!("the template has no condition `{}`", value.as_str().unwrap_or("?"));
                    let near = nearest(value.as_str().unwrap_or(""), linter.model.conditions.keys().copied());
                    let finding = linter.report(&codes::UNKNOWN_CONDITION, value.span, &place, message);
                    did_you_mean(finding, near);
                }
            }
            "DependsOn" => depends_on(linter, &place, id, value),
            "Properties" => {
                if !matches!(value.content, Content::Map(_)) {
                    let message = format!("`Properties` is an object, not {}", value.describe());
                    linter.report(&codes::SHAPE, value.span, &place, message);
                }
            }
            name if ATTRIBUTES.contains(&name) || name.starts_with("Fn::") => {}
            name => {
                let message = format!("resources have no attribute `{name}`");
                let is_property = linter
                    .model
                    .resources
                    .get(id)
                    .and_then(|resource| resource.schema)
                    .is_some_and(|schema| schema.properties.contains_key(name));
                let finding = linter.report(&codes::SHAPE, attribute.key_span, &place, message);
                if is_property {
                    help(finding, format!("`{name}` belongs into `Properties`"));
                } else {
                    did_you_mean(finding, nearest(name, ATTRIBUTES));
                }
            }
        }
    }
    retention(linter, entry, kind);
}

fn kind_exists(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, kind: &str) {
    let known = crate::schema::resource_type(kind).is_some();
    let foreign = !kind.starts_with("AWS::") && kind.contains("::")
        || kind.starts_with("AWS::Serverless::")
        || kind == "AWS::CDK::Metadata"
        || kind.ends_with("::MODULE");
    if known || foreign {
        return;
    }
    let message = match kind {
        "" => "`Type` is a text such as `AWS::SQS::Queue`".to_owned(),
        kind => format!("AWS has no resource type `{kind}`"),
    };
    let finding = linter.report(&codes::UNKNOWN_TYPE, node.span, &place.key("Type"), message);
    did_you_mean(finding, nearest_type(kind));
}

fn policy(linter: &mut Linter<'_>, place: &Place<'_>, name: &str, value: &Node, kind: &str) {
    let retain = name == "DeletionPolicy";
    let message = match value.as_str() {
        Some("Delete" | "Retain") => return,
        Some("RetainExceptOnCreate") if retain => return,
        Some("Snapshot") if SNAPSHOTS.contains(&kind) => return,
        Some("Snapshot") => format!("{kind} cannot be kept as a snapshot"),
        // With `AWS::LanguageExtensions` functions are allowed.
        None if value.function().is_some() => return,
        _ => format!("`{name}` cannot be `{}`", value.scalar().unwrap_or_default()),
    };
    let finding = linter.report(&codes::POLICY, value.span, place, message);
    let extra = if retain { ", `RetainExceptOnCreate`" } else { "" };
    help(finding, format!("one of `Delete`, `Retain`{extra}, or `Snapshot` where the type has one"));
}

fn depends_on<'a>(linter: &mut Linter<'a>, place: &Place<'_>, id: &'a str, value: &'a Node) {
    let names: Vec<&Node> = match &value.content {
        Content::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    for node in names {
        let Some(name) = node.as_str() else {
            linter.report(&codes::SHAPE, node.span, place, "`DependsOn` names resources, without functions");
            continue;
        };
        if linter.model.resources.contains_key(name) {
            let implied = linter.model.resources.get(id).and_then(|resource| resource.properties);
            if implied.is_some_and(|node| refers_to(node, name)) {
                let message = format!("a reference already makes `{id}` wait for `{name}`");
                linter.report(&codes::NEEDLESS_DEPENDENCY, node.span, place, message);
            }
            linter.edge(id, name, node.span);
        } else if !linter.model.open {
            let near = nearest(name, linter.model.resources.keys().copied());
            let message = format!("the template has no resource `{name}`");
            let finding = linter.report(&codes::UNKNOWN_NAME, node.span, place, message);
            did_you_mean(finding, near);
        }
    }
}

/// Returns true when a value refers to a resource outside of `Fn::If`.
fn refers_to(node: &Node, id: &str) -> bool {
    if let Some((name, argument)) = node.function() {
        match name {
            "Ref" => return argument.as_str() == Some(id),
            "Fn::GetAtt" => return node.target() == Some(id),
            "Fn::If" => return false,
            _ => {}
        }
    }
    node.items().iter().any(|item| refers_to(item, id))
        || node.entries().iter().any(|entry| refers_to(&entry.value, id))
}

fn retention(linter: &mut Linter<'_>, entry: &Entry, kind: &str) {
    if !crate::schema::resource_type(kind).is_some_and(|schema| schema.stateful) {
        return;
    }
    let missing: Vec<&str> = ["DeletionPolicy", "UpdateReplacePolicy"]
        .into_iter()
        .filter(|name| entry.value.get(name).is_none())
        .collect();
    if !missing.is_empty() {
        let root = Place::root("Resources");
        let message = format!("`{}` holds data and has no {}", entry.key, missing.join(" and no "));
        let finding = linter.report(&codes::NO_RETENTION, entry.key_span, &root.key(&entry.key), message);
        help(finding, "say what happens to the data: `Retain`, `Snapshot` or, knowingly, `Delete`");
    }
}

fn output<'a>(linter: &mut Linter<'a>, entry: &'a Entry) {
    let (root, name) = (Place::root("Outputs"), entry.key.as_str());
    let place = root.key(name);
    for item in entry.value.entries() {
        match item.key.as_str() {
            "Value" => {
                let is_list = matches!(item.value.content, Content::List(_))
                    || matches!(item.value.content, Content::Map(_)) && item.value.function().is_none();
                if is_list {
                    let message =
                        format!("the output `{name}` is {}, but must be a text", item.value.describe());
                    linter.report(&codes::OUTPUT, item.value.span, &place.key("Value"), message);
                }
            }
            "Condition" => {
                if let Some(condition) = item.value.as_str() {
                    linter.uses.conditions.insert(condition);
                    if !linter.model.conditions.contains_key(condition) && !linter.model.open {
                        let near = nearest(condition, linter.model.conditions.keys().copied());
                        let message = format!("the template has no condition `{condition}`");
                        let finding = linter.report(
                            &codes::UNKNOWN_CONDITION,
                            item.value.span,
                            &place.key("Condition"),
                            message,
                        );
                        did_you_mean(finding, near);
                    }
                }
            }
            "Description" | "Export" => {}
            key => {
                let message = format!("outputs have no attribute `{key}`");
                let finding = linter.report(&codes::OUTPUT, item.key_span, &place.key(key), message);
                did_you_mean(finding, nearest(key, ["Value", "Condition", "Description", "Export"]));
            }
        }
    }
    if entry.value.get("Value").is_none() {
        linter.report(&codes::OUTPUT, entry.key_span, &place, format!("the output `{name}` has no `Value`"));
    }
}
