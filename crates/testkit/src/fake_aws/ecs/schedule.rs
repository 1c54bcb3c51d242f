//! The service scheduler: which tasks start and stop.

use super::deploy::breaker;
use super::deploy::fail;
use super::deploy::finish;
use super::deploy::say;
use super::state::Service;
use super::state::int;
use super::task;
use crate::fake_aws::behaviour::Containers;
use crate::fake_aws::world::World;

/// Moves all tasks and services on.
pub(crate) fn step(world: &mut World) {
    task::step(world);
    let services: Vec<String> = world.ecs.services.keys().cloned().collect();
    for arn in services {
        step_service(world, &arn);
    }
}

/// Returns whether a service or task is under way. A service whose only task hangs, is.
pub(crate) fn busy(world: &World) -> bool {
    let rolling = |service: &Service| {
        service.active && service.deployments.first().is_some_and(|primary| primary.state == "IN_PROGRESS")
    };
    world.ecs.services.values().any(rolling)
        || world.ecs.tasks.values().any(|task| task.stopped_at.is_none() && task.next_at != u64::MAX)
}

/// Returns whether a deleted service has no task left.
pub(crate) fn gone(world: &World, arn: &str) -> bool {
    !world.ecs.tasks.values().any(|task| task.service.as_deref() == Some(arn) && task.stopped_at.is_none())
}

fn step_service(world: &mut World, arn: &str) {
    count_failures(world, arn);
    let Some(service) = world.ecs.services.get(arn).cloned() else { return };
    if !service.active {
        stop_some(world, arn, None, usize::MAX);
        return;
    }
    let Some(primary) = service.deployments.first() else { return };
    let (on, back, threshold) = breaker(&service);
    if primary.state == "IN_PROGRESS" && on && primary.failed >= threshold {
        let back = back && !rolling_back(world, &primary.rollout);
        fail(world, arn, "ECS deployment circuit breaker: tasks failed to start.", "STOPPED", back);
        return;
    }
    start(world, &service);
    stop_old(world, &service);
    let tasks = || world.ecs.tasks.values().filter(|task| task.service.as_deref() == Some(arn));
    let ready =
        tasks().filter(|task| task.deployment == primary.id && task.alive() && task.ready).count() as u64;
    let old = tasks().filter(|task| task.deployment != primary.id && task.stopped_at.is_none()).count();
    if primary.state == "IN_PROGRESS" && ready >= service.desired && old == 0 {
        finish(world, arn);
    }
}

fn rolling_back(world: &World, rollout: &str) -> bool {
    world.ecs.rollouts.get(rollout).is_some_and(|rollout| rollout.rollback.is_some())
}

/// Counts the tasks that failed since the last look.
fn count_failures(world: &mut World, arn: &str) {
    let now = world.now;
    let mut said = Vec::new();
    let World { ecs, scenario, .. } = &mut *world;
    let Some(service) = ecs.services.get_mut(arn) else { return };
    for task in ecs.tasks.values_mut().filter(|task| task.service.as_deref() == Some(arn) && !task.counted) {
        let Some(deployment) = service.deployments.iter_mut().find(|found| found.id == task.deployment)
        else {
            continue;
        };
        if task.stopped_at.is_some()
            && task.stop_code != Some("UserInitiated")
            && task.desired_status == "RUNNING"
        {
            task.desired_status = "STOPPED";
            task.counted = true;
            deployment.failed += 1;
            deployment.updated_at = now;
            service.not_before = now + scenario.timing.restart_ms;
            if let Some(rollout) = ecs.rollouts.get_mut(&deployment.rollout) {
                rollout.failures += 1;
                rollout.updated_at = now;
            }
            let reason = task.stopped_reason.as_deref().unwrap_or_default();
            let code = task.stop_code.unwrap_or_default();
            said.push(match code {
                "TaskFailedToStart" => format!("was unable to start a task: (task {}) {reason}", task.id),
                _ => format!("has stopped a task that failed: (task {}) {reason}.", task.id),
            });
        } else if task.ready && task.alive() {
            task.counted = true;
            // `ResetOnHealthyTask` is on unless told otherwise.
            deployment.failed = 0;
        }
    }
    for text in said {
        say(world, arn, &text);
    }
}

