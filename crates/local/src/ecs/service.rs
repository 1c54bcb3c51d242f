//! The loop of a service: looks, lets the scheduler decide, does it, waits for a change.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use seaway_cloud::Health;
use seaway_cloud::RolloutState;

use super::deployment;
use super::inner::Inner;
use super::inner::Part;
use super::new_task;
use super::runner;
use super::scheduler;
use super::scheduler::Action;
use super::scheduler::DeploymentView;
use super::scheduler::Phase;
use super::scheduler::TaskView;
use super::scheduler::View;
use super::scheduler::Why;
use super::state::Configuration;
use super::state::ServiceRecord;
use super::state::State;
use super::state::TaskRecord;
use crate::lock::lock;

/// How long a task without any health check has to run before it counts as healthy. ECS waits
/// 40 seconds; on this machine that would be most of the time of a deployment.
const SETTLE: SignedDuration = SignedDuration::from_secs(2);

/// ECS' words for limits that forbid every step.
const STUCK: &str = "was unable to stop or start tasks during a deployment because of the service deployment \
                     configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";

/// Makes sure that a service has its loop.
pub(super) fn begin(inner: &Arc<Inner>, key: &str) {
    if !lock(&inner.loops).insert(key.to_owned()) {
        return;
    }
    let (own, key) = (Arc::clone(inner), key.to_owned());
    inner.spawn(async move {
        let end = End { inner: &own, key: &key };
        run(&own, &key).await;
        drop(end);
    });
}

/// Ends a loop, also one that panicked.
struct End<'a> {
    inner: &'a Arc<Inner>,
    key: &'a str,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        lock(&self.inner.loops).remove(self.key);
        // A service of that name may have been made again since the loop saw that it was gone:
        // whoever made it found the loop still there.
        let again = self.inner.read(|state| state.services.contains_key(self.key));
        if again && !self.inner.halt.is_cancelled() && !std::thread::panicking() {
            begin(self.inner, self.key);
        }
    }
}

