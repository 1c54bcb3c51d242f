//! The policy of a key: the account rules it, and services that send to queues which it encrypts may
//! use it. Without that, what a topic publishes never arrives.

use seaway_cfn::Value;
use seaway_model::Resource;
use seaway_yaml::Node;

use crate::Synth;
use crate::common;
use crate::reference;

/// Returns true when a node of the user's refers to a resource.
fn refers(from: &Resource, to: &Resource) -> bool {
    common::references(from)
        .iter()
        .any(|reference| reference.module == to.module && reference.name == to.name.value)
}

/// Services that send to a queue.
fn senders<'a>(input: &Synth<'a>, queue: &'a Resource) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for other in input.app.resources.iter().filter(|other| refers(other, queue)) {
        match other.module.as_str() {
            "x-sns" => found.push("sns"),
            "x-s3" => found.push("s3"),
            _ => {}
        }
    }
    let named = common::macro_parameter(queue, "AwsPrincipalsAccess")
        .and_then(Node::as_map)
        .and_then(|map| map.get("Publish"))
        .and_then(Node::as_seq);
    found.extend(named.unwrap_or_default().iter().filter_map(Node::as_str));
    found
}

/// Returns the policy, when a service needs the key; else the one of KMS is right.
pub(super) fn synth(input: &Synth<'_>) -> Option<Value> {
    let encrypted = |queue: &&Resource| {
        let node = common::property(queue, "KmsMasterKeyId");
        let target = common::text(node).and_then(reference::parse);
        queue.module == "x-sqs"
            && target.is_some_and(|target| {
                target.module == input.resource.module && target.name == input.resource.name.value
            })
    };
    let mut services: Vec<&str> =
        input.app.resources.iter().filter(encrypted).flat_map(|queue| senders(input, queue)).collect();
    services.sort_unstable();
    services.dedup();
    if services.is_empty() {
        return None;
    }
    let statement = |sid: &str, principal: Value, actions: Vec<Value>, condition: Value| {
        common::object([
            ("Sid", Value::from(sid)),
            ("Effect", Value::from("Allow")),
            ("Principal", principal),
            ("Action", Value::List(actions)),
            // In the policy of a key this is the key.
            ("Resource", Value::from("*")),
            ("Condition", condition),
        ])
    };
    let account = Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
    let own = common::object([("aws:SourceAccount", Value::reference("AWS::AccountId"))]);
    let principals = Value::list(services.iter().map(|service| format!("{service}.amazonaws.com")));
    Some(common::document(vec![
        statement("Account", common::object([("AWS", account)]), vec![Value::from("kms:*")], Value::Null),
        statement(
            "Services",
            common::object([("Service", principals)]),
            vec![Value::from("kms:Decrypt"), Value::from("kms:GenerateDataKey")],
            common::object([("StringEquals", own)]),
        ),
    ]))
}
