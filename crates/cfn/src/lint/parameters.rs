//! Declarations of parameters.

use seaway_diag::nearest;

use super::codes;
use super::linter::Linter;
use super::linter::did_you_mean;
use super::place::Place;
use crate::source::Entry;
use crate::source::Node;

const KEYS: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// Types of parameters (user guide, "CloudFormation-supplied parameter types").
const TYPES: [&str; 27] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
    "AWS::SSM::Parameter::Name",
    "CommaDelimitedList",
    "List<AWS::EC2::AvailabilityZone::Name>",
    "List<AWS::EC2::Image::Id>",
    "List<AWS::EC2::Instance::Id>",
    "List<AWS::EC2::KeyPair::KeyName>",
    "List<AWS::EC2::SecurityGroup::GroupName>",
    "List<AWS::EC2::SecurityGroup::Id>",
    "List<AWS::EC2::Subnet::Id>",
    "List<AWS::EC2::VPC::Id>",
    "List<AWS::EC2::Volume::Id>",
    "List<AWS::Route53::HostedZone::Id>",
    "List<AWS::SSM::Parameter::Name>",
    "List<Number>",
    "List<String>",
    "Number",
    "String",
];

/// Returns true when a parameter of this type is a list.
pub(super) fn is_list(kind: &str) -> bool {
    kind == "CommaDelimitedList"
        || kind.starts_with("List<")
        || kind.starts_with("AWS::SSM::Parameter::Value<List<")
        || kind == "AWS::SSM::Parameter::Value<CommaDelimitedList>"
}

pub(super) fn check(linter: &mut Linter<'_>) {
    let model = linter.model;
    for entry in model.parameters.values() {
        if !entry.key.starts_with("Fn::") {
            declaration(linter, entry);
        }
    }
}

fn declaration(linter: &mut Linter<'_>, entry: &Entry) {
    let (root, name) = (Place::root("Parameters"), entry.key.as_str());
    let place = root.key(name);
    let node = &entry.value;
    for item in node.entries() {
        if !KEYS.contains(&item.key.as_str()) {
            let message = format!("parameters have no attribute `{}`", item.key);
            let finding = linter.report(&codes::PARAMETER, item.key_span, &place.key(&item.key), message);
            did_you_mean(finding, nearest(&item.key, KEYS));
        }
    }
    let kind = match node.get("Type").and_then(Node::as_str) {
        Some(kind) => kind,
        None => {
            let message = format!("the parameter `{name}` has no `Type`");
            linter.report(&codes::PARAMETER, entry.key_span, &place, message);
            return;
        }
    };
    let inner = kind.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|rest| rest.strip_suffix('>'));
    if !TYPES.contains(&inner.unwrap_or(kind)) {
        let span = node.get("Type").and_then(|node| node.span);
        let message = format!("`{kind}` is no type of a parameter");
        let finding = linter.report(&codes::PARAMETER, span, &place.key("Type"), message);
        did_you_mean(finding, nearest(kind, TYPES));
    }
    let Some(default) = node.get("Default") else { return };
    let Some(text) = default.scalar() else {
        let message = format!("the default of `{name}` is {}, but must be a text", default.describe());
        linter.report(&codes::PARAMETER, default.span, &place.key("Default"), message);
        return;
    };
    // A stored parameter's default is its name, not its value.
    if inner.is_some() {
        return;
    }
    let values: Vec<&str> =
        if is_list(kind) { text.split(',').map(str::trim).collect() } else { vec![&text] };
    for value in values {
        if let Some(fault) = fault(linter, node, kind, value) {
            let message = format!("the default of `{name}` {fault}");
            linter.report(&codes::PARAMETER, default.span, &place.key("Default"), message);
        }
    }
}

/// Returns what is wrong with a value, a fragment that follows the value's name.
fn fault(linter: &mut Linter<'_>, node: &Node, kind: &str, value: &str) -> Option<String> {
    if let Some(allowed) = node.get("AllowedValues") {
        let allowed: Vec<String> = allowed.items().iter().filter_map(Node::scalar).collect();
        if !allowed.iter().any(|one| one == value) {
            return Some(format!("is none of its `AllowedValues`: {}", allowed.join(", ")));
        }
    }
    if let Some(pattern) = node.get("AllowedPattern").and_then(Node::as_str)
        && !linter.patterns.matches(&format!("^(?:{pattern})$"), value)
    {
        return Some(format!("does not match its `AllowedPattern` `{pattern}`"));
    }
    let bound = |name: &str| node.get(name).and_then(Node::as_f64);
    if kind.contains("Number") {
        let Ok(number) = value.parse::<f64>() else { return Some("is no number".to_owned()) };
        if bound("MinValue").is_some_and(|minimum| number < minimum)
            || bound("MaxValue").is_some_and(|maximum| number > maximum)
        {
            return Some("is not between its `MinValue` and `MaxValue`".to_owned());
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    let length = value.chars().count() as f64;
    if bound("MinLength").is_some_and(|minimum| length < minimum)
        || bound("MaxLength").is_some_and(|maximum| length > maximum)
    {
        return Some("is not as long as its `MinLength` and `MaxLength` say".to_owned());
    }
    None
}
