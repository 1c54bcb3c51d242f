//! What happens during an operation: one stream for the terminal, plain lines and JSON.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::Outcome;

/// How loud an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only with `--verbose`.
    Debug,
    /// Normal progress.
    Info,
    /// Something to look at.
    Warning,
    /// Something failed.
    Error,
}

/// The part of an operation that an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Checks before anything is touched.
    Preflight,
    /// Building and pushing images.
    Build,
    /// Comparing with what is deployed.
    Plan,
    /// Applying stacks.
    Apply,
    /// Tasks before and after.
    Tasks,
    /// Checking that it serves.
    Verify,
    /// Going back.
    Rollback,
    /// Deleting.
    Delete,
    /// The end.
    Outcome,
}

/// A deployment of a service, as a row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRow {
    /// `PRIMARY` or `ACTIVE`.
    pub status: String,
    /// `family:revision`.
    pub task_definition: String,
    /// Counts of tasks.
    pub desired: u32,
    /// On their way.
    pub pending: u32,
    /// Running.
    pub running: u32,
    /// Healthy.
    pub healthy: u32,
    /// Failed.
    pub failed: u32,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// The operation begins; lists what it will work on, so that a live tree can show all of it.
    Started {
        /// `up`, `down`, `rollback`, …
        action: String,
        /// Application.
        app: String,
        /// Environment.
        env: String,
        /// Stack names in order.
        stacks: Vec<String>,
        /// Release number, where it is one.
        release: Option<u64>,
    },
    /// A line for people.
    Message {
        /// The text.
        text: String,
    },
    /// An image is built, or was there already.
    Image {
        /// Service.
        service: String,
        /// Reference with tag or digest.
        reference: String,
        /// `building`, `built`, `unchanged`, `failed`.
        state: String,
        /// Milliseconds that it took.
        milliseconds: Option<u64>,
    },
    /// A stack changes its state: `waiting`, `unchanged`, or a CloudFormation status.
    Stack {
        /// The state.
        state: String,
        /// Why.
        reason: Option<String>,
    },
    /// A resource changes its status.
    Resource {
        /// Logical id.
        logical_id: String,
        /// Resource type.
        resource_type: String,
        /// In plain words, such as `a load balancer`.
        description: String,
        /// CloudFormation resource status.
        status: String,
        /// Why.
        reason: Option<String>,
    },
    /// The deployments table of a service.
    Deployments {
        /// The primary first.
        rows: Vec<DeploymentRow>,
    },
    /// A service event of ECS.
    ServiceEvent {
        /// ECS' own text.
        message: String,
    },
    /// A task changes its status or health.
    Task {
        /// Task id.
        id: String,
        /// `family:revision`.
        task_definition: String,
        /// ECS' lastStatus.
        status: String,
        /// Container health, or target state such as `draining`.
        health: String,
        /// Exit code, once stopped.
        exit_code: Option<i64>,
        /// Why it stopped.
        reason: Option<String>,
    },
    /// A log line of a task that matters here.
    Log {
        /// Task id.
        task: String,
        /// The text.
        message: String,
    },
    /// A verification.
    Check {
        /// What is checked.
        name: String,
        /// It passed.
        passed: bool,
        /// What was found.
        detail: String,
    },
    /// Nothing changed for a while.
    Heartbeat {
        /// Seconds since the start.
        elapsed: u64,
        /// What is waited for.
        waiting_for: Vec<String>,
    },
    /// The end.
    Finished {
        /// How it ended.
        outcome: Outcome,
        /// Exit code of design.md section 9.
        exit_code: i32,
        /// In one line.
        summary: String,
        /// Addresses and other outputs.
        outputs: IndexMap<String, String>,
    },
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// Counts up from 1.
    pub seq: u64,
    /// How loud.
    pub level: Level,
    /// Part of the operation.
    pub phase: Phase,
    /// Stack name, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stack: Option<String>,
    /// Workload name, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workload: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Returns what a service event of ECS says, for a reader who knows which service it is about:
/// without `(service NAME)`, without ARNs, with task ids of eight digits.
///
/// ```
/// use seaway_cloud::event::brief;
/// let message = "(service shop-web-Service-1f) has started 1 tasks: (task 2860c97da61adf277cbb5d70d1136e46).";
/// assert_eq!(brief(message), "has started 1 tasks: (task 2860c97d).");
/// ```
pub fn brief(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(open) = rest.find('(') {
        let Some(close) = rest[open..].find(')').map(|at| open + at) else { break };
        let inside = &rest[open + 1..close];
        let before = &rest[..open];
        let after = &rest[close + 1..];
        match inside.split_once(' ') {
            // The line says already which service and which release it is about.
            Some(("service" | "deployment", id)) if !id.contains(' ') && before.trim().is_empty() => {
                rest = after.trim_start();
                continue;
            }
            Some(("target-group", arn)) if arn.starts_with("arn:") => {
                out.push_str(before);
                out.push_str("its target group");
            }
            Some(("task", id)) if !id.contains(' ') => {
                out.push_str(before);
                let id = id.rsplit('/').next().unwrap_or(id);
                out.push_str(&format!("(task {})", id.get(..8).unwrap_or(id)));
            }
            _ => out.push_str(&rest[..=close]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_events_are_brief() {
        let service = "(service shop-local-web-Service-85fc93adcdf8)";
        for (message, wanted) in [
            (format!("{service} has reached a steady state."), "has reached a steady state."),
            (format!("{service} (deployment ecs-svc/41) deployment completed."), "deployment completed."),
            (
                format!(
                    "{service} registered 1 targets in (target-group arn:aws:elasticloadbalancing:x:1:targetgroup/a/b)"
                ),
                "registered 1 targets in its target group",
            ),
            (
                format!("{service} has started 2 tasks: (task 2860c97da61adf27) (task 92d50df46043e3eb)."),
                "has started 2 tasks: (task 2860c97d) (task 92d50df4).",
            ),
            (
                "deployment failed: tasks failed to start (why".to_owned(),
                "deployment failed: tasks failed to start (why",
            ),
            (
                format!("{service} was unable to place a task (reason (no capacity)) now"),
                "was unable to place a task (reason (no capacity)) now",
            ),
            (String::new(), ""),
        ] {
            assert_eq!(brief(&message), wanted, "{message}");
        }
    }
}
