//! The life of a task, from PROVISIONING to STOPPED: one runner for each task.
//!
//! A runner can begin anywhere: after a restart of the background process it finds its task as it
//! was written down and its containers at the engine, and goes on from there.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::engine;
use super::inner::Inner;
use super::start;
use super::watch;

/// Why a task did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartFailure {
    /// In ECS' words, such as `CannotPullContainerError: …`.
    pub(super) reason: String,
    /// The container that it is about.
    pub(super) container: Option<String>,
}

impl StartFailure {
    pub(super) fn new(reason: impl Into<String>) -> StartFailure {
        StartFailure { reason: reason.into(), container: None }
    }

    pub(super) fn of(container: &str, reason: impl Into<String>) -> StartFailure {
        StartFailure { reason: reason.into(), container: Some(container.to_owned()) }
    }
}

/// What runs beside a task: followers of logs, waiters for exits, health checks.
#[derive(Debug, Default)]
pub(super) struct Companions {
    /// Follow the output; awaited when the container ended.
    pub(super) logs: Vec<JoinHandle<()>>,
    /// Wait for the end of the containers.
    pub(super) waiters: Vec<JoinHandle<()>>,
    /// Check health; aborted at the end.
    pub(super) checks: Vec<JoinHandle<()>>,
}

impl Drop for Companions {
    fn drop(&mut self) {
        for handle in self.logs.iter().chain(&self.waiters).chain(&self.checks) {
            handle.abort();
        }
    }
}

/// Begins to run a task that is in the state.
pub(super) fn begin(inner: &Arc<Inner>, id: &str) {
    let (own, id) = (Arc::clone(inner), id.to_owned());
    inner.spawn(async move { drive(&own, &id).await });
}

async fn drive(inner: &Arc<Inner>, id: &str) {
    let mut companions = Companions::default();
    let token = inner.stop_token(id);
    let (asked, started) = inner
        .read_task(id, |task| {
            (task.desired_status == "STOPPED", task.containers.iter().all(|one| one.started))
        })
        .unwrap_or((true, true));
    if asked || started {
        // After a restart: what still runs is watched, so that exit codes and logs are complete.
        // Secrets are not read again: their values may be gone with the process before.
        start::attach(inner, id, &mut companions).await;
    }
    if !asked {
        let begun = if started { Ok(()) } else { start::start(inner, id, &token, &mut companions).await };
        match begun {
            Ok(()) => watch::until_end(inner, id, &token, &mut companions).await,
            Err(failure) => fail(inner, id, &failure),
        }
    }
    leave(inner, id).await;
    stop_containers(inner, id).await;
    finish(inner, id, companions).await;
}

fn fail(inner: &Inner, id: &str, failure: &StartFailure) {
    inner.change_task(id, |task| {
        task.ask_to_stop("TaskFailedToStart", &failure.reason);
        if let Some(name) = &failure.container
            && let Some(container) = task.container_mut(name)
        {
            container.shown.reason = Some(failure.reason.clone());
        }
    });
}

