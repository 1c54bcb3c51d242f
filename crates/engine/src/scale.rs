//! `scale` and `restart`: changes of services outside their stacks.

use futures::future::try_join_all;
use indexmap::IndexMap;
use seaway_cloud::ServiceRef;
use seaway_cloud::ServiceUpdate;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Phase;

use crate::Engine;
use crate::EngineError;
use crate::Finished;
use crate::deployed;
use crate::deployed::service_of;
use crate::failure::Stop;
use crate::run::Run;
use crate::service_watch::ServiceWatch;
use crate::unit::Unit;
use crate::unit::recorded;

impl Engine {
    /// Sets the number of tasks of services, and waits until they run. The next change of the
    /// workload's stack sets it to what the Compose file says again.
    pub async fn scale(&self, app: &str, env: &str, counts: &[(String, u32)]) -> Finished {
        let run = self.begin("scale", app, env);
        let names: Vec<String> = counts.iter().map(|(name, _)| name.clone()).collect();
        self.operate(&run, async {
            let services = self.services(&run, &names).await?;
            let wanted = services.iter().zip(counts);
            try_join_all(wanted.map(|((unit, service), (_, count))| async move {
                let update = ServiceUpdate { desired: Some(*count), ..ServiceUpdate::default() };
                self.change_service(unit, service, &update).await
            }))
            .await?;
            let words: Vec<String> = counts.iter().map(|(name, count)| format!("{name}={count}")).collect();
            let done = if self.options.dry_run { "dry run: would scale" } else { "scaled" };
            Ok(format!("{done} {}", words.join(", ")))
        })
        .await
    }

    /// Replaces all tasks of services by new ones of the same revision; all services when none
    /// is named.
    pub async fn restart(&self, app: &str, env: &str, workloads: &[String]) -> Finished {
        let run = self.begin("restart", app, env);
        self.operate(&run, async {
            let services = self.services(&run, workloads).await?;
            let answers = try_join_all(services.iter().map(|(unit, service)| async move {
                let update = ServiceUpdate { force_new_deployment: true, ..ServiceUpdate::default() };
                self.change_service(unit, service, &update).await
            }))
            .await;
            if let Err(stop) = answers {
                // The watchdog stopped the deployment: ECS put the old tasks back.
                run.progress().went_back = matches!(stop, Stop::Failure(_));
                return Err(stop);
            }
            let names: Vec<&str> = services.iter().filter_map(|(unit, _)| unit.workload_name()).collect();
            let done = if self.options.dry_run { "dry run: would restart" } else { "restarted" };
            Ok(format!("{done} {}", names.join(", ")))
        })
        .await
    }

    async fn change_service(
        &self,
        unit: &Unit,
        service: &ServiceRef,
        update: &ServiceUpdate,
    ) -> Result<(), Stop> {
        if self.options.dry_run {
            return Ok(());
        }
        let before = self.cloud.describe_service(service).await?;
        self.cloud.update_service(service, update).await?;
        let watch = ServiceWatch::coming(before.as_ref());
        self.wait_steady(unit, service, Some(watch), Phase::Apply).await
    }

    /// Returns the services of these workloads, of all when none is named.
    async fn services(&self, run: &Run, names: &[String]) -> Result<Vec<(Unit, ServiceRef)>, EngineError> {
        let stacks = deployed::read(&*self.cloud, &run.app, &run.env, &[]).await?;
        let mut all: IndexMap<String, (Unit, ServiceRef)> = IndexMap::new();
        for stack in stacks.values() {
            let Some(service) = service_of(&stack.stack.outputs) else { continue };
            for unit in recorded(&run.app, &run.env, &[stack.input()])? {
                if let Some(name) = unit.workload_name() {
                    all.insert(name.to_owned(), (unit.clone(), service.clone()));
                }
            }
        }
        if all.is_empty() {
            return Err(EngineError::NotFound {
                message: format!("no service of {} is deployed in {}", run.app, run.env),
                hint: Some("run `seaway up` first".to_owned()),
            });
        }
        let known = all.keys().cloned().collect::<Vec<_>>().join(", ");
        let unknown: Vec<String> =
            names.iter().filter(|name| !all.contains_key(*name)).map(|name| format!("`{name}`")).collect();
        if !unknown.is_empty() {
            return Err(EngineError::NotFound {
                message: format!("there is no deployed service {}", unknown.join(", ")),
                hint: Some(format!("the deployed services are: {known}")),
            });
        }
        let wanted: Vec<(Unit, ServiceRef)> = if names.is_empty() {
            all.into_values().collect()
        } else {
            names.iter().filter_map(|name| all.get(name).cloned()).collect()
        };
        self.events.phase(Phase::Apply).info(EventKind::Started {
            action: run.action.clone(),
            app: run.app.clone(),
            env: run.env.clone(),
            stacks: wanted.iter().map(|(unit, _)| unit.name.clone()).collect(),
            release: None,
        });
        Ok(wanted)
    }
}
