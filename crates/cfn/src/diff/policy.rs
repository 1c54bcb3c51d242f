//! Whether a policy allows more than before.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value as Json;

/// Folded properties of a resource as JSON.
pub(super) type Properties = IndexMap<String, Json>;

/// One thing that a policy allows: an action on a resource for a principal under conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    action: String,
    resource: String,
    principal: String,
    condition: String,
}

/// What all policies of a resource say.
#[derive(Debug, Default)]
struct Says {
    grants: BTreeSet<Grant>,
    denials: BTreeSet<Grant>,
    /// Statements with `NotAction`, `NotResource` or `NotPrincipal`, or behind a function: only
    /// compared as a whole.
    opaque: BTreeSet<String>,
    managed: BTreeSet<String>,
}

/// Returns true when the policies in `new` allow something that those in `old` do not. Wildcards
/// of the old policies count; where it cannot be told (`NotAction`, functions), it is true.
pub(super) fn widens(old: &Properties, new: &Properties) -> bool {
    let (old, new) = (says(old), says(new));
    let covered = |grant: &Grant| {
        old.grants.iter().any(|other| {
            covers(&other.action, &grant.action)
                && covers(&other.resource, &grant.resource)
                && (other.principal == grant.principal || other.principal == "*")
                && (other.condition == grant.condition || other.condition.is_empty())
        })
    };
    !new.grants.iter().all(covered)
        || !old.denials.is_subset(&new.denials)
        || !new.opaque.is_subset(&old.opaque)
        || !new.managed.is_subset(&old.managed)
}

/// Returns true for types that are nothing but a policy on something else.
pub(super) fn is_policy(resource_type: &str) -> bool {
    resource_type.ends_with("Policy")
        && resource_type != "AWS::ApplicationAutoScaling::ScalingPolicy"
        && resource_type != "AWS::AutoScaling::ScalingPolicy"
}

fn says(properties: &Properties) -> Says {
    let mut says = Says::default();
    for name in ["AssumeRolePolicyDocument", "PolicyDocument", "Policy", "ResourcePolicy"] {
        if let Some(document) = properties.get(name) {
            document_says(document, &mut says);
        }
    }
    for policy in items(properties.get("Policies")) {
        document_says(policy.get("PolicyDocument").unwrap_or(policy), &mut says);
    }
    says.managed.extend(items(properties.get("ManagedPolicyArns")).map(text));
    says
}

fn document_says(document: &Json, says: &mut Says) {
    let Some(statements) = document.get("Statement") else {
        says.opaque.insert(document.to_string());
        return;
    };
    for statement in items(Some(statements)) {
        let opaque =
            ["NotAction", "NotResource", "NotPrincipal"].iter().any(|key| statement.get(key).is_some());
        if opaque || statement.get("Action").is_none() {
            says.opaque.insert(statement.to_string());
            continue;
        }
        let condition = statement.get("Condition").map(text).unwrap_or_default();
        let list = |key: &str| match statement.get(key) {
            None => vec![String::new()],
            value => items(value).map(text).collect(),
        };
        let target = match statement.get("Effect").and_then(Json::as_str) {
            Some("Deny") => &mut says.denials,
            _ => &mut says.grants,
        };
        for action in list("Action") {
            for resource in list("Resource") {
                for principal in principals(statement.get("Principal")) {
                    target.insert(Grant {
                        // Actions are not case-sensitive.
                        action: action.to_ascii_lowercase(),
                        resource: resource.clone(),
                        principal,
                        condition: condition.clone(),
                    });
                }
            }
        }
    }
}

fn principals(principal: Option<&Json>) -> Vec<String> {
    match principal {
        None => vec![String::new()],
        Some(Json::Object(kinds)) if kinds.keys().all(|kind| !kind.starts_with("Fn::")) => kinds
            .iter()
            .flat_map(|(kind, names)| {
                items(Some(names)).map(move |name| match (kind.as_str(), name.as_str()) {
                    ("AWS", Some("*")) => "*".to_owned(),
                    _ => format!("{kind}:{}", text(name)),
                })
            })
            .collect(),
        Some(other) => vec![text(other)],
    }
}