fn start(world: &mut World, service: &Service) {
    let Some(primary) = service.deployments.first() else { return };
    if primary.state == "FAILED" || world.now < service.not_before {
        return;
    }
    let of_it = |world: &World| {
        let all: Vec<bool> = world
            .ecs
            .tasks
            .values()
            .filter(|task| task.service.as_deref() == Some(&service.arn) && task.stopped_at.is_none())
            .map(|task| task.deployment == primary.id && task.alive())
            .collect();
        (all.len() as u64, all.iter().filter(|new| **new).count() as u64)
    };
    let (all, new) = of_it(world);
    let most = (service.desired * percent(service, "MaximumPercent", 200)).div_euclid(100).max(1);
    let count = service.desired.saturating_sub(new).min(most.saturating_sub(all));
    let mut started = 0;
    for _ in 0..count {
        if launch(world, &service.arn).is_some() {
            started += 1;
        }
    }
    if started > 0 {
        say(world, &service.arn, &format!("has started {started} tasks."));
    }
}

fn percent(service: &Service, name: &str, default: u64) -> u64 {
    int(&service.properties["DeploymentConfiguration"][name]).unwrap_or(default)
}

/// Starts a task of the primary deployment and returns its ARN; `None` where there is no capacity.
pub(super) fn launch(world: &mut World, arn: &str) -> Option<String> {
    let service = world.ecs.services.get(arn)?.clone();
    let primary = service.deployments.first()?;
    let rule = task::rule(world, &primary.task_definition, &service.stack, &serde_json::Value::Null);
    if rule.behaviour == Containers::NoCapacity {
        if !service.said_no_capacity {
            let text = "was unable to place a task. Reason: Capacity is unavailable at this time. \
                        Please try again later or in a different availability zone.";
            say(world, arn, text);
            if let Some(service) = world.ecs.services.get_mut(arn) {
                service.said_no_capacity = true;
            }
        }
        return None;
    }
    let subnets = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"].as_array();
    let subnet = subnets.and_then(|all| all.first()?.as_str()).unwrap_or("subnet-0").to_owned();
    let exec = super::state::truth(&service.properties["EnableExecuteCommand"]).unwrap_or(false);
    let new = task::New {
        cluster: service.cluster.clone(),
        group: format!("service:{}", service.name),
        service: Some(service.arn.clone()),
        started_by: primary.id.clone(),
        definition: primary.task_definition.clone(),
        rule,
        overrides: serde_json::Value::Null,
        subnet,
        exec,
    };
    Some(task::insert(world, new))
}

/// Stops tasks that are too many, as long as enough healthy ones stay.
fn stop_old(world: &mut World, service: &Service) {
    let Some(primary) = service.deployments.first() else { return };
    let mine = |task: &&super::Task| task.service.as_deref() == Some(service.arn.as_str()) && task.alive();
    let least = (service.desired * percent(service, "MinimumHealthyPercent", 100)).div_ceil(100);
    let ready = world.ecs.tasks.values().filter(mine).filter(|task| task.ready).count() as u64;
    let new_ready = world
        .ecs
        .tasks
        .values()
        .filter(mine)
        .filter(|task| task.ready && task.deployment == primary.id)
        .count();
    // Old tasks that never got healthy hold nothing up.
    let useless: Vec<String> = world
        .ecs
        .tasks
        .values()
        .filter(mine)
        .filter(|task| task.deployment != primary.id && !task.ready)
        .map(|task| task.arn.clone())
        .collect();
    for task in useless {
        task::stop(world, &task, "ServiceSchedulerInitiated", "Scaling activity initiated");
    }
    if new_ready > 0 || service.desired == 0 {
        let spare = usize::try_from(ready.saturating_sub(least)).unwrap_or(usize::MAX);
        stop_some(world, &service.arn, Some(&primary.id), spare);
    }
    let alive =
        world.ecs.tasks.values().filter(mine).filter(|task| task.deployment == primary.id).count() as u64;
    if alive > service.desired {
        let surplus: Vec<String> = world
            .ecs
            .tasks
            .values()
            .filter(mine)
            .filter(|task| task.deployment == primary.id)
            .map(|task| task.arn.clone())
            .take(usize::try_from(alive - service.desired).unwrap_or(usize::MAX))
            .collect();
        for task in surplus {
            task::stop(world, &task, "ServiceSchedulerInitiated", "Scaling activity initiated");
        }
    }
}

/// Stops so many tasks of a service, but none of the deployment `keep`.
fn stop_some(world: &mut World, arn: &str, keep: Option<&str>, count: usize) {
    let tasks: Vec<String> = world
        .ecs
        .tasks
        .values()
        .filter(|task| task.service.as_deref() == Some(arn) && task.alive())
        .filter(|task| keep != Some(task.deployment.as_str()))
        .map(|task| task.arn.clone())
        .take(count)
        .collect();
    for task in tasks {
        task::stop(world, &task, "ServiceSchedulerInitiated", "Scaling activity initiated");
    }
}
