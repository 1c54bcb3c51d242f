//! Numbers, truth values and texts.

use serde_json::Value as Json;

use super::codes;
use super::linter::Linter;
use super::linter::did_you_mean;
use super::place::Place;
use super::properties::bounds;
use crate::schema::Property;
use crate::source::Content;
use crate::source::Node;

pub(super) fn check(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, property: &Property) {
    let Some(text) = node.scalar() else { return };
    // `{{resolve:ssm:…}}` is filled in by CloudFormation.
    if text.contains("{{resolve:") {
        return;
    }
    let name = last(place);
    if !fits(node, property) {
        let message = format!("`{name}` is {}, not {}", property.kinds.words(), shown(node, &text));
        linter.report(&codes::TYPE, node.span, place, message);
        return;
    }
    values(linter, place, node, property, &text, &name);
    if property.kinds.allows('s') || property.kinds.is_any() {
        form(linter, place, node, property, &text, &name);
    }
    if let Some(number) = node.as_f64()
        && (property.minimum.is_some_and(|minimum| number < minimum)
            || property.maximum.is_some_and(|maximum| number > maximum))
    {
        let bounds = bounds(property.minimum, property.maximum);
        linter.report(&codes::RANGE, node.span, place, format!("`{name}` is {text}: {bounds} is allowed"));
    }
}

/// Returns true when CloudFormation converts the value to one of the types.
fn fits(node: &Node, property: &Property) -> bool {
    let kinds = property.kinds;
    kinds.allows('s')
        || (kinds.allows('i') && (node.as_i64().is_some() || node.as_f64().is_some_and(|n| n.fract() == 0.0)))
        || (kinds.allows('n') && node.as_f64().is_some())
        || (kinds.allows('b') && node.as_bool().is_some())
}

fn values(
    linter: &mut Linter<'_>,
    place: &Place<'_>,
    node: &Node,
    property: &Property,
    text: &str,
    name: &str,
) {
    let texts = |values: &[Json]| -> Vec<String> {
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
    };
    let (allowed, any_case) = if property.values.is_empty() {
        (texts(&property.values_any_case), true)
    } else {
        (texts(&property.values), false)
    };
    let allowed = match &property.constant {
        Some(constant) => texts(std::slice::from_ref(constant)),
        None => allowed,
    };
    let same = |one: &String| {
        let numbers = || matches!((one.parse::<f64>(), text.parse::<f64>()), (Ok(a), Ok(b)) if a == b);
        one == text
            || (any_case && one.eq_ignore_ascii_case(text))
            || numbers()
            || (text == "true" && one == "True")
    };
    if allowed.is_empty() || allowed.iter().any(same) {
        return;
    }
    let near = seaway_diag::nearest(text, allowed.iter().map(String::as_str)).map(str::to_owned);
    let list = if allowed.len() <= 12 { format!(": {}", allowed.join(", ")) } else { String::new() };
    let message = format!("`{name}` cannot be {}{list}", shown(node, text));
    let finding = linter.report(&codes::VALUE, node.span, place, message);
    did_you_mean(finding, near.as_deref());
}

fn form(
    linter: &mut Linter<'_>,
    place: &Place<'_>,
    node: &Node,
    property: &Property,
    text: &str,
    name: &str,
) {
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    let length = text.chars().count() as f64;
    let is_text = matches!(node.content, Content::String(_));
    if is_text
        && (property.min_length.is_some_and(|minimum| length < minimum)
            || property.max_length.is_some_and(|maximum| length > maximum))
    {
        let bounds = bounds(property.min_length, property.max_length);
        let message = format!("`{name}` has {length} characters: {bounds} are allowed");
        linter.report(&codes::LENGTH, node.span, place, message);
        return;
    }
    if let Some(pattern) = &property.pattern
        && !linter.patterns.matches(pattern, text)
    {
        let message = format!("`{name}` does not match `{}`", cut(pattern));
        linter.report(&codes::PATTERN, node.span, place, message);
        return;
    }
    let formats = property.formats();
    let known: Vec<&str> = formats.iter().filter_map(|format| pattern_of(format)).collect();
    if !known.is_empty()
        && known.len() == formats.len()
        && !known.iter().any(|pattern| linter.patterns.matches(pattern, text))
    {
        let message = format!("`{name}` is no {}: {}", formats.join(" or "), shown(node, text));
        linter.report(&codes::PATTERN, node.span, place, message);
    }
}

/// Returns the form of what a format stands for (identifiers in the AWS documentation).
fn pattern_of(format: &str) -> Option<&'static str> {
    Some(match format {
        "AWS::ACM::Certificate.Arn" => r"^arn:aws[a-zA-Z-]*:acm:[a-z0-9-]+:\d{12}:certificate/.+$",
        "AWS::EC2::SecurityGroup.Id" => r"^sg-([a-fA-F0-9]{8}|[a-fA-F0-9]{17})$",
        "AWS::EC2::Subnet.Id" => r"^subnet-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})$",
        "AWS::EC2::VPC.Id" => r"^vpc-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})$",
        "AWS::IAM::Role.Arn" => r"^arn:aws[a-zA-Z-]*:iam::\d{12}:role/.+$",
        "AWS::Lambda::Function.Arn" => r"^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:.+$",
        "AWS::Logs::LogGroup.Name" => r"^[\.\-_/#A-Za-z0-9]{1,512}$",
        "AWS::S3::Bucket.Name" => r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "AWS::SNS::Topic.Arn" => r"^arn:aws[a-zA-Z-]*:sns:[a-z0-9-]+:\d{12}:.+$",
        _ => return None,
    })
}

fn shown(node: &Node, text: &str) -> String {
    match node.content {
        Content::String(_) => format!("`{}`", cut(text)),
        _ => text.to_owned(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn last(place: &Place<'_>) -> String {
    let path = place.schema_path();
    path.rsplit('.').next().unwrap_or_default().to_owned()
}
