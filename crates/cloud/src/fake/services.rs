//! The services of the fake: deployments that succeed or fail as [`Behaviour`] says.

use async_trait::async_trait;
use jiff::Timestamp;

use super::Behaviour;
use super::FakeCloud;
use super::stacks;
use super::state::FakeStack;
use super::state::Operation;
use super::state::State;
use super::tasks;
use crate::CloudError;
use crate::Deployment;
use crate::ErrorKind;
use crate::Health;
use crate::Result;
use crate::RolloutState;
use crate::Service;
use crate::ServiceEvent;
use crate::ServiceRef;
use crate::ServiceUpdate;
use crate::Services;
use crate::StopType;

/// What a step of a deployment gave.
pub(super) enum Rollout {
    /// It is still going on.
    Going,
    /// It is through, or there is no service.
    Done,
    /// It failed.
    Failed(String),
}

/// Tasks that fail until the circuit breaker opens (ECS: at least three).
const BREAKER: u32 = 10;

/// Returns what `Ref` of the service of a stack returns.
pub(super) fn arn(stack: &str) -> String {
    format!("arn:aws:ecs:local:000000000000:service/cluster/{stack}")
}

/// Returns how the containers of a stack behave.
pub(super) fn behaviour(state: &State, stack: &FakeStack) -> Behaviour {
    let values: Vec<&str> = stack.input.parameters.values().map(String::as_str).collect();
    let text = format!("{} {}", stack.input.template, values.join(" "));
    let found = state.behaviours.iter().rev().find(|(needle, _)| text.contains(needle.as_str()));
    found.map_or(Behaviour::Healthy, |(_, behaviour)| *behaviour)
}

fn deployment(id: u64, task_definition: &str, desired: u32, now: Timestamp) -> Deployment {
    Deployment {
        id: format!("ecs-svc/{id}"),
        status: "PRIMARY".into(),
        rollout_state: RolloutState::InProgress,
        rollout_reason: None,
        task_definition: task_definition.to_owned(),
        desired,
        pending: 0,
        running: 0,
        healthy: 0,
        failed: 0,
        created: now,
        updated: now,
    }
}

fn say(service: &mut Service, now: Timestamp, text: &str) {
    let seq = service.events.last().map_or(1, |event| event.seq + 1);
    let message = format!("(service {}) {text}", service.name);
    service.events.push(ServiceEvent { seq, time: now, message });
}

/// A stack operation begins: a new revision, and a deployment where there is a service.
pub(super) fn begin(state: &mut State, now: Timestamp, name: &str) {
    let Some(stack) = state.stacks.get_mut(name) else { return };
    stack.revision += 1;
    let revision = stack.revision;
    let Some(logical_id) = stacks::logical_id(&stack.input.template, "AWS::ECS::Service") else {
        return;
    };
    let verb = if stack.previous.is_none() { "CREATE_IN_PROGRESS" } else { "UPDATE_IN_PROGRESS" };
    stacks::event(state, now, name, Some((&logical_id, "AWS::ECS::Service")), verb, None);
    deploy(state, now, name, revision);
}

/// Starts a deployment of a revision.
fn deploy(state: &mut State, now: Timestamp, name: &str, revision: u32) {
    let id = state.number();
    let task_definition = format!("{name}:{revision}");
    let service = state.services.entry(name.to_owned()).or_insert_with(|| Service {
        name: name.to_owned(),
        cluster: "cluster".into(),
        task_definition: task_definition.clone(),
        desired: 1,
        running: 0,
        pending: 0,
        deployments: Vec::new(),
        events: Vec::new(),
    });
    for old in &mut service.deployments {
        old.status = "ACTIVE".into();
    }
    service.task_definition = task_definition.clone();
    let new = deployment(id, &task_definition, service.desired, now);
    service.deployments.insert(0, new);
    say(service, now, "has started a deployment.");
}

