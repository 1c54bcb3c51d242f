//! The policy of a queue: who may send besides the roles of this account.
//!
//! A queue has one policy, so all that others need comes together here.

use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::Resource;
use seaway_yaml::Node;

use crate::Reference;
use crate::Synth;
use crate::codes;
use crate::common;

/// Services that may be named under `AwsPrincipalsAccess`.
const SERVICES: &[&str] = &["events", "lambda", "s3", "scheduler", "sns"];

const SEND: &[&str] = &["sqs:SendMessage"];
const CONSUME: &[&str] = &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

fn named<'a>(resource: &'a Resource, who: &str) -> impl Iterator<Item = &'a Node> {
    common::macro_parameter(resource, "AwsPrincipalsAccess")
        .and_then(Node::as_map)
        .and_then(|map| map.get(who))
        .and_then(Node::as_seq)
        .unwrap_or_default()
        .iter()
}

/// Checks the services that are named.
pub(super) fn check(resource: &Resource, sink: &mut Sink) {
    for node in named(resource, "Publish").chain(named(resource, "Consume")) {
        let Some(text) = node.as_str() else { continue };
        if !SERVICES.contains(&text) {
            sink.push(
                Diagnostic::error(codes::BAD_PROPERTY, format!("`{text}` is no service that uses queues"))
                    .label(node.span, "this service")
                    .help(format!("there are {}", SERVICES.join(", "))),
            );
        }
    }
}

/// Returns the policy, when anybody needs one.
pub(super) fn synth(input: &Synth<'_>) -> Option<seaway_cfn::Resource> {
    let arn = Value::get_att(input.id, "Arn");
    let own = || common::object([("aws:SourceAccount", Value::reference("AWS::AccountId"))]);
    let allow = |service: &str, actions: &[&str], condition: Value| {
        common::object([
            ("Effect", Value::from("Allow")),
            ("Principal", common::object([("Service", Value::from(format!("{service}.amazonaws.com")))])),
            ("Action", Value::list(actions.iter().copied())),
            ("Resource", arn.clone()),
            ("Condition", condition),
        ])
    };
    let mut statements = Vec::new();
    for other in input.needed_by {
        match other.module.as_str() {
            "x-sns" => {
                let reference = Reference {
                    module: other.module.clone(),
                    name: other.name.value.clone(),
                    attribute: None,
                    span: None,
                };
                // A topic in a later stack is not known here; a topic of this account then.
                let condition = match (input.value_of)(&reference) {
                    Some(topic) => {
                        common::object([("ArnEquals", common::object([("aws:SourceArn", topic)]))])
                    }
                    None => common::object([("StringEquals", own())]),
                };
                statements.push(allow("sns", SEND, condition));
            }
            // The bucket cannot be named: it asks for this policy before it is there.
            "x-s3" => statements.push(allow("s3", SEND, common::object([("StringEquals", own())]))),
            _ => {}
        }
    }
    for (who, actions) in [("Publish", SEND), ("Consume", CONSUME)] {
        for service in named(input.resource, who).filter_map(Node::as_str) {
            statements.push(allow(service, actions, common::object([("StringEquals", own())])));
        }
    }
    statements.dedup();
    if statements.is_empty() {
        return None;
    }
    Some(
        seaway_cfn::Resource::new("AWS::SQS::QueuePolicy")
            .with("Queues", Value::list([Value::reference(input.id)]))
            .with("PolicyDocument", common::document(statements)),
    )
}
