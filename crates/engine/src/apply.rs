//! Brings one stack where it should be.

use indexmap::IndexMap;
use seaway_cloud::ErrorKind;
use seaway_cloud::StackChange;
use seaway_cloud::StackInput;
use seaway_cloud::StackStatus;
use seaway_cloud::event::Phase;

use crate::Engine;
use crate::EngineError;
use crate::deployed::DeployedStack;
use crate::deployed::defaults;
use crate::deployed::must_be_deleted_first;
use crate::deployed::service_of;
use crate::failure::Failure;
use crate::failure::Stop;
use crate::run::Moved;
use crate::run::Run;
use crate::service_watch::ServiceWatch;
use crate::unit::Unit;
use crate::watch::Settled;
use crate::watch::StackWatch;

/// Attempts of a change that meets an operation in progress.
const CONFLICTS: u32 = 5;

/// Returns true when the stack is what `input` asks for, and whole.
fn is_there(unit: &Unit, input: &StackInput, current: &DeployedStack) -> bool {
    let template = current.text == input.template
        || current.template.as_ref().is_some_and(|old| old.to_json() == unit.template.to_json());
    let mut wanted = defaults(&unit.template);
    wanted.extend(input.parameters.clone());
    current.stack.status.succeeded()
        && template
        && current.stack.tags == input.tags
        && current.stack.termination_protection == input.termination_protection
        && current.parameters() == wanted
}

impl Engine {
    /// Brings a stack to `input`; skips it when it is there already.
    pub(crate) async fn apply(&self, run: &Run, unit: &Unit, input: StackInput) -> Result<(), Stop> {
        let name = unit.name.as_str();
        let topic = self.events.phase(Phase::Apply).stack(name).workload(unit.workload_name());
        let current = run.progress().deployed.get(name).cloned();
        run.progress().inputs.insert(name.to_owned(), input.clone());
        if let Some(current) = &current
            && is_there(unit, &input, current)
        {
            topic.state("unchanged", None);
            return Ok(());
        }
        let gone =
            |status: StackStatus| must_be_deleted_first(status) || status == StackStatus::DeleteInProgress;
        let mut before = current;
        if let Some(old) = &before
            && gone(old.stack.status)
        {
            topic.say(format!("{name} is {}: it is deleted and made anew", old.stack.status));
            self.delete(unit.workload_name(), name, Phase::Apply).await?;
            before = None;
        }
        let moved = Moved { before: before.as_ref().map(DeployedStack::input), running: true };
        run.progress().moved.insert(name.to_owned(), moved);
        let settled = match self.put(run, unit, &input, Phase::Apply, before.as_ref()).await? {
            Some(settled) => settled,
            None => {
                topic.state("unchanged", None);
                run.progress().moved.shift_remove(name);
                return self.check_unchanged(run, name).await;
            }
        };
        if let Some(moved) = run.progress().moved.get_mut(name) {
            moved.running = false;
        }
        match &settled.stack {
            Some(stack) if stack.status.succeeded() => {
                run.progress().outputs.insert(name.to_owned(), stack.outputs.clone());
                Ok(())
            }
            _ => Err(failure(unit, settled).into()),
        }
    }

    /// A stack that needs nothing must be in a state that can be built upon.
    async fn check_unchanged(&self, run: &Run, name: &str) -> Result<(), Stop> {
        let stack = self.cloud.describe_stack(name).await?;
        let status = stack.as_ref().map(|stack| stack.status);
        if let Some(stack) = stack {
            run.progress().outputs.insert(name.to_owned(), stack.outputs);
        }
        match status {
            Some(status) if status.succeeded() || status == StackStatus::UpdateRollbackComplete => Ok(()),
            _ => Err(Failure {
                stack: Some(name.to_owned()),
                cause: format!(
                    "the stack is {} and cannot be changed",
                    status.map_or("gone", StackStatus::as_str)
                ),
                ..Failure::default()
            }
            .into()),
        }
    }