/// Moves the primary deployment of a stack's service on by one step.
pub(super) fn advance(state: &mut State, now: Timestamp, name: &str) -> Rollout {
    let Some(stack) = state.stacks.get(name) else { return Rollout::Done };
    if stacks::logical_id(&stack.input.template, "AWS::ECS::Service").is_none() {
        return Rollout::Done;
    }
    let behaviour = behaviour(state, stack);
    let Some(service) = state.services.get(name) else { return Rollout::Done };
    let Some(primary) = service.deployments.first().cloned() else { return Rollout::Done };
    if primary.rollout_state == RolloutState::Completed {
        return Rollout::Done;
    }
    match behaviour {
        Behaviour::Healthy => healthy(state, now, name, &primary),
        Behaviour::Hang => Rollout::Going,
        failing => failed(state, now, name, &primary, failing),
    }
}

fn healthy(state: &mut State, now: Timestamp, name: &str, primary: &Deployment) -> Rollout {
    if primary.running == 0 {
        for _ in 0..primary.desired {
            let task = tasks::new(state, now, name, &primary.task_definition, &primary.id);
            if let Some(task) = state.tasks.get_mut(&task) {
                task.last_status = "RUNNING".into();
                task.started = Some(now);
            }
        }
        if let Some(service) = state.services.get_mut(name) {
            service.deployments[0].running = primary.desired;
            service.running += primary.desired;
        }
        return Rollout::Going;
    }
    for task in state.tasks.values_mut().filter(|task| task.started_by == primary.id) {
        task.health = Health::Healthy;
    }
    finish(state, now, name);
    Rollout::Done
}

/// The primary deployment is through: the older ones go.
fn finish(state: &mut State, now: Timestamp, name: &str) {
    let Some(service) = state.services.get_mut(name) else { return };
    let old: Vec<String> =
        service.deployments.iter().skip(1).map(|deployment| deployment.id.clone()).collect();
    service.deployments.truncate(1);
    let primary = &mut service.deployments[0];
    primary.healthy = primary.desired;
    primary.running = primary.desired;
    primary.rollout_state = RolloutState::Completed;
    service.running = primary.desired;
    say(service, now, "has reached a steady state.");
    for task in state.tasks.values_mut().filter(|task| old.contains(&task.started_by)) {
        tasks::stop(task, now, "ServiceSchedulerInitiated", "Scaling activity initiated", None);
    }
}

fn failed(
    state: &mut State,
    now: Timestamp,
    name: &str,
    primary: &Deployment,
    behaviour: Behaviour,
) -> Rollout {
    let id = tasks::new(state, now, name, &primary.task_definition, &primary.id);
    let log = match behaviour {
        Behaviour::Crash(code) => format!("fatal: exiting with {code}"),
        _ => "started".to_owned(),
    };
    if let Some(task) = state.tasks.get_mut(&id) {
        match behaviour {
            Behaviour::Crash(code) => {
                task.started = Some(now);
                let why = "Essential container in task exited";
                tasks::stop(task, now, "EssentialContainerExited", why, Some(code));
            }
            Behaviour::ImageMissing => {
                let reason = "CannotPullContainerError: pull image manifest: not found";
                task.containers[0].reason = Some(reason.to_owned());
                tasks::stop(task, now, "TaskFailedToStart", reason, None);
            }
            Behaviour::SecretMissing => {
                let reason = "ResourceInitializationError: unable to pull secrets: \
                              /shop/test/KEY not found";
                tasks::stop(task, now, "TaskFailedToStart", reason, None);
            }
            _ => {
                task.started = Some(now);
                task.health = Health::Unhealthy;
                let why = "Task failed container health checks";
                tasks::stop(task, now, "ServiceSchedulerInitiated", why, Some(143));
            }
        }
    }
    if matches!(behaviour, Behaviour::Crash(_) | Behaviour::NeverHealthy) {
        tasks::log(state, now, name, &id, &log);
    }
    let Some(service) = state.services.get_mut(name) else { return Rollout::Done };
    let primary = &mut service.deployments[0];
    primary.failed += 1;
    if primary.failed >= BREAKER {
        primary.rollout_state = RolloutState::Failed;
        return Rollout::Failed("ECS Deployment Circuit Breaker was triggered".to_owned());
    }
    Rollout::Going
}

