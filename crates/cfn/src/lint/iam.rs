//! Policies: shape, actions, resources.

use seaway_diag::nearest;

use super::codes;
use super::linter::Linter;
use super::linter::did_you_mean;
use super::linter::help;
use super::model::Resource;
use super::place::Place;
use crate::schema::ActionFault;
use crate::schema::check_action;
use crate::schema::matching_actions;
use crate::source::Content;
use crate::source::Entry;
use crate::source::Node;

/// Properties that hold a policy.
const DOCUMENTS: [&str; 8] = [
    "AssumeRolePolicyDocument",
    "FileSystemPolicy",
    "KeyPolicy",
    "Policy",
    "PolicyDocument",
    "RepositoryPolicyText",
    "ResourcePolicy",
    "TopicPolicy",
];
const KEYS: [&str; 10] = [
    "Action",
    "Condition",
    "Effect",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Sid",
    "Version",
];

/// Who holds a policy decides what a statement needs.
#[derive(Clone, Copy, PartialEq)]
enum Holder {
    /// A role or user: no principal, but resources.
    Identity,
    /// Who may assume a role: a principal, no resources.
    Trust,
    /// A resource: a principal.
    Resource,
}

pub(super) fn check<'a>(linter: &mut Linter<'a>, resource: &Resource<'a>) {
    let Some(node) = resource.properties else { return };
    let root = Place::root("Resources");
    search(linter, &root.key(resource.id), node, resource.kind);
}

fn search(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, kind: &str) {
    for (index, item) in node.items().iter().enumerate() {
        search(linter, &place.index(index), item, kind);
    }
    for entry in node.entries() {
        let here = place.key(&entry.key);
        if DOCUMENTS.contains(&entry.key.as_str()) && entry.value.get("Statement").is_some() {
            let holder = match entry.key.as_str() {
                "AssumeRolePolicyDocument" => Holder::Trust,
                _ if kind.starts_with("AWS::IAM::") || kind.starts_with("AWS::SSO::") => Holder::Identity,
                _ => Holder::Resource,
            };
            document(linter, &here, &entry.value, holder, kind);
        } else {
            search(linter, &here, &entry.value, kind);
        }
    }
}

fn document(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, holder: Holder, kind: &str) {
    for entry in node.entries() {
        match entry.key.as_str() {
            "Version" => {
                let text = entry.value.scalar().unwrap_or_default();
                if text != "2012-10-17" && text != "2008-10-17" {
                    let message = format!("`{text}` is no version of the policy language");
                    let finding = linter.report(&codes::STATEMENT, entry.value.span, place, message);
                    help(finding, "write `2012-10-17`, in quotes");
                }
            }
            "Statement" | "Id" => {}
            key => {
                let message = format!("policies have no `{key}`");
                linter.report(&codes::STATEMENT, entry.key_span, place, message);
            }
        }
    }
    let Some(statements) = node.get("Statement") else { return };
    let all = match &statements.content {
        Content::List(items) => items.as_slice(),
        _ => std::slice::from_ref(statements),
    };
    for one in all {
        branches(one, &mut |one| statement(linter, place, one, holder, kind));
    }
}

/// Calls `found` with a value, or with both values of an `Fn::If`.
fn branches(node: &Node, found: &mut dyn FnMut(&Node)) {
    match node.function() {
        Some(("Fn::If", argument)) => {
            argument.items().iter().skip(1).for_each(|branch| branches(branch, found));
        }
        Some(_) => {}
        None => found(node),
    }
}

