//! What ECS on this machine knows: clusters, task definitions, services, tasks, schedules.
//!
//! All of it is kept on disk, except values of secrets: those are read when a task starts and
//! handed to the container engine only.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::Container;
use seaway_cloud::Health;
use seaway_cloud::RolloutState;
use seaway_cloud::ServiceEvent;
use seaway_cloud::TargetHealth;
use seaway_cloud::Task;
use serde::Deserialize;
use serde::Serialize;

use super::task_definition::TaskDefinition;

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By name.
    pub(super) clusters: BTreeMap<String, ClusterRecord>,
    /// Task definitions.
    pub(super) definitions: Definitions,
    /// By `cluster/name`.
    pub(super) services: BTreeMap<String, ServiceRecord>,
    /// By id.
    pub(super) tasks: BTreeMap<String, TaskRecord>,
    /// By name.
    pub(super) schedules: BTreeMap<String, ScheduleRecord>,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ClusterRecord {
    /// Tags of the stack.
    pub(super) tags: IndexMap<String, String>,
}

/// Registered task definitions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Definitions {
    /// Last revision of each family; never goes back, also when revisions are deregistered.
    pub(super) families: BTreeMap<String, u64>,
    /// By `family:revision`.
    pub(super) revisions: BTreeMap<String, TaskDefinition>,
}

/// A target group that a service registers its tasks with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LoadBalancer {
    /// ARN.
    pub(super) target_group: String,
    /// Container name.
    pub(super) container: String,
    /// Container port.
    pub(super) port: u16,
}

/// What makes a new deployment when it changes (ECS: service revision).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Revision {
    /// `family:revision`.
    pub(super) definition: String,
    /// Target groups.
    pub(super) load_balancers: Vec<LoadBalancer>,
    /// Names under which other tasks of the cluster find it.
    pub(super) aliases: Vec<String>,
    /// Network configuration and whatever else forces new tasks.
    pub(super) rest: serde_json::Value,
}

/// How deployments go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub(super) minimum_percent: u32,
    pub(super) maximum_percent: u32,
    pub(super) breaker: bool,
    pub(super) rollback: bool,
    /// `EarlySuccessCriteria.HealthyPercent`.
    pub(super) early_percent: Option<u32>,
    /// Seconds.
    pub(super) grace: u32,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DeploymentRecord {
    pub(super) id: String,
    pub(super) revision: Revision,
    pub(super) state: RolloutState,
    pub(super) reason: Option<String>,
    /// Failures since the last healthy task: what the breaker counts.
    pub(super) failures: u32,
    /// All failures.
    pub(super) failed: u32,
    /// Tasks that it should have, once it is not the primary any more.
    pub(super) desired: u32,
    /// Stopped where it stands.
    pub(super) frozen: bool,
    /// It goes back to an earlier revision: even if that fails, there is nothing better to do
    /// than to go on trying.
    #[serde(default)]
    pub(super) rollback: bool,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ServiceRecord {
    pub(super) cluster: String,
    pub(super) name: String,
    pub(super) stack: String,
    pub(super) tags: IndexMap<String, String>,
    pub(super) desired: u32,
    pub(super) configuration: Configuration,
    /// The primary first.
    pub(super) deployments: Vec<DeploymentRecord>,
    /// The newest 100, oldest first.
    pub(super) events: VecDeque<ServiceEvent>,
    pub(super) next_event: u64,
    /// The steady state was announced.
    pub(super) steady: bool,
    /// It is being deleted.
    pub(super) deleting: bool,
    /// Tasks that ended soon after their start, since one stayed.
    pub(super) crashes: u32,
    /// No task is started before.
    pub(super) retry_at: Option<Timestamp>,
    /// Deployments that failed lately, and why: they may be forgotten before somebody asks.
    pub(super) failed: VecDeque<(String, String)>,
}

impl ServiceRecord {
    /// Adds an event in ECS' words; the service's name is put before it.
    pub(super) fn event(&mut self, now: Timestamp, text: &str) {
        let message = format!("(service {}) {text}", self.name);
        self.events.push_back(ServiceEvent { seq: self.next_event, time: now, message });
        self.next_event += 1;
        if self.events.len() > 100 {
            self.events.pop_front();
        }
    }

    /// Returns the key of a service.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }
}

/// What a run changes in its task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ContainerOverride {
    pub(super) command: Option<Vec<String>>,
    pub(super) environment: IndexMap<String, String>,
}

