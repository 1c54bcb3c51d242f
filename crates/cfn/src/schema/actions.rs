//! IAM actions (the service authorization reference).

use std::sync::LazyLock;
use std::sync::OnceLock;

use serde::Deserialize;

use super::archive::ACTIONS;

/// Actions of a service, in lower case: IAM does not tell cases apart.
#[derive(Debug, Deserialize)]
struct Service {
    /// Actions that may be limited to resources.
    #[serde(rename = "a")]
    on_resources: Vec<String>,
    /// Actions that only work on `*`.
    #[serde(rename = "n")]
    on_everything: Vec<String>,
    /// Services in the ARNs of its resources.
    #[serde(rename = "r")]
    arn_services: Vec<String>,
}

static SERVICES: LazyLock<Vec<OnceLock<Service>>> =
    LazyLock::new(|| (0..ACTIONS.names().len()).map(|_| OnceLock::new()).collect());

fn service(prefix: &str) -> Option<&'static Service> {
    let position = ACTIONS.position(prefix)?;
    #[expect(clippy::expect_used, reason = "the data is part of the crate and a test reads all of it")]
    let read = || serde_json::from_slice(ACTIONS.text(position)).expect("actions of a service");
    Some(SERVICES[position].get_or_init(read))
}

/// Actions that the data lists without resources although they take ARNs: their examples in the
/// service's own guide name resources.
const ON_RESOURCES: [&str; 1] = ["logs:describeloggroups"];

/// What is wrong with an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionFault {
    /// It is not `service:Action`.
    Shape,
    /// There is no such service; a service that is probably meant.
    Service(Option<&'static str>),
    /// The service has no such action; an action that is probably meant, in lower case.
    Action(Option<String>),
}

/// Checks an action of a policy statement, such as `sqs:SendMessage`, `s3:Get*` or `*`.
///
/// # Errors
/// What is wrong with it: a pattern that matches nothing is wrong as well.
pub fn check_action(action: &str) -> Result<(), ActionFault> {
    if action == "*" {
        return Ok(());
    }
    let Some((prefix, name)) = action.split_once(':') else { return Err(ActionFault::Shape) };
    let prefix = prefix.to_ascii_lowercase();
    let Some(service) = service(&prefix) else {
        return Err(ActionFault::Service(seaway_diag::nearest(&prefix, ACTIONS.names())));
    };
    let name = name.to_ascii_lowercase();
    let mut all = service.on_resources.iter().chain(&service.on_everything);
    if all.clone().any(|known| matches(&name, known)) {
        return Ok(());
    }
    let names = all.by_ref().map(String::as_str);
    Err(ActionFault::Action(seaway_diag::nearest(&name, names).map(|name| format!("{prefix}:{name}"))))
}

/// Returns the services whose ARNs the actions that a pattern matches take, and whether all of the
/// actions only work on `*`; `None` for an unknown action or service and for `*`.
pub fn matching_actions(action: &str) -> Option<(&'static [String], bool)> {
    let (prefix, name) = action.split_once(':')?;
    let service = service(&prefix.to_ascii_lowercase())?;
    let name = name.to_ascii_lowercase();
    let limited = service.on_resources.iter().any(|known| matches(&name, known));
    let limited = limited || ON_RESOURCES.contains(&action.to_ascii_lowercase().as_str());
    let unlimited = service.on_everything.iter().any(|known| matches(&name, known));
    (limited || unlimited).then_some((service.arn_services.as_slice(), !limited))
}

/// Returns true when an IAM pattern (`*`, `?`) matches a text.
fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut position, mut star) = (0, 0, None);
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[position] => {
                at += 1;
                position += 1;
            }
            _ => match star {
                Some((star_at, matched)) => {
                    (at, position) = (star_at + 1, matched + 1);
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

    #[test]
    fn actions() {
        for (action, expected) in [
            ("*", Ok(())),
            ("sqs:SendMessage", Ok(())),
            ("SQS:sendmessage", Ok(())),
            ("s3:Get*", Ok(())),
            ("ec2:Describe?pcs", Ok(())),
            ("sqs:*", Ok(())),
            ("sendmessage", Err(ActionFault::Shape)),
            ("sqqs:SendMessage", Err(ActionFault::Service(Some("sqs")))),
            ("sqs:SendMesage", Err(ActionFault::Action(Some("sqs:sendmessage".to_owned())))),
            ("s3:Fetch*", Err(ActionFault::Action(None))),
        ] {
            assert_eq!(check_action(action), expected, "{action}");
        }
    }

    #[test]
    fn resources_of_actions() {
        let (services, only_everything) = matching_actions("sqs:SendMessage").unwrap();
        assert_eq!(services, ["sqs"]);
        assert!(!only_everything);
        assert!(matching_actions("ecr:GetAuthorizationToken").unwrap().1);
        assert_eq!(matching_actions("*"), None);
        assert!(SERVICES.len() > 400);
        for name in ACTIONS.names() {
            assert!(service(name).is_some(), "{name}");
        }
    }
}
