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
