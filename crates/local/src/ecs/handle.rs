//! The handle that the rest of `local` holds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::adopt;
use super::engine;
use super::inner::Inner;
use super::inner::Part;
use super::log_store::LogStore;
use super::schedule;
use super::state::State;
use crate::realiser::Failure;
use crate::realiser::SecretReader;
use crate::realiser::TargetGroups;
use crate::store::Store;

/// What ECS needs from outside.
pub(crate) struct EcsParts {
    /// The container engine.
    pub(crate) docker: bollard::Docker,
    /// The state folder: `ecs/*.json` and `logs/`.
    pub(crate) store: Store,
    /// Label `seaway.instance` of everything that is made.
    pub(crate) instance: String,
    /// Target groups of the load balancers.
    pub(crate) targets: Arc<dyn TargetGroups>,
    /// Values of secrets.
    pub(crate) secrets: Arc<dyn SecretReader>,
    /// For every container, such as the endpoint of the emulated APIs; what a task definition
    /// says itself wins.
    pub(crate) environment: Vec<(String, String)>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Counts {
    /// Clusters.
    pub(crate) clusters: usize,
    /// Services.
    pub(crate) services: usize,
    /// Tasks that are not STOPPED.
    pub(crate) tasks: usize,
    /// Schedules.
    pub(crate) schedules: usize,
}

/// ECS on this machine; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Ecs(Arc<Inner>);

impl Ecs {
    /// Reads the state, takes over containers that still run, and goes on with whatever was under
    /// way: tasks, deployments, schedules.
    ///
    /// # Errors
    /// The state cannot be read, or the container engine does not answer.
    pub(crate) async fn open(parts: EcsParts) -> Result<Ecs, Failure> {
        let state = adopt::load(&parts.store)?;
        let logs = LogStore::open(parts.store.dir());
        let inner = Arc::new(Inner::new(parts, state, logs));
        adopt::resume(&inner).await?;
        inner.spawn(schedule::run(Arc::clone(&inner)));
        inner.spawn(adopt::housekeeping(Arc::clone(&inner)));
        Ok(Ecs(inner))
    }

    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.0
    }

    /// Returns how much there is.
    pub(crate) fn counts(&self) -> Counts {
        self.0.read(|state| Counts {
            clusters: state.clusters.len(),
            services: state.services.len(),
            tasks: state.tasks.values().filter(|task| task.alive()).count(),
            schedules: state.schedules.len(),
        })
    }

    /// Returns the images that task definitions name.
    pub(crate) fn images(&self) -> BTreeSet<String> {
        self.0.read(|state| {
            let all = state.definitions.revisions.values().filter_map(|one| one.parse().ok());
            all.flat_map(|one| one.container_definitions).map(|one| one.image).collect()
        })
    }

    /// Ends all loops at once; containers go on, and the next [`Ecs::open`] takes them over.
    pub(crate) fn halt(&self) {
        self.0.halt.cancel();
    }

    /// Removes all containers, networks and volumes of this instance, and all state of ECS.
    /// Nothing is drained: this is for `local down`.
    ///
    /// # Errors
    /// The container engine refused.
    pub(crate) async fn remove_everything(&self) -> Result<(), Failure> {
        let inner = &self.0;
        let parts = [Part::Clusters, Part::Definitions, Part::Services, Part::Tasks, Part::Schedules];
        // Runners and loops end when they do not find what they are for.
        inner.change_parts(&parts, |state| *state = State::default());
        let failed = |error: bollard::errors::Error| {
            Failure(format!("the container engine refused: {}", engine::message(&error)))
        };
        let mut clean = 0;
        // A runner may just have been making one more container.
        while clean < 2 {
            let left = engine::containers(&inner.docker, &inner.instance).await.map_err(failed)?;
            clean = if left.is_empty() { clean + 1 } else { 0 };
            let ids: Vec<String> = left.into_iter().filter_map(|one| one.id).collect();
            for removed in join_all(ids.iter().map(|id| engine::remove_container(&inner.docker, id))).await {
                removed.map_err(failed)?;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for network in engine::networks(&inner.docker, &inner.instance).await.map_err(failed)? {
            engine::remove_network(&inner.docker, &network).await.map_err(failed)?;
        }
        for volume in engine::volumes(&inner.docker, &inner.instance).await.map_err(failed)? {
            let options = None::<bollard::query_parameters::RemoveVolumeOptions>;
            match inner.docker.remove_volume(&volume, options).await {
                Err(error) if !engine::is_missing(&error) => return Err(failed(error)),
                _ => {}
            }
        }
        for name in ["clusters", "definitions", "services", "tasks", "schedules"] {
            let removed = inner.store.remove(&format!("ecs/{name}"));
            removed.map_err(|error| Failure(format!("the state of ECS cannot be removed: {error}")))?;
        }
        inner.logs.clear();
        Ok(())
    }
}
