//! Topics as a kind. The policy of a queue that is subscribed is made with the queue.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;
use seaway_yaml::Node;

use super::data;
use crate::Facts;
use crate::Kind;
use crate::Reference;
use crate::Synth;
use crate::codes;
use crate::common;
use crate::reference;
use crate::shape;

/// The kind `x-sns`.
pub(crate) struct Sns;

/// Subscriptions of a topic.
fn subscriptions(resource: &Resource) -> &[Node] {
    common::property(resource, "Subscription").and_then(Node::as_seq).unwrap_or_default()
}

fn endpoint(item: &Node) -> Option<(&Node, Reference)> {
    let node = item.as_map()?.get("Endpoint")?;
    Some((node, reference::parse(node.as_str()?)?))
}

fn is_fifo(resource: &Resource, property: &str) -> bool {
    common::truth(common::property(resource, property)) == Some(true)
}

/// Returns true for a FIFO queue at a standard topic, which SNS refuses.
fn refused(resource: &Resource, item: &Node, app: &App) -> bool {
    let Some((_, target)) = endpoint(item) else { return false };
    let queue =
        app.resources.iter().find(|other| other.module == target.module && other.name.value == target.name);
    !is_fifo(resource, "FifoTopic") && queue.is_some_and(|queue| is_fifo(queue, "FifoQueue"))
}

impl Kind for Sns {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn needs(&self, resource: &Resource) -> Vec<Reference> {
        common::references(resource)
    }

    fn check(&self, resource: &Resource, app: &App, sink: &mut Sink) {
        let name = &resource.name.value;
        for item in subscriptions(resource).iter().filter(|item| refused(resource, item, app)) {
            sink.push(
                Diagnostic::warning(
                    codes::BAD_REFERENCE,
                    format!(
                        "a subscription of topic `{name}` is left out: its queue is FIFO, the topic is not"
                    ),
                )
                .label(item.span, "SNS refuses this subscription")
                .help("set `FifoTopic: true`, or subscribe a standard queue"),
            );
        }
        if let Some(node) = common::property(resource, "TopicName")
            && let Some(text) = node.as_str()
            && text.ends_with(".fifo") != is_fifo(resource, "FifoTopic")
        {
            sink.push(
                Diagnostic::error(codes::BAD_PROPERTY, format!("`{text}` cannot name topic `{name}`"))
                    .label(node.span, "this name")
                    .note("a FIFO topic's name ends with `.fifo`, no other does")
                    .help("leave `TopicName` out: CloudFormation finds a name"),
            );
        }
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let mut topic = common::main(self, input);
        let kept: Vec<Value> = subscriptions(input.resource)
            .iter()
            .filter(|item| !refused(input.resource, item, input.app))
            .map(|item| shape::plain(item, input.value_of))
            .collect();
        topic.properties.shift_remove("Subscription");
        if !kept.is_empty() {
            topic.properties.insert("Subscription".to_owned(), Value::List(kept));
        }
        IndexMap::from([(input.id.to_owned(), topic)])
    }
}
