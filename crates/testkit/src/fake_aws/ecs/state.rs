//! What ECS knows.

use indexmap::IndexMap;
use indexmap::IndexSet;
use serde_json::Value as Json;

use crate::fake_aws::behaviour::BehaviourRule;

/// What ECS knows.
#[derive(Debug, Default)]
pub(crate) struct Ecs {
    /// Names.
    pub(crate) clusters: IndexSet<String>,
    /// By ARN.
    pub(crate) definitions: IndexMap<String, Definition>,
    /// The newest revision of each family.
    pub(crate) revisions: IndexMap<String, u64>,
    /// By ARN.
    pub(crate) services: IndexMap<String, Service>,
    /// Service deployments, by ARN.
    pub(crate) rollouts: IndexMap<String, Rollout>,
    /// By ARN.
    pub(crate) tasks: IndexMap<String, Task>,
    /// Client tokens of `RunTask` and the tasks that they stand for.
    pub(crate) tokens: IndexMap<String, Vec<String>>,
}

/// A task definition.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: u64,
    /// As in the template, evaluated.
    pub(crate) properties: Json,
    pub(crate) stack: String,
    pub(crate) active: bool,
    pub(crate) registered_at: u64,
}

/// A service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) cluster: String,
    pub(crate) stack: String,
    pub(crate) logical_id: String,
    /// ARN of the primary deployment's.
    pub(crate) task_definition: String,
    pub(crate) desired: u64,
    /// As in the template, evaluated.
    pub(crate) properties: Json,
    /// The primary one first.
    pub(crate) deployments: Vec<Deployment>,
    /// Oldest first.
    pub(crate) events: Vec<ServiceEvent>,
    pub(crate) created_at: u64,
    /// False once it is deleted.
    pub(crate) active: bool,
    /// No task is started before.
    pub(crate) not_before: u64,
    /// It said that there is no capacity.
    pub(crate) said_no_capacity: bool,
}

/// An event of a service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceEvent {
    pub(crate) id: String,
    pub(crate) at: u64,
    pub(crate) message: String,
}

/// A deployment as `DescribeServices` lists it.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) task_definition: String,
    /// `IN_PROGRESS`, `COMPLETED`, `FAILED`.
    pub(crate) state: &'static str,
    pub(crate) reason: String,
    pub(crate) created_at: u64,
    pub(crate) updated_at: u64,
    /// Failed tasks since the last healthy one.
    pub(crate) failed: u64,
    /// ARN of its service deployment.
    pub(crate) rollout: String,
    pub(crate) revision: String,
}

/// A service deployment as `DescribeServiceDeployments` shows it.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    pub(crate) arn: String,
    pub(crate) service: String,
    /// Revision and task definition that were there before.
    pub(crate) source: Option<(String, String)>,
    /// Revision that it rolls out.
    pub(crate) target: String,
    pub(crate) status: &'static str,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: u64,
    pub(crate) updated_at: u64,
    pub(crate) finished_at: Option<u64>,
    pub(crate) stopped_at: Option<u64>,
    /// Why it goes back, and since when.
    pub(crate) rollback: Option<(String, u64)>,
    pub(crate) failures: u64,
    pub(crate) threshold: u64,
}

/// A task.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) arn: String,
    pub(crate) id: String,
    pub(crate) cluster: String,
    /// `service:NAME` or `family:NAME`.
    pub(crate) group: String,
    /// ARN of its service.
    pub(crate) service: Option<String>,
    /// Deployment id of its service.
    pub(crate) deployment: String,
    pub(crate) started_by: String,
    pub(crate) definition: String,
    pub(crate) status: &'static str,
    pub(crate) desired_status: &'static str,
    /// It counts as healthy for its service.
    pub(crate) ready: bool,
    pub(crate) health: &'static str,
    pub(crate) created_at: u64,
    pub(crate) started_at: Option<u64>,
    pub(crate) stopping_at: Option<u64>,
    pub(crate) stopped_at: Option<u64>,
    pub(crate) stop_code: Option<&'static str>,
    pub(crate) stopped_reason: Option<String>,
    pub(crate) exit_code: Option<i64>,
    pub(crate) container_reason: Option<String>,
    pub(crate) rule: BehaviourRule,
    /// When it moves on.
    pub(crate) next_at: u64,
    pub(crate) address: String,
    pub(crate) subnet: String,
    pub(crate) overrides: Json,
    pub(crate) exec: bool,
    /// Its failure is counted.
    pub(crate) counted: bool,
}

impl Task {
    /// Returns whether it is wanted and not gone.
    pub(crate) fn alive(&self) -> bool {
        self.stopped_at.is_none() && self.desired_status == "RUNNING"
    }
}

impl Ecs {
    /// Returns the images of a task definition's containers, in order.
    pub(crate) fn images(&self, definition: &str) -> Vec<String> {
        let Some(definition) = self.definitions.get(definition) else { return Vec::new() };
        let containers = definition.properties["ContainerDefinitions"].as_array();
        let image = |container: &Json| container["Image"].as_str().map(str::to_owned);
        containers.map(|all| all.iter().filter_map(image).collect()).unwrap_or_default()
    }

    /// Returns how many tasks of a service run.
    pub(crate) fn running(&self, service: &str) -> u64 {
        let of_it = |task: &&Task| task.service.as_deref() == Some(service) && task.status == "RUNNING";
        self.tasks.values().filter(of_it).count() as u64
    }

    /// Finds a service by name or ARN in a cluster (name or ARN; `None` is `default`).
    pub(crate) fn find_service(&self, cluster: Option<&str>, service: &str) -> Option<&Service> {
        let cluster = short(cluster.unwrap_or("default"));
        let fits = |found: &&Service| {
            found.arn == service || (found.name == short(service) && found.cluster == cluster)
        };
        // A new service may have the name of a deleted one.
        self.services
            .values()
            .rev()
            .filter(|found| found.active)
            .chain(self.services.values().rev())
            .find(fits)
    }

    /// Finds a task by id or ARN in a cluster.
    pub(crate) fn find_task(&self, cluster: Option<&str>, task: &str) -> Option<String> {
        let cluster = short(cluster.unwrap_or("default"));
        let fits = |found: &&Task| found.id == short(task) && found.cluster == cluster;
        self.tasks.values().find(fits).map(|found| found.arn.clone())
    }

    /// Finds a task definition by ARN, `family:revision` or family.
    pub(crate) fn find_definition(&self, name: &str) -> Option<&Definition> {
        let name = short(name);
        match name.split_once(':') {
            Some((family, revision)) => self
                .definitions
                .values()
                .find(|found| found.family == family && found.revision.to_string() == revision),
            None => self.definitions.values().rev().find(|found| found.family == name && found.active),
        }
    }
}

/// Returns the last part of an ARN or path.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Returns a number, also one that is written as text, as templates have them.
pub(crate) fn int(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Returns a truth value, also one that is written as text.
pub(crate) fn truth(value: &Json) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}