/// The stack goes back: so does its service.
pub(super) fn back(state: &mut State, now: Timestamp, name: &str) {
    let Some(stack) = state.stacks.get(name) else { return };
    let good = stack.good_revision;
    if good == 0 || !state.services.contains_key(name) {
        remove(state, name);
        return;
    }
    if let Some(service) = state.services.get_mut(name) {
        service.deployments.retain(|old| old.rollout_state == RolloutState::Completed);
        if let Some(old) = service.deployments.first_mut() {
            old.status = "PRIMARY".into();
            service.task_definition = old.task_definition.clone();
            service.running = old.desired;
            return;
        }
    }
    deploy(state, now, name, good);
    finish(state, now, name);
}

/// The service of a stack is deleted with its tasks.
pub(super) fn remove(state: &mut State, name: &str) {
    state.services.shift_remove(name);
    // The log group is a resource of the stack.
    state.logs.retain(|(stack, _)| stack != name);
    let group = format!("service:{name}");
    for task in state.tasks.values_mut().filter(|task| task.group == group) {
        if task.last_status != "STOPPED" {
            task.last_status = "STOPPED".into();
            task.desired_status = "STOPPED".into();
        }
    }
}

fn name_of(service: &ServiceRef) -> String {
    service.service.rsplit('/').next().unwrap_or_default().to_owned()
}

#[async_trait]
impl Services for FakeCloud {
    async fn describe_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        let now = self.now();
        let name = name_of(service);
        let mut state = self.read().await?;
        let idle = state.stacks.get(&name).is_some_and(|stack| stack.operation.is_none());
        if idle {
            advance(&mut state, now, &name);
        }
        Ok(state.services.get(&name).cloned())
    }

    async fn stop_deployment(&self, service: &ServiceRef, stop: StopType, reason: &str) -> Result<()> {
        let name = name_of(service);
        let now = self.now();
        let mut state = self.change(format!("stop_deployment {name} {stop:?}")).await?;
        let missing = || CloudError::new(ErrorKind::NotFound, "stop deployment", name.as_str());
        let service = state.services.get_mut(&name).ok_or_else(missing)?;
        if let Some(primary) = service.deployments.first_mut() {
            primary.rollout_state = RolloutState::Failed;
            primary.rollout_reason = Some(reason.to_owned());
        }
        let stack = state.stacks.get_mut(&name).ok_or_else(missing)?;
        if stack.operation == Some(Operation::Forward) {
            stack.stopped = Some(format!("Service deployment was stopped: {reason}"));
        } else {
            back(&mut state, now, &name);
        }
        Ok(())
    }

    async fn update_service(&self, service: &ServiceRef, update: &ServiceUpdate) -> Result<()> {
        let name = name_of(service);
        let now = self.now();
        let desired = update.desired.map_or(String::new(), |count| format!(" desired={count}"));
        let force = if update.force_new_deployment { " force" } else { "" };
        let mut state = self.change(format!("update_service {name}{desired}{force}")).await?;
        let missing = || CloudError::new(ErrorKind::NotFound, "update service", name.as_str());
        let service = state.services.get_mut(&name).ok_or_else(missing)?;
        if let Some(count) = update.desired {
            service.desired = count;
            if let Some(primary) = service.deployments.first_mut() {
                primary.desired = count;
                primary.running = count;
                primary.healthy = count;
            }
            service.running = count;
        }
        if update.force_new_deployment {
            let revision = state.stacks.get(&name).map_or(1, |stack| stack.revision);
            deploy(&mut state, now, &name, revision);
        }
        Ok(())
    }
}
