//! `up`: from the plan to an environment that serves, or back.

use std::time::Duration;

use futures::future::try_join_all;
use indexmap::IndexMap;
use seaway_cloud::ErrorKind;
use seaway_cloud::Outcome;
use seaway_cloud::RolloutState;
use seaway_cloud::SecretValue;
use seaway_cloud::ServiceRef;
use seaway_cloud::StackChange;
use seaway_cloud::StackStatus;
use seaway_cloud::StopType;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Phase;
use seaway_synth::StackSet;
use tokio::time::Instant;

use crate::Engine;
use crate::EngineError;
use crate::Finished;
use crate::Plan;
use crate::StackAction;
use crate::deployed;
use crate::deployed::DeployedStack;
use crate::deployed::service_of;
use crate::failure::Failure;
use crate::failure::Stop;
use crate::parameters::resolve;
use crate::plan::plan;
use crate::run::Run;
use crate::service_watch::ServiceWatch;
use crate::service_watch::steady;
use crate::unit::Unit;
use crate::unit::edges;
use crate::unit::units;
use crate::unit::workload_of;

/// How long a service may lack tasks without any change, when nothing is deployed.
const PATIENCE: Duration = Duration::from_secs(180);

impl Engine {
    /// Brings the environment to the set: plan, stacks, tasks, checks; when something fails,
    /// everything that moved goes back. `images` maps a built Compose service to its image,
    /// `secrets` get their values first, `only` names the workloads to touch (with what they
    /// depend on).
    pub async fn up(
        &self,
        set: &StackSet,
        images: &IndexMap<String, String>,
        secrets: &[SecretValue],
        only: Option<&[String]>,
    ) -> Finished {
        let run = self.begin("up", &set.app, &set.environment);
        self.operate(&run, async {
            let units = units(set, only)?;
            if !secrets.is_empty() && !self.options.dry_run {
                self.cloud.put_secrets(secrets).await?;
            }
            run.progress().units = units;
            self.settle_and_release(&run, images, only.is_none(), set.protected).await
        })
        .await
    }

    /// Waits for what a killed command left, plans, and releases where something is to do.
    pub(crate) async fn settle_and_release(
        &self,
        run: &Run,
        images: &IndexMap<String, String>,
        remove: bool,
        protected: bool,
    ) -> Result<String, Stop> {
        let units = run.progress().units.clone();
        let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        let read = || deployed::read(&*self.cloud, &run.app, &run.env, &names);
        let mut deployed = read().await?;
        if !self.options.dry_run && self.join(run, &units, &deployed).await? {
            deployed = read().await?;
        }
        let plan = plan(&run.app, &run.env, &units, &deployed, images, remove)?;
        {
            let mut progress = run.progress();
            progress.plan = Some(plan.clone());
            progress.outputs =
                deployed.iter().map(|(name, stack)| (name.clone(), stack.stack.outputs.clone())).collect();
            progress.deployed = deployed;
        }
        self.refuse_data_loss(&plan, protected)?;
        if self.options.dry_run {
            return Ok(format!("dry run: {}", count(&plan)));
        }
        let interrupted = self.unfinished(run).await?;
        if !plan.has_changes() && !interrupted && self.all_is_well(run, &units, images).await? {
            self.events.phase(Phase::Plan).info(EventKind::Started {
                action: run.action.clone(),
                app: run.app.clone(),
                env: run.env.clone(),
                stacks: plan.stacks.iter().map(|stack| stack.name.clone()).collect(),
                release: None,
            });
            for unit in &units {
                let topic = self.events.phase(Phase::Plan).stack(&unit.name);
                topic.workload(unit.workload_name()).state("unchanged", None);
            }
            return Ok("nothing to do: everything is as it should be".to_owned());
        }
        run.progress().edges = edges(&units)?;
        let number = self.open_release(run, &plan, images).await?;
        self.record_the_rest(run, &plan);
        self.release(run, &plan, images).await?;
        Ok(format!("release {number} is serving: {}", count(&plan)))
    }