/// A container of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ContainerRecord {
    /// What the port shows.
    pub(super) shown: Container,
    /// Name at the container engine.
    pub(super) engine_name: String,
    /// It was started.
    pub(super) started: bool,
    /// It has a health check.
    pub(super) checked: bool,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TaskRecord {
    pub(super) id: String,
    pub(super) cluster: String,
    /// Service name.
    pub(super) service: Option<String>,
    /// Deployment id.
    pub(super) deployment: Option<String>,
    pub(super) group: String,
    pub(super) started_by: String,
    /// `family:revision`.
    pub(super) definition: String,
    pub(super) stack: String,
    pub(super) tags: IndexMap<String, String>,
    pub(super) overrides: IndexMap<String, ContainerOverride>,
    pub(super) load_balancers: Vec<LoadBalancer>,
    pub(super) aliases: Vec<String>,
    pub(super) last_status: String,
    pub(super) desired_status: String,
    pub(super) stop_code: Option<String>,
    pub(super) stopped_reason: Option<String>,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) containers: Vec<ContainerRecord>,
    pub(super) targets: Vec<TargetHealth>,
    /// It was healthy at least once: the grace period is over.
    pub(super) proven: bool,
    /// Its end was counted by its service.
    pub(super) counted: bool,
}

impl TaskRecord {
    /// Returns true until it is STOPPED.
    pub(super) fn alive(&self) -> bool {
        self.last_status != "STOPPED"
    }

    /// Returns the health of the essential containers that have a check.
    pub(super) fn health(&self) -> Health {
        let mut checked = self
            .containers
            .iter()
            .filter(|container| container.checked && container.shown.essential)
            .map(|container| container.shown.health)
            .peekable();
        if checked.peek().is_none() {
            return Health::Unknown;
        }
        let all: Vec<Health> = checked.collect();
        if all.contains(&Health::Unhealthy) {
            Health::Unhealthy
        } else if all.iter().all(|health| *health == Health::Healthy) {
            Health::Healthy
        } else {
            Health::Unknown
        }
    }

    /// Returns true when some essential container has a health check.
    pub(super) fn has_checks(&self) -> bool {
        self.containers.iter().any(|container| container.checked && container.shown.essential)
    }

    /// Asks it to stop; the first reason stays.
    pub(super) fn ask_to_stop(&mut self, code: &str, reason: &str) {
        self.desired_status = "STOPPED".to_owned();
        if self.stop_code.is_none() {
            self.stop_code = Some(code.to_owned());
            self.stopped_reason = Some(reason.to_owned());
        }
    }

    /// Returns the container of that name.
    pub(super) fn container_mut(&mut self, name: &str) -> Option<&mut ContainerRecord> {
        self.containers.iter_mut().find(|container| container.shown.name == name)
    }

    /// Returns the container of that name.
    pub(super) fn container(&self, name: &str) -> Option<&ContainerRecord> {
        self.containers.iter().find(|container| container.shown.name == name)
    }

    /// Returns what the port shows.
    pub(super) fn shown(&self) -> Task {
        Task {
            id: self.id.clone(),
            cluster: self.cluster.clone(),
            group: self.group.clone(),
            started_by: self.started_by.clone(),
            task_definition: self.definition.clone(),
            last_status: self.last_status.clone(),
            desired_status: self.desired_status.clone(),
            health: self.health(),
            targets: self.targets.clone(),
            containers: self.containers.iter().map(|container| container.shown.clone()).collect(),
            stop_code: self.stop_code.clone(),
            stopped_reason: self.stopped_reason.clone(),
            created: self.created,
            started: self.started,
            stopped: self.stopped,
        }
    }
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ScheduleRecord {
    pub(super) name: String,
    pub(super) stack: String,
    pub(super) tags: IndexMap<String, String>,
    pub(super) expression: String,
    pub(super) timezone: String,
    pub(super) enabled: bool,
    pub(super) cluster: String,
    pub(super) definition: String,
    pub(super) overrides: IndexMap<String, ContainerOverride>,
    /// Attempts after the first, when the task cannot be started.
    pub(super) retries: u32,
    /// Skips a time while the last task still runs.
    pub(super) no_overlap: bool,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    pub(super) created: Timestamp,
    pub(super) last_fired: Option<Timestamp>,
    pub(super) last_task: Option<String>,
}