/// A list, or the one item that stands for a list.
fn items(value: Option<&Json>) -> impl Iterator<Item = &Json> {
    match value {
        Some(Json::Array(items)) => items.iter().collect::<Vec<_>>(),
        Some(item) => vec![item],
        None => Vec::new(),
    }
    .into_iter()
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns true when an IAM pattern (`*`, `?`) matches a text.
fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut position) = (0, 0);
    let mut star = None;
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(b'?') => {
                at += 1;
                position += 1;
            }
            Some(byte) if *byte == text[position] => {
                at += 1;
                position += 1;
            }
            _ => match star {
                Some((star_at, matched)) => {
                    at = star_at + 1;
                    position = matched + 1;
                    star = Some((star_at, matched + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn widened(old: Json, new: Json) -> bool {
        let role = |statement: Json| {
            Properties::from([(
                "Policies".to_owned(),
                json!([{"PolicyName": "p", "PolicyDocument": {"Statement": statement}}]),
            )])
        };
        widens(&role(old), &role(new))
    }

    #[test]
    fn statements() {
        let allow = |action: Json, resource: Json| json!([{"Effect": "Allow", "Action": action, "Resource": resource}]);
        let read = allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*"));
        for (name, old, new, expected) in [
            ("the same", read.clone(), read.clone(), false),
            (
                "a list of one",
                read.clone(),
                allow(json!(["s3:GetObject"]), json!(["arn:aws:s3:::b/*"])),
                false,
            ),
            (
                "another action",
                read.clone(),
                allow(json!(["s3:GetObject", "s3:PutObject"]), json!("arn:aws:s3:::b/*")),
                true,
            ),
            ("another resource", read.clone(), allow(json!("s3:GetObject"), json!("arn:aws:s3:::c/*")), true),
            (
                "narrower resource",
                read.clone(),
                allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/x")),
                false,
            ),
            ("wildcard", read.clone(), allow(json!("s3:*"), json!("arn:aws:s3:::b/*")), true),
            ("from wildcard", allow(json!("s3:*"), json!("*")), read.clone(), false),
            (
                "case of an action",
                read.clone(),
                allow(json!("s3:getobject"), json!("arn:aws:s3:::b/*")),
                false,
            ),
            (
                "reference",
                allow(json!("a:B"), json!({"Ref": "X"})),
                allow(json!("a:B"), json!({"Ref": "Y"})),
                true,
            ),
            ("nothing left", read.clone(), json!([]), false),
            (
                "condition gone",
                json!([{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {"Bool": {"x": "true"}}}]),
                json!([{"Effect": "Allow", "Action": "a:B", "Resource": "*"}]),
                true,
            ),
            ("denial gone", json!([{"Effect": "Deny", "Action": "a:B", "Resource": "*"}]), json!([]), true),
            ("denial added", json!([]), json!([{"Effect": "Deny", "Action": "a:B", "Resource": "*"}]), false),
            ("NotAction", json!([]), json!([{"Effect": "Allow", "NotAction": "a:B", "Resource": "*"}]), true),
        ] {
            assert_eq!(widened(old, new), expected, "{name}");
        }
    }

    #[test]
    fn principals_and_managed_policies() {
        let trust = |principal: Json| {
            Properties::from([(
                "AssumeRolePolicyDocument".to_owned(),
                json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]}),
            )])
        };
        let ecs = trust(json!({"Service": "ecs-tasks.amazonaws.com"}));
        assert!(!widens(&ecs, &ecs));
        assert!(widens(&ecs, &trust(json!({"AWS": "*"}))));
        assert!(!widens(&trust(json!("*")), &ecs));
        let managed = |arns: Json| Properties::from([("ManagedPolicyArns".to_owned(), arns)]);
        assert!(widens(&managed(json!([])), &managed(json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]))));
        assert!(!widens(&managed(json!(["a", "b"])), &managed(json!(["b"]))));
    }
}
