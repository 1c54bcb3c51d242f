//! Queues as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;
use seaway_yaml::Node;

use super::data;
use super::policy;
use super::redrive;
use super::redrive::Target;
use super::scaling;
use crate::Facts;
use crate::Kind;
use crate::Metric;
use crate::Reference;
use crate::Synth;
use crate::codes;
use crate::common;
use crate::properties;
use crate::shape;

/// The kind `x-sqs`.
pub(crate) struct Sqs;

impl Kind for Sqs {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn needs(&self, resource: &Resource) -> Vec<Reference> {
        let mut needed = common::references(resource);
        // A bare name is a queue of this module.
        if let Some(Target::Queue(name)) = redrive::target(resource)
            && name != resource.name.value
            && !needed.iter().any(|known| known.module == resource.module && known.name == name)
        {
            let module = resource.module.clone();
            needed.push(Reference { module, name, attribute: None, span: None });
        }
        needed
    }

    fn check_shape(&self, resource: &Resource, sink: &mut Sink) {
        let name = &resource.name.value;
        if let Some(node) = &resource.properties {
            properties::check(&format!("queue `{name}`"), node, data::PROPERTIES, sink);
            check_name(resource, node, sink);
        }
        let rest = Resource { properties: None, ..resource.clone() };
        shape::check_resource(&data::FACTS, data::FACTS.resource_type, &rest, sink);
    }

    fn check(&self, resource: &Resource, app: &App, sink: &mut Sink) {
        let siblings: Vec<&Resource> =
            app.resources.iter().filter(|other| other.module == resource.module).collect();
        redrive::check(resource, &siblings, sink);
        policy::check(resource, sink);
    }

    fn metric(&self, _: &Resource) -> Option<Metric> {
        Some(scaling::metric())
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let resource = input.resource;
        let given = |name: &str| property(resource, name);
        let mut queue = seaway_cfn::Resource::new("AWS::SQS::Queue");
        for row in data::PROPERTIES.iter().filter(|row| row.name != "RedrivePolicy") {
            queue = queue.with(
                row.name,
                given(row.name).and_then(|node| {
                    let text = node.as_str().and_then(crate::reference::parse);
                    text.and_then(|reference| (input.value_of)(&reference))
                        .or_else(|| properties::value(node, row.kind))
                }),
            );
        }
        if let Some(policy) = redrive_policy(input) {
            queue = queue.with("RedrivePolicy", policy);
        }
        let dead_letters = input.needed_by.iter().any(|other| other.module == resource.module);
        if given("MessageRetentionPeriod").is_none() {
            let seconds = if dead_letters { data::DEAD_LETTER_RETENTION } else { data::RETENTION };
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
        let mut made = IndexMap::from([(input.id.to_owned(), queue)]);
        if let Some(policy) = policy::synth(input) {
            made.insert(format!("{}Policy", input.id), policy);
        }
        made
    }
}

fn property<'a>(resource: &'a Resource, name: &str) -> Option<&'a Node> {
    resource.properties.as_ref()?.as_map()?.get(name).filter(|node| !node.is_null())
}

fn redrive_policy(input: &Synth<'_>) -> Option<Value> {
    let arn = match redrive::target(input.resource)? {
        Target::Arn(arn) => Value::from(arn),
        Target::Queue(name) => {
            let module = input.resource.module.clone();
            (input.value_of)(&Reference { module, name, attribute: None, span: None })?
        }
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
