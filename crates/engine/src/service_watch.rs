//! Looks at one service while it is deployed, and says what changes.

use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_cloud::Health;
use seaway_cloud::RolloutState;
use seaway_cloud::Service;
use seaway_cloud::ServiceRef;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_cloud::event::DeploymentRow;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;

use crate::Engine;
use crate::events::Topic;
use crate::failure::Stop;
use crate::retry;
use crate::watchdog::Verdict;
use crate::watchdog::Watchdog;

/// Looks at one service.
#[derive(Debug, Default)]
pub(crate) struct ServiceWatch {
    /// Deployments that are older than what is watched.
    old: IndexSet<String>,
    /// The deployment that is watched, once it is there.
    pub(crate) deployment: Option<String>,
    watchdog: Watchdog,
    rows: Vec<DeploymentRow>,
    event: u64,
    tasks: IndexMap<String, (String, String)>,
    stopped_before: IndexSet<String>,
    first: bool,
    /// What the service said before the first look is old.
    past: bool,
    /// What was told: a message that comes again and again says nothing new.
    said: IndexSet<String>,
}

/// What a look at a service gave.
pub(crate) struct Look {
    /// The service.
    pub(crate) service: Service,
    /// A failure that waiting cannot mend.
    pub(crate) verdict: Option<Verdict>,
}

/// Returns true when a service runs what it should and nothing is under way.
pub(crate) fn steady(service: &Service) -> bool {
    match service.deployments.as_slice() {
        [only] => only.rollout_state == RolloutState::Completed && only.running >= service.desired,
        _ => false,
    }
}

fn health(task: &Task) -> String {
    let leaving = task.targets.iter().find(|target| target.state == "draining");
    let target = leaving.or_else(|| task.targets.iter().find(|target| target.state != "healthy"));
    match (target, task.health) {
        (Some(target), _) if task.last_status != "STOPPED" => target.state.clone(),
        (_, Health::Healthy) => "healthy".to_owned(),
        (_, Health::Unhealthy) => "unhealthy".to_owned(),
        (_, Health::Unknown) if !task.targets.is_empty() => "healthy".to_owned(),
        (_, Health::Unknown) => String::new(),
    }
}

impl ServiceWatch {
    /// Begins a watch of a deployment that is to come: those that `service` has now are old.
    pub(crate) fn coming(service: Option<&Service>) -> Self {
        let mut watch = ServiceWatch { first: true, ..ServiceWatch::default() };
        if let Some(service) = service {
            watch.old = service.deployments.iter().map(|old| old.id.clone()).collect();
            watch.event = service.events.last().map_or(0, |event| event.seq);
        }
        watch
    }

    /// Begins a watch of whatever is under way already.
    pub(crate) fn joined(service: Option<&Service>) -> Self {
        let mut watch = ServiceWatch::coming(service);
        let completed = |id: &String| {
            let of = |service: &Service| {
                let mut all = service.deployments.iter();
                all.any(|d| d.id == *id && d.rollout_state == RolloutState::Completed)
            };
            service.is_some_and(of)
        };
        watch.old.retain(completed);
        watch.past = service.is_none();
        watch
    }

    /// Looks once; `None` while the service is not there.
    pub(crate) async fn look(
        &mut self,
        engine: &Engine,
        reference: &ServiceRef,
        topic: &Topic<'_>,
    ) -> Result<Option<Look>, Stop> {
        let interval = engine.cloud.poll_interval();
        let read = retry::read(interval, || engine.cloud.describe_service(reference)).await?;
        let Some(service) = read else { return Ok(None) };
        let filter = TaskFilter {
            cluster: Some(service.cluster.clone()),
            group: Some(format!("service:{}", service.name)),
            started_by: None,
            stopped: true,
        };
        let tasks = retry::read(interval, || engine.cloud.list_tasks(&filter)).await?;
        self.say_deployments(&service, topic);
        self.say_events(&service, topic);
        self.say_tasks(&tasks, topic);
        self.first = false;
        if self.deployment.is_none() {
            // A deployment that is through already is not the one that is waited for.
            let new = service.deployments.first().filter(|primary| {
                !self.old.contains(&primary.id) && primary.rollout_state != RolloutState::Completed
            });
            self.deployment = new.map(|primary| primary.id.clone());
        }
        let watched = service.deployments.iter().find(|one| {
            Some(&one.id) == self.deployment.as_ref() && one.rollout_state == RolloutState::InProgress
        });
        let verdict = watched.and_then(|deployment| {
            let own: Vec<&Task> = tasks.iter().filter(|task| task.started_by == deployment.id).collect();
            self.watchdog.observe(deployment, &own)
        });
        Ok(Some(Look { service, verdict }))
    }

    fn say_deployments(&mut self, service: &Service, topic: &Topic<'_>) {
        let rows: Vec<DeploymentRow> = service
            .deployments
            .iter()
            .map(|one| DeploymentRow {
                status: one.status.clone(),
                task_definition: one.task_definition.clone(),
                desired: one.desired,
                pending: one.pending,
                running: one.running,
                healthy: one.healthy,
                failed: one.failed,
            })
            .collect();
        if rows == self.rows {
            return;
        }
        self.rows.clone_from(&rows);
        topic.info(EventKind::Deployments { rows });
    }

    fn say_events(&mut self, service: &Service, topic: &Topic<'_>) {
        let old = self.first && self.past;
        for event in service.events.iter().filter(|event| event.seq > self.event && !old) {
            if self.said.insert(event.message.clone()) {
                topic.info(EventKind::ServiceEvent { message: event.message.clone() });
            }
        }
        self.event = service.events.last().map_or(self.event, |event| event.seq.max(self.event));
    }

    fn say_tasks(&mut self, tasks: &[Task], topic: &Topic<'_>) {
        for task in tasks.iter().rev() {
            let stopped = task.last_status == "STOPPED";
            if self.first && stopped {
                self.stopped_before.insert(task.id.clone());
            }
            if self.stopped_before.contains(&task.id) {
                continue;
            }
            let now = (task.last_status.clone(), health(task));
            if self.tasks.get(&task.id) == Some(&now) {
                continue;
            }
            let failed = stopped && task.exit_code().is_none_or(|code| code != 0);
            let level = if failed && task.stop_code.as_deref() != Some("ServiceSchedulerInitiated") {
                Level::Warning
            } else {
                Level::Info
            };
            let reason = task.containers.iter().find_map(|container| container.reason.clone());
            topic.push(
                level,
                EventKind::Task {
                    id: task.id.clone(),
                    task_definition: task.task_definition.clone(),
                    status: now.0.clone(),
                    health: now.1.clone(),
                    exit_code: task.exit_code(),
                    reason: task.stopped_reason.clone().or(reason),
                },
            );
            self.tasks.insert(task.id.clone(), now);
        }
    }
}
