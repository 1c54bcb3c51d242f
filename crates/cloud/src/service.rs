//! ECS services and their deployments.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Names a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServiceRef {
    /// Cluster name.
    pub cluster: String,
    /// Service name or ARN: what `Ref` of the `AWS::ECS::Service` returned.
    pub service: String,
}

/// Where a deployment stands (ECS API reference, `Deployment.rolloutState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are ECS' own")]
pub enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

/// A deployment of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Such as `ecs-svc/0123456789`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// Where it stands.
    pub rollout_state: RolloutState,
    /// Why.
    pub rollout_reason: Option<String>,
    /// `family:revision`.
    pub task_definition: String,
    /// How many tasks it should have.
    pub desired: u32,
    /// Tasks on their way to RUNNING.
    pub pending: u32,
    /// Running tasks.
    pub running: u32,
    /// Running tasks that are healthy (container and target checks).
    pub healthy: u32,
    /// Tasks that failed to start or to become healthy.
    pub failed: u32,
    /// When it began.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// A service event: what the console shows in its event list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// Counts up within the service.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// Such as `(service web) has reached a steady state.`
    pub message: String,
}

/// A service as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Service name.
    pub name: String,
    /// Cluster name.
    pub cluster: String,
    /// `family:revision` of the primary deployment.
    pub task_definition: String,
    /// How many tasks it should have.
    pub desired: u32,
    /// Running tasks of all deployments.
    pub running: u32,
    /// Pending tasks of all deployments.
    pub pending: u32,
    /// Deployments, the primary first.
    pub deployments: Vec<Deployment>,
    /// The newest 100 events, oldest first.
    pub events: Vec<ServiceEvent>,
}

/// How to stop a deployment (ECS StopServiceDeployment, `stopType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StopType {
    /// Go back to the last completed deployment.
    Rollback,
    /// Stay where it is.
    Abort,
}

/// A change of a service outside its stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUpdate {
    /// New desired count.
    pub desired: Option<u32>,
    /// Replace all tasks by new ones of the same revision.
    pub force_new_deployment: bool,
}