    /// Waits for operations in progress; returns true when there were any.
    async fn join(
        &self,
        run: &Run,
        units: &[Unit],
        deployed: &IndexMap<String, DeployedStack>,
    ) -> Result<bool, Stop> {
        let busy: Vec<&DeployedStack> =
            deployed.values().filter(|stack| is_busy(stack.stack.status)).collect();
        try_join_all(busy.iter().map(|stack| async move {
            let name = &stack.stack.name;
            let unit = units.iter().find(|unit| unit.name == *name).cloned().or_else(|| {
                let template = stack.template.clone()?;
                Some(Unit {
                    name: name.clone(),
                    workload: stack
                        .is_workload()
                        .then(|| workload_of(&run.app, &run.env, &stack.input(), &template)),
                    text: stack.text.clone(),
                    template,
                    sources: IndexMap::new(),
                    tags: IndexMap::new(),
                    depends_on: Vec::new(),
                    protected: false,
                })
            });
            let Some(unit) = unit else { return Ok(()) };
            let topic = self.events.phase(Phase::Apply).stack(name).workload(unit.workload_name());
            topic.say(format!("{name} is {}: waiting until that is through", stack.stack.status));
            self.joined(&unit, name, Phase::Apply, Some(stack)).settle(self).await.map(drop)
        }))
        .await?;
        Ok(!busy.is_empty())
    }

    /// Closes the records of dead commands; returns true when the newest release did not come to
    /// a good end, so that its tasks and checks are still to be made.
    async fn unfinished(&self, run: &Run) -> Result<bool, EngineError> {
        let all = self.cloud.releases(&run.app, &run.env).await?;
        for dead in all.iter().filter(|release| release.outcome == Outcome::InProgress) {
            let record = self.cloud.release(&run.app, &run.env, dead.number).await?;
            if let Some(mut record) = record {
                record.summary.outcome = Outcome::Failed;
                record.summary.reason = Some("interrupted".to_owned());
                record.summary.finished = Some(self.events.now());
                self.cloud.put_release(&record).await?;
            }
        }
        let good = |outcome| matches!(outcome, Outcome::Serving | Outcome::RolledBack);
        Ok(all.first().is_some_and(|newest| !good(newest.outcome)))
    }

    /// Returns true when no stack and no service needs anything. Rolled-back stacks are asked to
    /// be what they should be once more; services that are on their way are waited for.
    async fn all_is_well(
        &self,
        run: &Run,
        units: &[Unit],
        images: &IndexMap<String, String>,
    ) -> Result<bool, Stop> {
        let (deployed, outputs) = {
            let progress = run.progress();
            (progress.deployed.clone(), progress.outputs.clone())
        };
        for unit in units {
            let Some(current) = deployed.get(&unit.name) else { return Ok(false) };
            if current.stack.status == StackStatus::UpdateRollbackComplete {
                let input = unit.input(resolve(unit, &outputs, images)?);
                if self.cloud.put_stack(&input).await? != StackChange::Unchanged {
                    return Ok(false);
                }
            }
        }
        let services = units.iter().filter_map(|unit| {
            unit.workload.as_ref()?.service.as_ref()?;
            let current = deployed.get(&unit.name)?;
            Some((unit, service_of(&current.stack.outputs)?))
        });
        try_join_all(services.map(|(unit, service)| async move {
            self.wait_steady(unit, &service, None, Phase::Apply).await.map(drop)
        }))
        .await?;
        for unit in units {
            let outputs = deployed.get(&unit.name).map(|stack| stack.stack.outputs.clone());
            run.progress().outputs.insert(unit.name.clone(), outputs.unwrap_or_default());
        }
        Ok(true)
    }

