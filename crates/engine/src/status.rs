//! `status` and `outputs`: what is there.

use futures::future::try_join_all;
use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::Deployment;
use seaway_cloud::Health;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::Schedule;
use seaway_cloud::StackStatus;
use seaway_cloud::TargetHealth;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use serde::Serialize;

use crate::Engine;
use crate::EngineError;
use crate::deployed;
use crate::deployed::DeployedStack;
use crate::deployed::service_of;
use crate::deployed::tags;
use crate::parameters::Outputs;
use crate::service_watch::steady;

/// A stack as `status` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackState {
    /// Stack name.
    pub name: String,
    /// Status.
    pub status: StackStatus,
    /// Why.
    pub reason: Option<String>,
    /// Last change.
    pub changed: Timestamp,
}

/// A task as `status` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskStatus {
    /// Task id.
    pub id: String,
    /// `family:revision`.
    pub task_definition: String,
    /// ECS' lastStatus.
    pub status: String,
    /// Container health.
    pub health: Health,
    /// Seconds since it reached RUNNING, or since it was asked for.
    pub age: i64,
    /// Exit code, once stopped.
    pub exit_code: Option<i64>,
    /// Why it stopped.
    pub reason: Option<String>,
    /// When it stopped.
    pub stopped: Option<Timestamp>,
    /// Health of its targets.
    pub targets: Vec<TargetHealth>,
    /// Where its ports can be reached (`local` only).
    pub ports: IndexMap<String, IndexMap<u16, String>>,
}

/// A schedule as `status` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScheduleStatus {
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub expression: String,
    /// IANA name.
    pub timezone: String,
    /// It fires.
    pub enabled: bool,
    /// When it fires next.
    pub next: Option<Timestamp>,
}

/// A workload as `status` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkloadStatus {
    /// Workload name.
    pub name: String,
    /// Stack name.
    pub stack: String,
    /// `service`, `job` or `task`.
    pub kind: &'static str,
    /// It does what it should.
    pub good: bool,
    /// How many tasks it should have.
    pub desired: Option<u32>,
    /// Running tasks.
    pub running: Option<u32>,
    /// Pending tasks.
    pub pending: Option<u32>,
    /// Deployments, the primary first.
    pub deployments: Vec<Deployment>,
    /// Running tasks, newest first.
    pub tasks: Vec<TaskStatus>,
    /// The task that stopped last.
    pub last_stopped: Option<TaskStatus>,
    /// Its schedule.
    pub schedule: Option<ScheduleStatus>,
    /// Public address.
    pub url: Option<String>,
}

/// An environment as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Application.
    pub app: String,
    /// Environment.
    pub env: String,
    /// The newest release.
    pub release: Option<ReleaseSummary>,
    /// Number of the last release that served.
    pub serving: Option<u64>,
    /// Stacks by name.
    pub stacks: Vec<StackState>,
    /// Workloads by name.
    pub workloads: Vec<WorkloadStatus>,
}

fn task_status(task: &Task, now: Timestamp) -> TaskStatus {
    let since = task.started.unwrap_or(task.created);
    let reason = task.containers.iter().find_map(|container| container.reason.clone());
    TaskStatus {
        id: task.id.clone(),
        task_definition: task.task_definition.clone(),
        status: task.last_status.clone(),
        health: task.health,
        age: task.stopped.unwrap_or(now).as_second() - since.as_second(),
        exit_code: task.exit_code(),
        reason: task.stopped_reason.clone().or(reason),
        stopped: task.stopped,
        targets: task.targets.clone(),
        ports: task
            .containers
            .iter()
            .filter(|container| !container.ports.is_empty())
            .map(|container| (container.name.clone(), container.ports.clone()))
            .collect(),
    }
}

