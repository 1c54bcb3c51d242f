//! The next life of the background process: takes over what runs, cleans up what nobody knows.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::Timestamp;

use super::engine;
use super::inner::Inner;
use super::inner::Part;
use super::realise_shared;
use super::runner;
use super::service;
use super::state::State;
use crate::realiser::Failure;
use crate::store::Store;

/// ECS forgets a stopped task after an hour.
const REMEMBER: SignedDuration = SignedDuration::from_hours(1);

/// Reads the state; parts that were never written are empty.
pub(super) fn load(store: &Store) -> Result<State, Failure> {
    let failed = |error: std::io::Error| Failure(format!("the state of ECS cannot be read: {error}"));
    Ok(State {
        clusters: store.load("ecs/clusters").map_err(failed)?.unwrap_or_default(),
        definitions: store.load("ecs/definitions").map_err(failed)?.unwrap_or_default(),
        services: store.load("ecs/services").map_err(failed)?.unwrap_or_default(),
        tasks: store.load("ecs/tasks").map_err(failed)?.unwrap_or_default(),
        schedules: store.load("ecs/schedules").map_err(failed)?.unwrap_or_default(),
    })
}

/// Goes on with everything that is in the state.
pub(super) async fn resume(inner: &Arc<Inner>) -> Result<(), Failure> {
    sweep(inner).await.map_err(|error| {
        Failure(format!("the containers of this machine cannot be listed: {}", engine::message(&error)))
    })?;
    let (clusters, tasks, services) = inner.read(|state| {
        let clusters: Vec<String> = state.clusters.keys().cloned().collect();
        let tasks: Vec<String> =
            state.tasks.values().filter(|task| task.alive()).map(|task| task.id.clone()).collect();
        let services: Vec<String> = state.services.values().map(|service| service.key()).collect();
        (clusters, tasks, services)
    });
    for cluster in clusters {
        // Somebody may have pruned unused networks.
        let _ = engine::ensure_network(&inner.docker, &inner.instance, &cluster).await;
    }
    for id in tasks {
        runner::begin(inner, &id);
    }
    for key in services {
        service::begin(inner, &key);
    }
    Ok(())
}

/// Removes containers whose task is unknown or STOPPED.
async fn sweep(inner: &Inner) -> Result<(), bollard::errors::Error> {
    for container in engine::containers(&inner.docker, &inner.instance).await? {
        let labels = container.labels.unwrap_or_default();
        let Some(task) = labels.get("seaway.task") else { continue };
        let known = inner.read_task(task, |task| task.alive()).unwrap_or(false);
        if !known && let Some(id) = container.id {
            engine::remove_container(&inner.docker, &id).await?;
        }
    }
    Ok(())
}

/// Forgets stopped tasks after an hour, and revisions that nothing needs any more; sweeps once
/// more soon after the start, for the engine may still have been making a container when the
/// process before was killed.
pub(super) async fn housekeeping(inner: Arc<Inner>) {
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let _ = sweep(&inner).await;
    loop {
        let now = Timestamp::now();
        let over = |stopped: Option<Timestamp>| stopped.is_some_and(|at| now.duration_since(at) > REMEMBER);
        if inner.read(|state| state.tasks.values().any(|task| over(task.stopped))) {
            inner.change(Part::Tasks, |state| state.tasks.retain(|_, task| !over(task.stopped)));
        }
        if inner.read(|state| state.definitions.revisions.values().any(|one| one.inactive)) {
            inner.change(Part::Definitions, realise_shared::forget_inactive);
        }
        inner.logs.prune();
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    }
}
