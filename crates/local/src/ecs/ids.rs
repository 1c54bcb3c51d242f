//! Fresh identifiers and the ARNs of this machine.

use std::hash::BuildHasher;
use std::hash::Hasher;
use std::hash::RandomState;

/// Returns 32 fresh hex digits. `RandomState` is seeded by the operating system.
pub(super) fn task_id() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

/// Returns a fresh deployment id, such as `ecs-svc/1234567890123456789`.
pub(super) fn deployment_id() -> String {
    format!("ecs-svc/{:019}", RandomState::new().build_hasher().finish() >> 1)
}

/// Returns an ARN of ECS.
pub(super) fn ecs_arn(resource: &str) -> String {
    format!("arn:aws:ecs:local:000000000000:{resource}")
}

/// Returns the last part of a name with slashes: cluster and service ARNs become names.
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Returns the name that CloudFormation would make up: stack, logical id and the head of the
/// resource's token, at most `limit` characters long.
pub(super) fn derived_name(stack: &str, logical_id: &str, token: &str, limit: usize) -> String {
    let suffix: String = token.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    let room = limit.saturating_sub(suffix.len() + 1);
    let head: String = format!("{stack}-{logical_id}").chars().take(room).collect();
    format!("{head}-{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fresh() {
        assert_ne!(task_id(), task_id());
        assert_eq!(task_id().len(), 32);
        assert!(deployment_id().starts_with("ecs-svc/"));
    }

    #[test]
    fn names_are_stable_and_short_enough() {
        assert_eq!(derived_name("shop", "Cluster", "a1b2-c3", 255), "shop-Cluster-a1b2c3");
        assert_eq!(derived_name(&"s".repeat(70), "L", "token", 64).len(), 64);
    }
}
