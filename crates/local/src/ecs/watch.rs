//! A running task: exits of its containers, registration with and health in its target groups.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bollard::query_parameters::WaitContainerOptionsBuilder;
use futures::StreamExt;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::engine;
use super::engine::Seen;
use super::inner::Inner;
use super::runner::Companions;
use super::state::TaskRecord;

/// Waits until a container ended and notes its exit code.
pub(super) async fn wait(inner: Arc<Inner>, id: String, container: String, name: String) {
    let seen = loop {
        let options = WaitContainerOptionsBuilder::default().condition("not-running").build();
        let mut answers = std::pin::pin!(inner.docker.wait_container(&name, Some(options)));
        let _ = answers.next().await;
        match engine::see(&inner.docker, &name).await {
            Ok(Some(seen)) if seen.running() => {}
            Ok(Some(seen)) => break Some(why_killed(&inner, &id, &name, seen).await),
            Ok(None) => break None,
            Err(_) => {}
        }
        // The engine is away, or being restarted.
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    inner.change_task(&id, |task| {
        let Some(one) = task.container_mut(&container) else { return };
        one.shown.last_status = "STOPPED".to_owned();
        match seen {
            Some(seen) => {
                one.shown.exit_code = seen.exit_code;
                if seen.out_of_memory {
                    let reason = "OutOfMemoryError: Container killed due to memory usage";
                    one.shown.reason = Some(reason.to_owned());
                } else if let Some(error) = seen.error {
                    one.shown.reason = Some(format!("CannotStartContainerError: {error}"));
                }
            }
            // Somebody removed it.
            None => {
                one.shown.exit_code = one.shown.exit_code.or(Some(137));
                one.shown.reason = Some("the container was removed outside of Seaway".to_owned());
            }
        }
    });
}

/// The engine may note that a container was killed for its use of memory a moment after its end.
async fn why_killed(inner: &Inner, id: &str, name: &str, mut seen: Seen) -> Seen {
    let asked = inner.read_task(id, |task| task.desired_status == "STOPPED").unwrap_or(true);
    for _ in 0..10 {
        if asked || seen.exit_code != Some(137) || seen.out_of_memory {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        match engine::see(&inner.docker, name).await {
            Ok(Some(again)) => seen = again,
            _ => break,
        }
    }
    seen
}

/// Registers the task as target, marks it RUNNING, and returns when it has to stop: it was asked
/// to, or an essential container ended.
pub(super) async fn until_end(
    inner: &Arc<Inner>,
    id: &str,
    token: &CancellationToken,
    companions: &mut Companions,
) {
    let mut changes = inner.changes();
    let mut running = false;
    let limit = timeout(inner, id);
    loop {
        changes.mark_unchanged();
        let over = limit.and_then(|limit| {
            let started = inner.read_task(id, |task| task.started).flatten()?;
            started.checked_add(limit).ok()
        });
        if over.is_some_and(|over| over <= Timestamp::now()) {
            let seconds = limit.map_or(0, |limit| limit.as_secs());
            let reason = format!("Task ran longer than its timeout of {seconds} seconds");
            inner.change_task(id, |task| task.ask_to_stop("UserInitiated", &reason));
            return;
        }
        let Some((asked, ended, all)) = inner.read_task(id, |task| {
            let ended = task
                .containers
                .iter()
                .any(|one| one.shown.essential && one.started && one.shown.last_status == "STOPPED");
            (task.desired_status == "STOPPED", ended, task.containers.iter().all(|one| one.started))
        }) else {
            return;
        };
        if asked || token.is_cancelled() {
            return;
        }
        if all && !running {
            running = true;
            register(inner, id).await;
            inner.change_task(id, |task| {
                task.last_status = "RUNNING".to_owned();
                task.started.get_or_insert_with(Timestamp::now);
            });
            companions.checks.push(inner.spawn(watch_targets(Arc::clone(inner), id.to_owned())));
        }
        if ended {
            inner.change_task(id, |task| {
                task.ask_to_stop("EssentialContainerExited", "Essential container in task exited");
            });
            return;
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = until(over) => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

/// Returns the label `seaway.timeout` of a job: seconds that a run may take.
fn timeout(inner: &Inner, id: &str) -> Option<SignedDuration> {
    inner.read(|state| {
        let task = state.tasks.get(id)?;
        let properties = state.definitions.revisions.get(&task.definition)?.parse().ok()?;
        let mut containers = properties.container_definitions.iter();
        let label = containers.find_map(|one| one.docker_labels.get("seaway.timeout"))?;
        label.parse().ok().map(SignedDuration::from_secs)
    })
}

async fn until(time: Option<Timestamp>) {
    match time {
        Some(time) => {
            let left = Duration::try_from(time.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
            tokio::time::sleep(left + Duration::from_millis(1)).await;
        }
        None => std::future::pending().await,
    }
}

/// Adds the task to the target groups of its service.
async fn register(inner: &Inner, id: &str) {
    let wanted: Vec<(String, Option<SocketAddr>)> = inner
        .read_task(id, |task| {
            task.load_balancers
                .iter()
                .map(|one| {
                    let ports = task.container(&one.container).map(|container| &container.shown.ports);
                    let address = ports
                        .and_then(|ports| ports.get(&one.port))
                        .and_then(|address| address.parse::<SocketAddr>().ok());
                    (one.target_group.clone(), address)
                })
                .collect()
        })
        .unwrap_or_default();
    if !wanted.is_empty() {
        let fresh = |task: &TaskRecord| task.started.is_none();
        inner.change_task_if(id, fresh, |task| task.last_status = "ACTIVATING".to_owned());
    }
    for (group, address) in wanted {
        // A container without that port never gets healthy there, just as on ECS.
        let address = address.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let known = inner.targets.health(&group, id).await.is_some();
        inner.targets.register(&group, id, address).await;
        if !known {
            inner.task_event(id, &format!("registered 1 targets in (target-group {group})"));
        }
    }
}

/// Copies the health of the targets into the task: often until all are healthy, then every
/// second.
async fn watch_targets(inner: Arc<Inner>, id: String) {
    loop {
        let Some(groups) = inner.read_task(&id, |task| {
            task.load_balancers.iter().map(|one| one.target_group.clone()).collect::<Vec<_>>()
        }) else {
            return;
        };
        if groups.is_empty() {
            return;
        }
        let mut states = Vec::new();
        for group in &groups {
            states.extend(inner.targets.health(group, &id).await);
        }
        let healthy = states.len() == groups.len() && states.iter().all(|one| one.state == "healthy");
        inner.change_task_if(&id, |task| task.targets != states, |task| task.targets = states.clone());
        let pause = if healthy { 1000 } else { 50 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