async fn run(inner: &Arc<Inner>, key: &str) {
    let mut changes = inner.changes();
    loop {
        changes.mark_unchanged();
        let now = Timestamp::now();
        // Looking first costs a lock only; most wake-ups are for somebody else.
        let Some((pending, deadline)) = inner.read(|state| {
            let service = state.services.get(key)?;
            let (actions, deadline) = look(state, service, now);
            Some((notes(state, service, now) || !actions.is_empty(), deadline))
        }) else {
            return;
        };
        if pending {
            let (begun, stopped) = inner.change_parts(&[Part::Services, Part::Tasks], |state| {
                note(state, key, now);
                let Some(service) = state.services.get(key) else { return Default::default() };
                let (actions, _) = look(state, service, now);
                apply(state, key, &actions, now)
            });
            for id in begun {
                runner::begin(inner, &id);
            }
            for id in stopped {
                inner.wake_to_stop(&id);
            }
            continue;
        }
        let wait = deadline.map_or(Duration::from_secs(3600), |at| {
            Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO) + Duration::from_millis(1)
        });
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn own_tasks<'a>(state: &'a State, service: &'a ServiceRecord) -> impl Iterator<Item = &'a TaskRecord> {
    state
        .tasks
        .values()
        .filter(|task| task.cluster == service.cluster && task.service.as_ref() == Some(&service.name))
}

/// Returns true when something has to be written down before the scheduler decides: a task that
/// proved healthy, a task that failed.
fn notes(state: &State, service: &ServiceRecord, now: Timestamp) -> bool {
    own_tasks(state, service).any(|task| {
        uncounted(task) || !task.proven && phase(task, &service.configuration, now).0 == Phase::Healthy
    })
}

fn uncounted(task: &TaskRecord) -> bool {
    let failed = matches!(task.stop_code.as_deref(), Some("TaskFailedToStart" | "EssentialContainerExited"));
    failed && !task.alive() && !task.counted
}

fn note(state: &mut State, key: &str, now: Timestamp) {
    let State { services, tasks, .. } = state;
    let Some(service) = services.get_mut(key) else { return };
    for task in tasks.values_mut() {
        if task.cluster != service.cluster || task.service.as_ref() != Some(&service.name) {
            continue;
        }
        if uncounted(task) {
            task.counted = true;
            if task.stop_code.as_deref() == Some("TaskFailedToStart") {
                let reason = task.stopped_reason.clone().unwrap_or_default();
                service.event(now, &format!("(task {}) failed to start: {reason}", task.id));
            }
            deployment::count_failure(service, task, now);
            service.steady = false;
        }
        if !task.proven && phase(task, &service.configuration, now).0 == Phase::Healthy {
            task.proven = true;
            let id = task.deployment.as_deref();
            if let Some(one) = service.deployments.iter_mut().find(|one| Some(one.id.as_str()) == id) {
                one.failures = 0;
            }
        }
    }
}

/// Returns where a task stands, and when that may change by time alone.
fn phase(task: &TaskRecord, configuration: &Configuration, now: Timestamp) -> (Phase, Option<Timestamp>) {
    if task.desired_status == "STOPPED" {
        return (Phase::Stopping, None);
    }
    let Some(started) = task.started.filter(|_| task.last_status == "RUNNING") else {
        return (Phase::Starting, None);
    };
    let targets_healthy = task.targets.len() == task.load_balancers.len()
        && task.targets.iter().all(|target| target.state == "healthy");
    let checks = task.has_checks();
    let healthy = targets_healthy && (!checks || task.health() == Health::Healthy);
    if healthy {
        let settled = started + SETTLE;
        let proof = checks || !task.load_balancers.is_empty() || task.proven || settled <= now;
        return if proof { (Phase::Healthy, None) } else { (Phase::Starting, Some(settled)) };
    }
    let unhealthy =
        task.health() == Health::Unhealthy || task.targets.iter().any(|target| target.state == "unhealthy");
    if !unhealthy {
        return (Phase::Starting, None);
    }
    let grace = started + SignedDuration::from_secs(i64::from(configuration.grace));
    if task.proven || grace <= now { (Phase::Unhealthy, None) } else { (Phase::Starting, Some(grace)) }
}

fn look(state: &State, service: &ServiceRecord, now: Timestamp) -> (Vec<Action>, Option<Timestamp>) {
    let mut deadline = service.retry_at.filter(|at| *at > now);
    let backing_off = deadline.is_some();
    let mut tasks: Vec<&TaskRecord> = own_tasks(state, service).filter(|task| task.alive()).collect();
    tasks.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    let tasks = tasks
        .into_iter()
        .map(|task| {
            let (phase, until) = phase(task, &service.configuration, now);
            deadline = [deadline, until].into_iter().flatten().min();
            TaskView { id: task.id.clone(), deployment: task.deployment.clone().unwrap_or_default(), phase }
        })
        .collect();
    let view = View {
        desired: service.desired,
        minimum_percent: if service.deleting { 0 } else { service.configuration.minimum_percent },
        maximum_percent: service.configuration.maximum_percent,
        breaker: service.configuration.breaker,
        early_percent: service.configuration.early_percent,
        backing_off,
        deployments: service
            .deployments
            .iter()
            .map(|one| DeploymentView {
                id: one.id.clone(),
                state: one.state,
                desired: one.desired,
                failures: one.failures,
                frozen: one.frozen && !service.deleting,
                rollback: one.rollback,
            })
            .collect(),
        tasks,
    };
    let mut actions = scheduler::decide(&view);
    if service.steady {
        actions.retain(|action| *action != Action::Steady);
    }
    if service.events.back().is_some_and(|event| event.message.ends_with(STUCK)) {
        actions.retain(|action| *action != Action::Stuck);
    }
    (actions, deadline)
}

/// Does what was decided; returns the tasks to run and the tasks to wake for stopping.
fn apply(state: &mut State, key: &str, actions: &[Action], now: Timestamp) -> (Vec<String>, Vec<String>) {
    let mut begun = Vec::new();
    let mut stopped = Vec::new();
    let State { services, tasks, definitions, .. } = state;
    let Some(service) = services.get_mut(key) else { return (begun, stopped) };
    let mut scaled = Vec::new();
    for action in actions {
        match action {
            Action::Start(deployment, count) => {
                let Some(one) = service.deployments.iter_mut().find(|one| one.id == *deployment) else {
                    continue;
                };
                one.updated = now;
                let (id, revision) = (one.id.clone(), one.revision.clone());
                let Some(definition) = definitions.revisions.get(&revision.definition) else {
                    deployment::fail(service, tasks, "the task definition is not there", true, false, now);
                    continue;
                };
                let fresh: Vec<TaskRecord> = (0..*count)
                    .map(|_| new_task::for_service(definition, service, &id, &revision, now))
                    .collect();
                let list: Vec<String> = fresh.iter().map(|task| format!("(task {})", task.id)).collect();
                service.event(now, &format!("has started {count} tasks: {}.", list.join(" ")));
                service.steady = false;
                for task in fresh {
                    begun.push(task.id.clone());
                    tasks.insert(task.id.clone(), task);
                }
            }
            Action::Stop(id, why) => {
                let Some(task) = tasks.get_mut(id) else { continue };
                let reason = match why {
                    Why::Scaling => scaling_reason(service, task),
                    Why::Unhealthy => unhealthy(service, task, now),
                };
                task.ask_to_stop("ServiceSchedulerInitiated", &reason);
                if *why == Why::Unhealthy {
                    task.counted = true;
                    let task = task.clone();
                    deployment::count_failure(service, &task, now);
                }
                service.steady = false;
                scaled.push(format!("(task {id})"));
                stopped.push(id.clone());
            }
            Action::Shrink(deployment, count) => {
                if let Some(one) = service.deployments.iter_mut().find(|one| one.id == *deployment) {
                    one.desired = *count;
                }
            }
            Action::Complete(_) => deployment::complete(service, now),
            Action::Fail(_) => {
                let rollback = service.configuration.rollback;
                deployment::fail(service, tasks, deployment::BREAKER, rollback, false, now);
            }
            Action::Forget(deployment) => service.deployments.retain(|one| one.id != *deployment),
            Action::Stuck => service.event(now, STUCK),
            Action::Steady => {
                service.steady = true;
                if !service.deleting {
                    service.event(now, "has reached a steady state.");
                }
            }
        }
    }
    if !scaled.is_empty() {
        service.event(now, &format!("has stopped {} running tasks: {}.", scaled.len(), scaled.join(" ")));
    }
    (begun, stopped)
}

fn scaling_reason(service: &ServiceRecord, task: &TaskRecord) -> String {
    let primary = service.deployments.first();
    let current = primary.is_some_and(|one| Some(one.id.as_str()) == task.deployment.as_deref());
    let failed = primary.is_some_and(|one| one.state == RolloutState::Failed);
    if current && !failed {
        return format!("Scaling activity initiated by (deployment {})", task.started_by);
    }
    format!("Scaling activity initiated by (deployment {})", primary.map_or("", |one| one.id.as_str()))
}

fn unhealthy(service: &mut ServiceRecord, task: &TaskRecord, now: Timestamp) -> String {
    if let Some(target) = task.targets.iter().find(|target| target.state == "unhealthy") {
        let group = &target.target_group;
        let why = target.description.clone().or_else(|| target.reason.clone()).unwrap_or_default();
        service.event(
            now,
            &format!("(task {}) is unhealthy in (target-group {group}) due to (reason {why})", task.id),
        );
        return format!("Task failed ELB health checks in (target-group {group})");
    }
    service.event(now, &format!("(task {}) failed container health checks.", task.id));
    "Task failed container health checks".to_owned()
}