    /// Waits until a service is steady; a deployment that cannot succeed is stopped.
    pub(crate) async fn wait_steady(
        &self,
        unit: &Unit,
        service: &ServiceRef,
        watch: Option<ServiceWatch>,
        phase: Phase,
    ) -> Result<(), Stop> {
        let topic = self.events.phase(phase).stack(&unit.name).workload(unit.workload_name());
        let first = self.cloud.describe_service(service).await?;
        if watch.is_none() && first.as_ref().is_some_and(steady) {
            return Ok(());
        }
        let mut watch = watch.unwrap_or_else(|| ServiceWatch::joined(first.as_ref()));
        let mut last = (0, Instant::now());
        loop {
            let look = watch.look(self, service, &topic).await?;
            let failed = |cause: String, task: Option<String>, next: Vec<String>| Failure {
                stack: Some(unit.name.clone()),
                workload: unit.workload_name().map(str::to_owned),
                cause,
                service: Some(service.clone()),
                cluster: Some(service.cluster.clone()),
                deployment: watch.deployment.clone(),
                task,
                log_group: unit.workload.as_ref().map(|spec| spec.log_group.clone()),
                next,
                ..Failure::default()
            };
            let Some(look) = look else {
                return Err(failed("its service is gone".to_owned(), None, Vec::new()).into());
            };
            if let Some(verdict) = look.verdict {
                let reason: String = verdict.cause.chars().take(200).collect();
                match self.cloud.stop_deployment(service, StopType::Rollback, &reason).await {
                    // It ended by itself meanwhile.
                    Err(error) if error.kind == ErrorKind::Conflict => {}
                    answer => answer?,
                }
                return Err(failed(verdict.cause, Some(verdict.task), vec![verdict.next]).into());
            }
            let broken = look.service.deployments.iter().find(|one| {
                Some(&one.id) == watch.deployment.as_ref() && one.rollout_state == RolloutState::Failed
            });
            if let Some(broken) = broken {
                let reason = broken.rollout_reason.clone().unwrap_or_default();
                return Err(failed(format!("its deployment failed: {reason}"), None, Vec::new()).into());
            }
            if steady(&look.service) {
                let primary = look.service.deployments.first().map(|one| &one.id);
                if watch.deployment.is_some() && watch.deployment.as_ref() != primary {
                    let cause = "ECS took it back to the deployment before".to_owned();
                    return Err(failed(cause, None, Vec::new()).into());
                }
                return Ok(());
            }
            let service = look.service;
            if service.running != last.0 {
                last = (service.running, Instant::now());
            }
            let rolling = service.deployments.iter().any(|one| one.rollout_state == RolloutState::InProgress);
            if !rolling && last.1.elapsed() > PATIENCE {
                let cause = format!(
                    "it runs {} of {} tasks, and no deployment is under way",
                    service.running, service.desired
                );
                return Err(failed(cause, None, Vec::new()).into());
            }
            self.pause().await;
        }
    }

    fn refuse_data_loss(&self, plan: &Plan, protected: bool) -> Result<(), EngineError> {
        let allowed = |resource: &String| {
            let name = resource.rsplit('/').next().unwrap_or(resource);
            let allow = self.options.allow_replace.iter();
            allow.map(|text| text.strip_prefix("replace:").unwrap_or(text)).any(|text| text == name)
        };
        let mut resources = plan.data_loss();
        resources.retain(|resource| !allowed(resource));
        if protected && !resources.is_empty() {
            return Err(EngineError::DataLoss { resources });
        }
        Ok(())
    }
}

/// Returns true while an operation runs whose end decides something; a cleanup does not.
fn is_busy(status: StackStatus) -> bool {
    status.in_progress() && !status.succeeded()
}

/// Returns how many stacks a plan touches, in words.
fn count(plan: &Plan) -> String {
    let number = |action: StackAction| plan.stacks.iter().filter(|s| s.action == action).count();
    let parts = [
        (number(StackAction::Create), "created"),
        (number(StackAction::Update), "updated"),
        (number(StackAction::Retry), "retried"),
        (number(StackAction::Delete), "deleted"),
        (number(StackAction::Unchanged), "unchanged"),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    format!("stacks: {}", words.join(", "))
}