fn statement(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node, holder: Holder, kind: &str) {
    let has = |name: &str| node.get(name).is_some();
    for entry in node.entries() {
        let key = entry.key.as_str();
        if !KEYS.contains(&key) && !key.starts_with("Fn::") {
            let message = format!("statements have no `{key}`");
            let finding = linter.report(&codes::STATEMENT, entry.key_span, place, message);
            did_you_mean(finding, nearest(key, KEYS));
        }
    }
    let mut fault = |message: &str| {
        linter.report(&codes::STATEMENT, node.span, place, message);
    };
    match node.get("Effect") {
        None => fault("the statement has no `Effect`"),
        Some(effect) if effect.function().is_some() => {}
        Some(effect) if !matches!(effect.as_str(), Some("Allow" | "Deny")) => {
            fault("`Effect` is `Allow` or `Deny`");
        }
        Some(_) => {}
    }
    if has("Action") == has("NotAction") {
        fault("the statement needs `Action` or `NotAction`");
    }
    let resources = has("Resource") || has("NotResource");
    let principals = has("Principal") || has("NotPrincipal");
    match holder {
        Holder::Identity if !resources => fault("the statement needs `Resource` or `NotResource`"),
        Holder::Identity if principals => fault("a policy of a role or user has no `Principal`"),
        Holder::Trust if resources => fault("a trust policy has no `Resource`"),
        Holder::Trust | Holder::Resource if !principals => fault("the statement needs a `Principal`"),
        _ => {}
    }
    let actions = texts(node.get("Action"));
    for (action, span) in actions.iter().chain(&texts(node.get("NotAction"))) {
        action_exists(linter, place, action, *span);
    }
    resources_fit(linter, place, node, &actions, kind);
}

fn action_exists(linter: &mut Linter<'_>, place: &Place<'_>, action: &str, span: Option<seaway_diag::Span>) {
    let Err(fault) = check_action(action) else { return };
    let (message, near) = match fault {
        ActionFault::Shape => (format!("`{action}` is no action: write `service:Action`"), None),
        ActionFault::Service(near) => {
            let prefix = action.split(':').next().unwrap_or_default();
            (format!("IAM knows no service `{prefix}`"), near.map(str::to_owned))
        }
        ActionFault::Action(near) => (format!("there is no action `{action}`"), near),
    };
    let finding = linter.report(&codes::ACTION, span, place, message);
    did_you_mean(finding, near.as_deref());
}

/// Literal texts of one value or a list of values.
fn texts(node: Option<&Node>) -> Vec<(String, Option<seaway_diag::Span>)> {
    let mut found = Vec::new();
    for item in each(node) {
        if let Some(text) = item.as_str() {
            found.push((text.to_owned(), item.span));
        }
    }
    found
}

fn each(node: Option<&Node>) -> Vec<&Node> {
    let Some(node) = node else { return Vec::new() };
    match (&node.content, node.function()) {
        (_, Some(("Fn::If", argument))) => {
            argument.items().iter().skip(1).flat_map(|item| each(Some(item))).collect()
        }
        (Content::List(items), _) => items.iter().flat_map(|item| each(Some(item))).collect(),
        _ => vec![node],
    }
}

fn resources_fit(
    linter: &mut Linter<'_>,
    place: &Place<'_>,
    node: &Node,
    actions: &[(String, Option<seaway_diag::Span>)],
    kind: &str,
) {
    let Some(listed) = node.get("Resource") else { return };
    let targets: Vec<(&Node, Target)> =
        each(Some(listed)).into_iter().map(|item| (item, target(linter, item))).collect();
    let mut services: Vec<&str> = Vec::new();
    for (action, _) in actions {
        match matching_actions(action) {
            Some((found, _)) => services.extend(found.iter().map(String::as_str)),
            // `*`, or an action that is reported already: any resource may be meant.
            None => return,
        }
    }
    if actions.is_empty() {
        return;
    }
    for (item, target) in &targets {
        let Target::Service(service) = target else { continue };
        if !services.contains(&service.as_str()) {
            let names: Vec<&str> = actions.iter().map(|(action, _)| action.as_str()).take(3).collect();
            let message = format!("{} never applies to a resource of `{service}`", names.join(", "));
            linter.report(&codes::ACTION_RESOURCE, item.span.or(node.span), place, message);
        }
    }
    let only_named = targets.iter().all(|(_, target)| matches!(target, Target::Service(_)));
    let allows = node.get("Effect").and_then(Node::as_str) == Some("Allow");
    // A resource's own policy names the resource, whatever the action.
    if only_named && allows && kind.starts_with("AWS::IAM::") {
        for (action, span) in actions {
            if matching_actions(action).is_some_and(|(_, only_star)| only_star) {
                let message = format!("`{action}` only works on the resource `*`");
                linter.report(&codes::ACTION_STAR, *span, place, message);
            }
        }
    }
}

