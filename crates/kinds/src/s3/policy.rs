//! The policy of a bucket: no plain HTTP, and what the user adds.

use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::Resource;
use seaway_yaml::Node;

use crate::Synth;
use crate::codes;
use crate::common;
use crate::shape;

/// Statements that the user adds: `Statement`, or `Policies` as older files have it.
fn statements(resource: &Resource) -> Vec<&Node> {
    let map = common::macro_parameter(resource, "BucketPolicy").and_then(Node::as_map);
    ["Statement", "Policies"].into_iter().filter_map(|key| map?.get(key)?.as_seq()).flatten().collect()
}

fn has_principal(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.get("Principal").is_some() || map.get("NotPrincipal").is_some())
}

/// Checks the statements that the user adds.
pub(super) fn check(resource: &Resource, sink: &mut Sink) {
    for node in statements(resource).into_iter().filter(|node| !has_principal(node)) {
        sink.push(
            Diagnostic::warning(
                codes::BAD_PROPERTY,
                format!("a statement of the policy of bucket `{}` is left out", resource.name.value),
            )
            .label(node.span, "it has no `Principal`, so S3 refuses it")
            .help("say whom it is about, or give a service access under `Services`"),
        );
    }
}

/// Returns the policy.
pub(super) fn synth(input: &Synth<'_>) -> seaway_cfn::Resource {
    let arn = || Value::get_att(input.id, "Arn");
    let objects = || Value::sub(format!("${{{}.Arn}}/*", input.id));
    let secure = common::object([
        ("Sid", Value::from("SecureTransport")),
        ("Effect", Value::from("Deny")),
        ("Principal", Value::from("*")),
        ("Action", Value::from("s3:*")),
        ("Resource", Value::list([arn(), objects()])),
        (
            "Condition",
            common::object([("Bool", common::object([("aws:SecureTransport", Value::from("false"))]))]),
        ),
    ]);
    let mut all = vec![secure];
    for node in statements(input.resource).into_iter().filter(|node| has_principal(node)) {
        all.push(placed(shape::plain(node, input.value_of), input.id));
    }
    seaway_cfn::Resource::new("AWS::S3::BucketPolicy")
        .with("Bucket", Value::reference(input.id))
        .with("PolicyDocument", common::document(all))
}

/// Puts the bucket's ARN where `${!ARN}` stands for it.
fn placed(value: Value, id: &str) -> Value {
    match value {
        Value::String(text) if text.contains("${!ARN}") => {
            Value::sub(text.replace("${!ARN}", &format!("${{{id}.Arn}}")))
        }
        Value::List(items) => Value::List(items.into_iter().map(|item| placed(item, id)).collect()),
        Value::Map(map) => Value::Map(map.into_iter().map(|(key, value)| (key, placed(value, id))).collect()),
        other => other,
    }
}
