//! ECS tasks.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Health of a container or task (ECS `HealthStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are ECS' own")]
pub enum Health {
    Unknown,
    Healthy,
    Unhealthy,
}

/// Health of a task as target of a load balancer (ELBv2 `TargetHealth`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHealth {
    /// Target group name.
    pub target_group: String,
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining`.
    pub state: String,
    /// Such as `Target.ResponseCodeMismatch`.
    pub reason: Option<String>,
    /// In words, such as `Health checks failed with these codes: [503]`.
    pub description: Option<String>,
}

/// A container of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Name in the task definition.
    pub name: String,
    /// Image as in the task definition.
    pub image: String,
    /// Digest of what really runs.
    pub image_digest: Option<String>,
    /// `PENDING`, `RUNNING`, `STOPPED`.
    pub last_status: String,
    /// Exit code, once stopped.
    pub exit_code: Option<i64>,
    /// Why it stopped or did not start, such as `CannotPullContainerError: …`.
    pub reason: Option<String>,
    /// Result of its health check.
    pub health: Health,
    /// True when the task stops with it.
    pub essential: bool,
    /// Container port → `127.0.0.1:port` where it can be reached (`local` only).
    pub ports: IndexMap<u16, String>,
}

/// A task as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// 32 hex digits.
    pub id: String,
    /// Cluster name.
    pub cluster: String,
    /// `service:NAME` or `family:NAME`.
    pub group: String,
    /// Deployment id, schedule name, or who asked.
    pub started_by: String,
    /// `family:revision`.
    pub task_definition: String,
    /// `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING`, `STOPPING`,
    /// `DEPROVISIONING`, `STOPPED`.
    pub last_status: String,
    /// `RUNNING` or `STOPPED`.
    pub desired_status: String,
    /// Health of the essential containers together.
    pub health: Health,
    /// Health as target, for each target group.
    pub targets: Vec<TargetHealth>,
    /// Containers.
    pub containers: Vec<Container>,
    /// `TaskFailedToStart`, `EssentialContainerExited`, `UserInitiated`,
    /// `ServiceSchedulerInitiated`.
    pub stop_code: Option<String>,
    /// In words, such as `Essential container in task exited`.
    pub stopped_reason: Option<String>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it reached RUNNING.
    pub started: Option<Timestamp>,
    /// When it reached STOPPED.
    pub stopped: Option<Timestamp>,
}

impl Task {
    /// Returns the exit code of the essential container that ended, if one did.
    pub fn exit_code(&self) -> Option<i64> {
        self.containers.iter().filter(|container| container.essential).find_map(|c| c.exit_code)
    }
}

/// Which tasks to list; every `Some` must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFilter {
    /// Cluster name.
    pub cluster: Option<String>,
    /// `service:NAME` or `family:NAME`; a name only after the colon as ECS shows it.
    pub group: Option<String>,
    /// Deployment id, schedule name, or who asked.
    pub started_by: Option<String>,
    /// List stopped tasks, too.
    pub stopped: bool,
}

/// A one-off run of a task definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTask {
    /// Cluster name.
    pub cluster: String,
    /// `family:revision` or ARN.
    pub task_definition: String,
    /// Container whose command and environment are overridden; the first one if none is named.
    pub container: Option<String>,
    /// Replaces the command.
    pub command: Option<Vec<String>>,
    /// Added to the environment.
    pub environment: IndexMap<String, String>,
    /// Subnet ids.
    pub subnets: Vec<String>,
    /// Security group ids.
    pub security_groups: Vec<String>,
    /// Recorded as `startedBy` (at most 36 characters).
    pub started_by: String,
}