/// What a `Resource` names.
enum Target {
    Everything,
    Service(String),
    Unknown,
}

fn target(linter: &Linter<'_>, node: &Node) -> Target {
    if let Some(text) = node.as_str() {
        return from_arn(text);
    }
    if let Some((id, _)) = node.get_att()
        && let Some(resource) = linter.model.resources.get(id)
    {
        return of_kind(resource.kind).map_or(Target::Unknown, Target::Service);
    }
    match node.function() {
        Some(("Fn::Sub", argument)) => {
            let text = argument.as_str().or_else(|| argument.items().first().and_then(Node::as_str));
            text.map_or(Target::Unknown, |text| {
                let inner = text.strip_prefix("${").and_then(|rest| rest.split(['}', '.']).next());
                let attribute = text.contains(".Arn}");
                match inner.and_then(|id| linter.model.resources.get(id)) {
                    Some(resource) if attribute => {
                        of_kind(resource.kind).map_or(Target::Unknown, Target::Service)
                    }
                    _ => from_arn(text),
                }
            })
        }
        Some(("Fn::Join", argument)) => {
            let parts = argument.items().get(1).map(|list| list.items()).unwrap_or_default();
            parts.first().and_then(Node::as_str).map_or(Target::Unknown, from_arn)
        }
        _ => Target::Unknown,
    }
}

fn from_arn(text: &str) -> Target {
    if text == "*" {
        return Target::Everything;
    }
    // `${AWS::Partition}` holds colons.
    let text = text.replace("${AWS::Partition}", "aws");
    let mut parts = text.split(':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("arn"), Some(_), Some(service), Some(_))
            if !service.is_empty() && !service.contains(['$', '*', '{']) =>
        {
            Target::Service(service.to_owned())
        }
        _ => Target::Unknown,
    }
}

/// The service in the ARN of a type; `None` where an attribute may be of another service.
fn of_kind(kind: &str) -> Option<String> {
    let service = kind.strip_prefix("AWS::")?.split("::").next()?;
    Some(match service {
        "CertificateManager" => "acm".to_owned(),
        "DynamoDB" | "ECR" | "ECS" | "IAM" | "KMS" | "Kinesis" | "Lambda" | "Logs" | "S3" | "SNS" | "SQS"
        | "Events" | "Scheduler" | "RDS" | "SecretsManager" | "CodeBuild" | "CodePipeline"
        | "ElastiCache" => service.to_ascii_lowercase(),
        "EFS" => "elasticfilesystem".to_owned(),
        "ElasticLoadBalancingV2" => "elasticloadbalancing".to_owned(),
        "KinesisFirehose" => "firehose".to_owned(),
        "OpenSearchService" => "es".to_owned(),
        "StepFunctions" => "states".to_owned(),
        _ => return None,
    })
}

/// Reports literal texts that only work in the partition `aws`.
pub(super) fn partitions(linter: &mut Linter<'_>, place: &Place<'_>, entries: &[Entry]) {
    for entry in entries {
        walk(linter, &place.key(&entry.key), &entry.value);
    }
}

fn walk(linter: &mut Linter<'_>, place: &Place<'_>, node: &Node) {
    if node.as_str().is_some_and(|text| text.contains("arn:aws:")) {
        let finding = linter.report(&codes::PARTITION, node.span, place, "`arn:aws:` fixes the partition");
        help(finding, "write `arn:${AWS::Partition}:` with `Fn::Sub`");
    }
    for (index, item) in node.items().iter().enumerate() {
        walk(linter, &place.index(index), item);
    }
    for entry in node.entries() {
        walk(linter, &place.key(&entry.key), &entry.value);
    }
}
