//! EventBridge schedules.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A schedule that runs a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Schedule name: what `Ref` of the `AWS::Scheduler::Schedule` returned.
    pub name: String,
    /// Stack that holds it.
    pub stack: String,
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub expression: String,
    /// IANA name.
    pub timezone: String,
    /// It fires.
    pub enabled: bool,
    /// `family:revision` that it runs.
    pub task_definition: String,
    /// When it fires next.
    pub next: Option<Timestamp>,
    /// Id of the task that it started last.
    pub last_task: Option<String>,
}