impl Engine {
    /// Reads what is deployed and how it is.
    ///
    /// # Errors
    /// When the cloud does not answer.
    pub async fn status(&self, app: &str, env: &str) -> Result<Status, EngineError> {
        let stacks = deployed::read(&*self.cloud, app, env, &[]).await?;
        let releases = self.cloud.releases(app, env).await?;
        let schedules = self.cloud.list_schedules(&tags(app, env)).await?;
        let workloads = stacks.values().filter(|stack| stack.is_workload());
        let mut workloads =
            try_join_all(workloads.map(|stack| self.workload_status(app, env, stack, &schedules))).await?;
        workloads.sort_by(|a, b| a.name.cmp(&b.name));
        let serving = releases.iter().find(|one| one.outcome == seaway_cloud::Outcome::Serving);
        Ok(Status {
            app: app.to_owned(),
            env: env.to_owned(),
            serving: serving.map(|one| one.number),
            release: releases.into_iter().next(),
            stacks: stacks
                .values()
                .map(|stack| StackState {
                    name: stack.stack.name.clone(),
                    status: stack.stack.status,
                    reason: stack.stack.reason.clone(),
                    changed: stack.stack.updated.unwrap_or(stack.stack.created),
                })
                .collect(),
            workloads,
        })
    }

    async fn workload_status(
        &self,
        app: &str,
        env: &str,
        stack: &DeployedStack,
        schedules: &[Schedule],
    ) -> Result<WorkloadStatus, EngineError> {
        let outputs = &stack.stack.outputs;
        let reference = service_of(outputs);
        let service = match &reference {
            Some(reference) => self.cloud.describe_service(reference).await?,
            None => None,
        };
        let family = outputs.get("TaskDefinitionArn").map(|arn| {
            let short = arn.rsplit('/').next().unwrap_or(arn);
            short.split(':').next().unwrap_or(short).to_owned()
        });
        let mut tasks = Vec::new();
        if let (Some(cluster), Some(family)) = (outputs.get("ClusterName"), &family) {
            let filter =
                TaskFilter { cluster: Some(cluster.clone()), stopped: true, ..TaskFilter::default() };
            tasks = self.cloud.list_tasks(&filter).await?;
            tasks.retain(|task| task.task_definition.split(':').next() == Some(family.as_str()));
        }
        let now = self.events.now();
        let running = tasks.iter().filter(|task| task.last_status != "STOPPED");
        let last = tasks.iter().filter(|task| task.stopped.is_some()).max_by_key(|task| task.stopped);
        let schedule = schedules.iter().find(|one| one.stack == stack.stack.name);
        let kind = match (&reference, schedule.is_some() || outputs.contains_key("ScheduleName")) {
            (Some(_), _) => "service",
            (None, true) => "job",
            (None, false) => "task",
        };
        let well = match (&reference, &service) {
            (Some(_), Some(service)) => steady(service),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let status = stack.stack.status;
        Ok(WorkloadStatus {
            name: deployed::workload_name(app, env, &stack.stack),
            stack: stack.stack.name.clone(),
            kind,
            good: well && (status.succeeded() || status == StackStatus::UpdateRollbackComplete),
            desired: service.as_ref().map(|service| service.desired),
            running: service.as_ref().map(|service| service.running),
            pending: service.as_ref().map(|service| service.pending),
            deployments: service.map(|service| service.deployments).unwrap_or_default(),
            tasks: running.map(|task| task_status(task, now)).collect(),
            last_stopped: last.map(|task| task_status(task, now)),
            schedule: schedule.map(|one| ScheduleStatus {
                expression: one.expression.clone(),
                timezone: one.timezone.clone(),
                enabled: one.enabled,
                next: one.next,
            }),
            url: outputs.get("Url").cloned(),
        })
    }

    /// Returns the outputs of every stack.
    ///
    /// # Errors
    /// When the cloud does not answer.
    pub async fn outputs(&self, app: &str, env: &str) -> Result<Outputs, EngineError> {
        let stacks = self.cloud.list_stacks(&tags(app, env)).await?;
        Ok(stacks.into_iter().map(|stack| (stack.name, stack.outputs)).collect())
    }
}