    /// Creates or updates a stack and waits; `None` when there was nothing to do.
    pub(crate) async fn put(
        &self,
        run: &Run,
        unit: &Unit,
        input: &StackInput,
        phase: Phase,
        before: Option<&DeployedStack>,
    ) -> Result<Option<Settled>, Stop> {
        let reference = before.and_then(|before| service_of(&before.stack.outputs));
        let has_service = unit.workload.as_ref().is_some_and(|spec| spec.service.is_some());
        let old = match &reference {
            Some(reference) if has_service => self.cloud.describe_service(reference).await?,
            _ => None,
        };
        let mut attempt = 1;
        let after = loop {
            match self.cloud.put_stack(input).await {
                Ok(StackChange::Unchanged) => return Ok(None),
                Ok(StackChange::Started { after }) => break after,
                Err(error) if error.kind == ErrorKind::Conflict && attempt < CONFLICTS => {
                    attempt += 1;
                    self.pause().await;
                    let watch = self.joined(unit, &input.name, phase, None);
                    watch.settle(self).await?;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let spec = unit.workload.as_ref();
        let watch = StackWatch {
            stack: input.name.clone(),
            workload: unit.workload_name().map(str::to_owned),
            phase,
            after: Some(after),
            has_service,
            reference,
            cluster: cluster(run, input),
            service: ServiceWatch::coming(old.as_ref()),
            log_group: spec.map(|spec| spec.log_group.clone()),
            evidence: None,
            fail_fast: phase == Phase::Apply && spec.is_some_and(|spec| spec.fail_fast),
            cleanup: false,
        };
        Ok(Some(watch.settle(self).await?))
    }

    /// Returns the watch of an operation that somebody else began.
    pub(crate) fn joined(
        &self,
        unit: &Unit,
        stack: &str,
        phase: Phase,
        deployed: Option<&DeployedStack>,
    ) -> StackWatch {
        let spec = unit.workload.as_ref();
        StackWatch {
            stack: stack.to_owned(),
            workload: unit.workload_name().map(str::to_owned),
            phase,
            after: None,
            has_service: spec.is_some_and(|spec| spec.service.is_some()),
            reference: deployed.and_then(|stack| service_of(&stack.stack.outputs)),
            cluster: deployed.and_then(|stack| cluster_parameter(&stack.stack.parameters)),
            service: ServiceWatch::joined(None),
            log_group: spec.map(|spec| spec.log_group.clone()),
            evidence: None,
            fail_fast: phase == Phase::Apply && spec.is_some_and(|spec| spec.fail_fast),
            cleanup: true,
        }
    }

    /// Deletes a stack and waits until it is gone.
    pub(crate) async fn delete(&self, workload: Option<&str>, name: &str, phase: Phase) -> Result<(), Stop> {
        let mut attempt = 1;
        let mut after = self.cloud.stack_events(name, 0).await.ok().and_then(|all| all.last().map(|e| e.seq));
        loop {
            match self.cloud.delete_stack(name).await {
                Ok(()) => break,
                Err(error) if error.kind == ErrorKind::Conflict && attempt < CONFLICTS => {
                    attempt += 1;
                    // Nobody waits for an update of what is to be deleted. It may be past that.
                    let _ = self.cloud.cancel_update(name).await;
                    self.pause().await;
                    let watch = deletion(workload, name, phase, after.take());
                    watch.settle(self).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let settled = deletion(workload, name, phase, after).settle(self).await?;
        let gone = settled.stack.as_ref().is_none_or(|stack| stack.status == StackStatus::DeleteComplete);
        if gone {
            // A cloud may forget a stack together with its last events.
            if settled.told.as_deref() != Some("DELETE_COMPLETE") {
                let topic = self.events.phase(phase).stack(name).workload(workload);
                topic.state("DELETE_COMPLETE", None);
            }
            self.events.forget(name);
            return Ok(());
        }
        match settled.stack {
            None => Ok(()),
            Some(stack) => {
                let resource = settled.resource;
                let why = resource.as_ref().map_or_else(
                    || stack.reason.clone().unwrap_or_default(),
                    |(id, reason)| format!("{id}: {reason}"),
                );
                Err(Failure {
                    stack: Some(name.to_owned()),
                    workload: workload.map(str::to_owned),
                    cause: format!("the stack {name} cannot be deleted ({}): {why}", stack.status),
                    resource,
                    ..Failure::default()
                }
                .into())
            }
        }
    }

    /// Returns the failure that a stack of the release must not be without.
    pub(crate) fn missing_output(stack: &str, output: &str) -> EngineError {
        EngineError::Inconsistent(format!("stack {stack} has no output {output}"))
    }
}

fn deletion(workload: Option<&str>, name: &str, phase: Phase, after: Option<u64>) -> StackWatch {
    StackWatch {
        stack: name.to_owned(),
        workload: workload.map(str::to_owned),
        phase,
        after,
        has_service: false,
        reference: None,
        cluster: None,
        service: ServiceWatch::default(),
        log_group: None,
        evidence: None,
        fail_fast: false,
        cleanup: true,
    }
}

/// Returns the cluster that a stack being created will run in, as far as it can be told.
fn cluster(run: &Run, input: &StackInput) -> Option<String> {
    cluster_parameter(&input.parameters).or_else(|| {
        let progress = run.progress();
        progress.outputs.values().find_map(|outputs| outputs.get("ClusterName").cloned())
    })
}

fn cluster_parameter(parameters: &IndexMap<String, String>) -> Option<String> {
    let (_, value) = parameters.iter().find(|(name, _)| name.contains("Cluster"))?;
    Some(value.rsplit('/').next().unwrap_or(value).to_owned())
}

fn failure(unit: &Unit, settled: Settled) -> Failure {
    let status = settled.stack.as_ref().map_or("gone", |stack| stack.status.as_str());
    let reason = settled.stack.as_ref().and_then(|stack| stack.reason.clone());
    let cause = match (&settled.verdict, &settled.resource) {
        (Some(verdict), _) => verdict.cause.clone(),
        (None, Some((id, reason))) => {
            let kind = unit.template.resources.get(id).map_or("", |resource| resource.kind.as_str());
            let description = seaway_cfn::describe::describe(kind);
            format!("{id} ({description}) failed: {reason}")
        }
        (None, None) => format!("the stack ended as {status}: {}", reason.unwrap_or_default()),
    };
    let spec = unit.workload.as_ref();
    Failure {
        stack: Some(unit.name.clone()),
        workload: unit.workload_name().map(str::to_owned),
        cause,
        resource: settled.resource,
        cluster: settled.reference.as_ref().map(|reference| reference.cluster.clone()),
        service: settled.reference,
        deployment: settled.deployment,
        task: settled.verdict.as_ref().map(|verdict| verdict.task.clone()),
        log_group: spec.map(|spec| spec.log_group.clone()),
        next: settled.verdict.map(|verdict| verdict.next).into_iter().collect(),
        evidence: settled.evidence,
    }
}
