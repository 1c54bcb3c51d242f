//! The dead-letter queue of a queue.

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_model::Resource;
use seaway_yaml::Node;

use crate::codes;

/// Where messages go that nobody can handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A queue of this file.
    Queue(String),
    /// An ARN that is written out.
    Arn(String),
}

fn target_node(resource: &Resource) -> Option<&Node> {
    resource.properties.as_ref()?.as_map()?.get("RedrivePolicy")?.as_map()?.get("deadLetterTargetArn")
}

/// Returns the dead-letter queue: its name, `x-sqs::NAME` or `x-sqs::NAME::Arn`, or an ARN.
pub(super) fn target(resource: &Resource) -> Option<Target> {
    let text = target_node(resource)?.as_str()?;
    if text.starts_with("arn:") {
        return Some(Target::Arn(text.to_owned()));
    }
    let name = text.strip_prefix("x-sqs::").unwrap_or(text);
    let name = name.strip_suffix("::Arn").or_else(|| name.strip_suffix("::QueueArn")).unwrap_or(name);
    Some(Target::Queue(name.to_owned()))
}

/// Returns true for a FIFO queue.
pub(super) fn is_fifo(resource: &Resource) -> bool {
    let property =
        |name: &str| resource.properties.as_ref()?.as_map()?.get(name)?.as_str().map(str::to_ascii_lowercase);
    property("FifoQueue").as_deref() == Some("true")
}

/// Checks that the dead-letter queue is there, is another one and fits.
pub(super) fn check(resource: &Resource, siblings: &[&Resource], sink: &mut Sink) {
    let name = &resource.name.value;
    let policy = resource.properties.as_ref().and_then(Node::as_map).and_then(|map| map.get("RedrivePolicy"));
    if let Some(policy) = policy.filter(|policy| policy.as_map().is_some()) {
        for key in ["deadLetterTargetArn", "maxReceiveCount"] {
            if policy.as_map().and_then(|map| map.get(key)).is_none() {
                sink.push(
                    Diagnostic::error(
                        codes::BAD_PROPERTY,
                        format!("`RedrivePolicy` of `{name}` has no `{key}`"),
                    )
                    .label(policy.span, "SQS needs both of them")
                    .help("write `RedrivePolicy: { deadLetterTargetArn: QUEUE, maxReceiveCount: 5 }`"),
                );
            }
        }
    }
    let (Some(Target::Queue(target)), Some(node)) = (target(resource), target_node(resource)) else { return };
    let Some(other) = siblings.iter().find(|sibling| sibling.name.value == target) else {
        let finding = Diagnostic::error(
            codes::BAD_REFERENCE,
            format!("the dead-letter queue of `{name}` is not there: `{target}`"),
        )
        .label(node.span, "no queue of this file");
        sink.push(match nearest(&target, siblings.iter().map(|sibling| sibling.name.value.as_str())) {
            Some(near) if near != name => {
                finding.help(format!("did you mean `{near}`?")).fix(node.span, near)
            }
            _ => finding.help("name another queue under `x-sqs`, or write an ARN"),
        });
        return;
    };
    if other.name.value == *name {
        sink.push(
            Diagnostic::error(codes::BAD_REFERENCE, format!("`{name}` is its own dead-letter queue"))
                .label(node.span, "this queue itself")
                .help("name another queue"),
        );
    } else if is_fifo(other) != is_fifo(resource) {
        sink.push(
            Diagnostic::error(
                codes::BAD_REFERENCE,
                format!("`{name}` and its dead-letter queue `{target}` are of different kinds"),
            )
            .label(node.span, "one is FIFO, the other is not")
            .context(other.name.span, "the dead-letter queue")
            .help("set `FifoQueue` on both or on none"),
        );
    }
}
