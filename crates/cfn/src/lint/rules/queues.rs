//! Queues and topics.

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::help;
use super::select::report;
use crate::source::Node;

pub(super) fn check(linter: &mut Linter<'_>) {
    for (kind, property, flag) in
        [("AWS::SQS::Queue", "QueueName", "FifoQueue"), ("AWS::SNS::Topic", "TopicName", "FifoTopic")]
    {
        for resource in linter.model.of_type(kind) {
            let (name, fifo) = (resource.get(property), resource.get(flag));
            if fifo.is_some_and(|node| node.as_bool().is_none()) {
                continue;
            }
            let is_fifo = fifo.and_then(Node::as_bool) == Some(true);
            let text = name.and_then(|node| {
                node.as_str().or_else(|| node.function().filter(|(name, _)| *name == "Fn::Sub")?.1.as_str())
            });
            if let Some(text) = text
                && text.ends_with(".fifo") != is_fifo
                && !text.ends_with('}')
            {
                let message = match is_fifo {
                    true => format!("the name of a FIFO {} ends with `.fifo`", word(kind)),
                    false => format!("only the name of a FIFO {} ends with `.fifo`", word(kind)),
                };
                report(linter, &codes::QUEUE, &resource, name, message);
            }
            if !is_fifo && let Some(node) = resource.get("ContentBasedDeduplication") {
                let message = format!("`ContentBasedDeduplication` is for a FIFO {}", word(kind));
                report(linter, &codes::QUEUE, &resource, Some(node), message);
            }
        }
    }
    for queue in linter.model.of_type("AWS::SQS::Queue") {
        let node = queue.get("RedrivePolicy.deadLetterTargetArn");
        let Some(dead) = linter.model.target(node) else { continue };
        let fifo = |node: Option<&Node>| node.and_then(Node::as_bool) == Some(true);
        if dead.kind != "AWS::SQS::Queue" {
            let message = format!("messages of a queue cannot go to a {}", dead.kind);
            report(linter, &codes::QUEUE, &queue, node, message);
        } else if fifo(queue.get("FifoQueue")) != fifo(dead.get("FifoQueue")) {
            let message = "a FIFO queue's dead letters go to a FIFO queue, and the other way round";
            report(linter, &codes::QUEUE, &queue, node, message);
        } else if dead.id == queue.id {
            report(linter, &codes::QUEUE, &queue, node, "a queue cannot be its own dead-letter queue");
        }
        if queue
            .get("RedrivePolicy.maxReceiveCount")
            .and_then(Node::as_i64)
            .is_some_and(|count| !(1..=1000).contains(&count))
        {
            let at = queue.get("RedrivePolicy.maxReceiveCount");
            report(linter, &codes::QUEUE, &queue, at, "`maxReceiveCount` is 1 to 1000");
        }
    }
    for topic in linter.model.of_type("AWS::SNS::Subscription") {
        let (protocol, endpoint) = (topic.text("Protocol"), topic.text("Endpoint"));
        let fits = match (protocol, endpoint) {
            (Some("email" | "email-json"), Some(text)) => text.contains('@'),
            (Some("https"), Some(text)) => text.starts_with("https://"),
            (Some("http"), Some(text)) => text.starts_with("http://"),
            (Some("sqs" | "lambda" | "firehose"), Some(text)) => text.starts_with("arn:"),
            _ => true,
        };
        if !fits {
            let message =
                format!("the endpoint does not fit the protocol `{}`", protocol.unwrap_or_default());
            let finding = report(linter, &codes::QUEUE, &topic, topic.get("Endpoint"), message);
            help(finding, "an address for email, a URL for http and https, an ARN for the rest");
        }
    }
}

fn word(kind: &str) -> &'static str {
    if kind == "AWS::SQS::Queue" { "queue" } else { "topic" }
}
