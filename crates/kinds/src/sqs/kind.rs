//! Queues as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::Resource;
use seaway_yaml::Node;

use super::data;
use super::redrive;
use super::redrive::Target;
use crate::AccessLevel;
use crate::Kind;
use crate::Synth;
use crate::codes;
use crate::kind::upper_snake;
use crate::properties;

/// The kind `x-sqs`.
pub(crate) struct Sqs;

impl Kind for Sqs {
    fn key(&self) -> &'static str {
        "x-sqs"
    }

    fn id_prefix(&self) -> &'static str {
        "Queue"
    }

    fn access_levels(&self) -> &'static [AccessLevel] {
        data::ACCESS
    }

    fn attributes(&self) -> &'static [&'static str] {
        data::ATTRIBUTES
    }

    fn default_attribute(&self) -> &'static str {
        "QueueUrl"
    }

    fn arn_attribute(&self) -> &'static str {
        "Arn"
    }

    fn attribute(&self, id: &str, name: &str) -> Option<Value> {
        match name {
            "QueueUrl" => Some(Value::reference(id)),
            "Arn" | "QueueArn" => Some(Value::get_att(id, "Arn")),
            "QueueName" => Some(Value::get_att(id, "QueueName")),
            _ => None,
        }
    }

    fn default_variable(&self, name: &str) -> String {
        format!("{}_QUEUE_URL", upper_snake(name))
    }

    fn needs(&self, resource: &Resource) -> Vec<String> {
        match redrive::target(resource) {
            Some(Target::Queue(name)) => vec![name],
            _ => Vec::new(),
        }
    }

    fn check(&self, resource: &Resource, siblings: &[&Resource], sink: &mut Sink) {
        let name = &resource.name.value;
        if let Some(node) = &resource.properties {
            properties::check(&format!("queue `{name}`"), node, data::PROPERTIES, sink);
            check_name(resource, node, sink);
        }
        if let Some(node) = &resource.settings {
            properties::check(&format!("`Settings` of queue `{name}`"), node, data::SETTINGS, sink);
        }
        redrive::check(resource, siblings, sink);
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let resource = input.resource;
        let given = |name: &str| property(resource, name);
        let mut queue = seaway_cfn::Resource::new("AWS::SQS::Queue");
        for row in data::PROPERTIES.iter().filter(|row| row.name != "RedrivePolicy") {
            queue = queue.with(row.name, given(row.name).and_then(|node| properties::value(node, row.kind)));
        }
        if let Some(policy) = redrive_policy(input) {
            queue = queue.with("RedrivePolicy", policy);
        }
        if given("MessageRetentionPeriod").is_none() {
            let seconds =
                if input.needed_by.is_empty() { data::RETENTION } else { data::DEAD_LETTER_RETENTION };
            queue = queue.with("MessageRetentionPeriod", seconds);
        }
        if given("KmsMasterKeyId").is_none() && given("SqsManagedSseEnabled").is_none() {
            queue = queue.with("SqsManagedSseEnabled", true);
        }
        queue = queue.with("Tags", input.tags.clone());
        let retain = resource
            .settings
            .as_ref()
            .and_then(|node| {
                node.as_map()?.get("Retain")?.as_str()?.to_ascii_lowercase().parse::<bool>().ok()
            })
            .unwrap_or(!input.disposable);
        queue = queue.retained(if retain { "Retain" } else { "Delete" });
        IndexMap::from([(input.id.to_owned(), queue)])
    }
}

fn property<'a>(resource: &'a Resource, name: &str) -> Option<&'a Node> {
    resource.properties.as_ref()?.as_map()?.get(name).filter(|node| !node.is_null())
}

fn redrive_policy(input: &Synth<'_>) -> Option<Value> {
    let arn = match redrive::target(input.resource)? {
        Target::Arn(arn) => Value::from(arn),
        Target::Queue(name) => (input.arn_of)(&name)?,
    };
    let count = property(input.resource, "RedrivePolicy")?
        .as_map()?
        .get("maxReceiveCount")?
        .as_str()?
        .parse::<i64>()
        .ok()?;
    Some(Value::map([("deadLetterTargetArn", arn), ("maxReceiveCount", Value::Int(count))]))
}

fn check_name(resource: &Resource, node: &Node, sink: &mut Sink) {
    let Some(name) = node.as_map().and_then(|map| map.get("QueueName")) else { return };
    let Some(text) = name.as_str() else { return };
    let fifo = redrive::is_fifo(resource);
    let stem = text.strip_suffix(".fifo");
    let letters =
        stem.unwrap_or(text).bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !letters || text.is_empty() || text.len() > 80 || stem.is_some() != fifo {
        sink.push(
            Diagnostic::error(
                codes::BAD_PROPERTY,
                format!("`{text}` cannot name queue `{}`", resource.name.value),
            )
            .label(name.span, "this name")
            .note(
                "up to 80 letters, digits, `-` and `_`; a FIFO queue's name ends with `.fifo`, no other does",
            )
            .help("leave `QueueName` out: CloudFormation finds a name"),
        );
    }
}