/// Deregisters the task from its target groups and waits until requests under way are done.
async fn leave(inner: &Inner, id: &str) {
    let Some((groups, alive)) = inner.read_task(id, |task| {
        let groups: Vec<String> = task.load_balancers.iter().map(|one| one.target_group.clone()).collect();
        let alive = task.containers.iter().any(|one| one.shown.last_status == "RUNNING")
            && !task.containers.iter().any(|one| one.shown.essential && one.shown.last_status == "STOPPED");
        (groups, alive)
    }) else {
        return;
    };
    let mut known = Vec::new();
    for group in groups {
        if inner.targets.health(&group, id).await.is_some() {
            known.push(group);
        }
    }
    if known.is_empty() {
        return;
    }
    inner.change_task(id, |task| task.last_status = "DEACTIVATING".to_owned());
    inner.task_event(id, "has begun draining connections on 1 tasks.");
    for group in &known {
        inner.targets.deregister(group, id).await;
        inner.task_event(id, &format!("deregistered 1 targets in (target-group {group})"));
    }
    loop {
        let mut states = Vec::new();
        for group in &known {
            states.extend(inner.targets.health(group, id).await);
        }
        let drained = states.is_empty();
        inner.change_task_if(id, |task| task.targets != states, |task| task.targets = states.clone());
        // A task that died has no requests left to finish.
        if drained || !alive {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Stops all containers: those first that others do not depend on.
async fn stop_containers(inner: &Inner, id: &str) {
    let Some(containers) = inner.read_task(id, |task| task.containers.clone()) else { return };
    inner.change_task(id, |task| task.last_status = "STOPPING".to_owned());
    let properties = inner
        .read(|state| {
            let task = state.tasks.get(id)?;
            state.definitions.revisions.get(&task.definition)?.parse().ok()
        })
        .unwrap_or_default();
    let timeout = |name: &str| {
        properties
            .container_definitions
            .iter()
            .find(|one| one.name == name)
            .and_then(|one| one.stop_timeout)
            .unwrap_or(30)
            .clamp(0, 120)
    };
    let ordered = properties.container_definitions.iter().any(|one| !one.depends_on.is_empty());
    let order: Vec<String> = if ordered {
        super::start_plan::plan(&properties.container_definitions)
            .map(|plan| {
                plan.order
                    .iter()
                    .rev()
                    .map(|place| properties.container_definitions[*place].name.clone())
                    .collect()
            })
            .unwrap_or_default()
    } else {
        Vec::new()
    };
    let named = |name: &String| containers.iter().find(|one| one.shown.name == *name);
    if ordered && order.len() == containers.len() {
        for container in order.iter().filter_map(named).filter(|one| one.started) {
            stop_container(inner, id, &container.engine_name, timeout(&container.shown.name)).await;
        }
    } else {
        let all = containers
            .iter()
            .filter(|one| one.started)
            .map(|one| stop_container(inner, id, &one.engine_name, timeout(&one.shown.name)));
        futures::future::join_all(all).await;
    }
}

/// SIGTERM (or the image's own stop signal), and SIGKILL after `seconds`.
async fn stop_container(inner: &Inner, id: &str, name: &str, seconds: i32) {
    let running = inner
        .read_task(id, |task| {
            task.containers.iter().any(|one| one.engine_name == name && one.shown.last_status != "STOPPED")
        })
        .unwrap_or(false);
    if !running {
        return;
    }
    let options = bollard::query_parameters::StopContainerOptionsBuilder::default().t(seconds).build();
    let limit = Duration::from_secs(u64::try_from(seconds).unwrap_or(0) + 10);
    let stopped = tokio::time::timeout(limit, inner.docker.stop_container(name, Some(options))).await;
    if !matches!(stopped, Ok(Ok(()))) {
        let _ = inner.docker.kill_container(name, None).await;
    }
}

/// Notes exit codes, completes the logs, removes the containers.
async fn finish(inner: &Arc<Inner>, id: &str, mut companions: Companions) {
    for check in companions.checks.drain(..) {
        check.abort();
    }
    let long = Duration::from_secs(10);
    for waiter in companions.waiters.drain(..) {
        let _ = tokio::time::timeout(long, waiter).await;
    }
    for log in companions.logs.drain(..) {
        // A busy machine needs a while for many lines; what is not stored now is lost.
        let _ = tokio::time::timeout(long * 6, log).await;
    }
    inner.change_task(id, |task| task.last_status = "DEPROVISIONING".to_owned());
    let names: Vec<String> = inner
        .read_task(id, |task| task.containers.iter().rev().map(|one| one.engine_name.clone()).collect())
        .unwrap_or_default();
    // Those that share the network of another one go first.
    for name in names {
        let _ = engine::remove_container(&inner.docker, &name).await;
    }
    inner.forget_stop_token(id);
    inner.change_task(id, |task| {
        for container in &mut task.containers {
            container.shown.last_status = "STOPPED".to_owned();
        }
        task.last_status = "STOPPED".to_owned();
        task.desired_status = "STOPPED".to_owned();
        task.stopped = Some(Timestamp::now());
        task.targets.clear();
    });
    inner.logs.prune();
}
