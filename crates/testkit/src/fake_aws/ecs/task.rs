//! The life of a task.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::state::Definition;
use super::state::Task;
use crate::fake_aws::behaviour::BehaviourRule;
use crate::fake_aws::behaviour::Containers;
use crate::fake_aws::world::World;

/// From RUNNING to healthy for a slow task.
const SLOW_MS: u64 = 60_000;

/// A task to start.
#[derive(Clone, Debug)]
pub(super) struct New {
    pub(super) cluster: String,
    pub(super) group: String,
    pub(super) service: Option<String>,
    pub(super) started_by: String,
    pub(super) definition: String,
    pub(super) rule: BehaviourRule,
    pub(super) overrides: Json,
    pub(super) subnet: String,
    pub(super) exec: bool,
}

/// Returns how the containers of a task behave.
pub(super) fn rule(world: &World, definition: &str, stack: &str, overrides: &Json) -> BehaviourRule {
    let text = world.ecs.definitions.get(definition).map(|found| holds(found, stack, overrides));
    let text = text.unwrap_or_default();
    let found = world.scenario.containers.iter().rev().find(|rule| text.contains(&rule.when));
    found.cloned().unwrap_or_default()
}

/// Returns the texts by which a rule finds a task, one a line.
fn holds(definition: &Definition, stack: &str, overrides: &Json) -> String {
    let mut text = format!("{stack}\n{}\n{}\n", definition.stack, definition.family);
    let items = |value: &Json| value.as_array().cloned().unwrap_or_default();
    for container in items(&definition.properties["ContainerDefinitions"]) {
        for name in ["Name", "Image"] {
            let _ = writeln!(text, "{}", container[name].as_str().unwrap_or_default());
        }
        for variable in items(&container["Environment"]) {
            let value = &variable["Value"];
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = writeln!(text, "{}={value}", variable["Name"].as_str().unwrap_or_default());
        }
    }
    for container in items(&overrides["containerOverrides"]) {
        for variable in items(&container["environment"]) {
            let of = |name: &str| variable[name].as_str().unwrap_or_default().to_owned();
            let _ = writeln!(text, "{}={}", of("name"), of("value"));
        }
        let words: Vec<Json> = items(&container["command"]);
        let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
        let _ = writeln!(text, "{}", words.join(" "));
    }
    text
}

/// Adds a task in PROVISIONING and returns its ARN.
pub(super) fn insert(world: &mut World, new: New) -> String {
    let id = world.hex(32);
    let arn = world.arn("ecs", &format!("task/{}/{id}", new.cluster));
    let number = world.ecs.tasks.len() + 10;
    let task = Task {
        arn: arn.clone(),
        id,
        cluster: new.cluster,
        group: new.group,
        service: new.service,
        deployment: new.started_by.clone(),
        started_by: new.started_by,
        definition: new.definition,
        status: "PROVISIONING",
        desired_status: "RUNNING",
        ready: false,
        health: "UNKNOWN",
        created_at: world.now,
        started_at: None,
        stopping_at: None,
        stopped_at: None,
        stop_code: None,
        stopped_reason: None,
        exit_code: None,
        container_reason: None,
        rule: new.rule,
        next_at: world.now + world.scenario.timing.provision_ms,
        address: format!("10.0.{}.{}", number / 250, number % 250 + 1),
        subnet: new.subnet,
        overrides: new.overrides,
        exec: new.exec,
        counted: false,
    };
    world.ecs.tasks.insert(arn.clone(), task);
    arn
}

/// Asks a task to stop.
pub(super) fn stop(world: &mut World, arn: &str, code: &'static str, reason: &str) {
    let (now, wait) = (world.now, world.scenario.timing.stop_ms);
    let Some(task) = world.ecs.tasks.get_mut(arn) else { return };
    if task.stopped_at.is_some() || task.desired_status == "STOPPED" {
        return;
    }
    task.desired_status = "STOPPED";
    task.stop_code = Some(code);
    task.stopped_reason = Some(reason.to_owned());
    task.stopping_at = Some(now);
    // A container that never started has no exit code.
    task.exit_code = task.started_at.map(|_| 143);
    task.status = "DEACTIVATING";
    task.next_at = now + wait;
}

/// Moves all tasks on.
pub(super) fn step(world: &mut World) {
    let now = world.now;
    let due: Vec<String> = world
        .ecs
        .tasks
        .values()
        .filter(|task| task.stopped_at.is_none() && task.next_at <= now)
        .map(|task| task.arn.clone())
        .collect();
    for arn in due {
        step_one(world, &arn);
    }
}

fn step_one(world: &mut World, arn: &str) {
    let Some(mut task) = world.ecs.tasks.get(arn).cloned() else { return };
    let (now, timing) = (world.now, world.scenario.timing.clone());
    let one_off = task.service.is_none();
    match task.status {
        "PROVISIONING" => {
            task.status = "PENDING";
            task.next_at = match task.rule.behaviour {
                Containers::Hang => u64::MAX,
                _ => now + timing.pull_ms,
            };
        }
        "PENDING" => match task.rule.behaviour {
            Containers::ImageMissing => {
                let image = world.ecs.images(&task.definition).first().cloned().unwrap_or_default();
                let reason = format!(
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
                     resolve ref {image}: {image}: not found"
                );
                task.container_reason = Some(reason.clone());
                end(&mut task, now, "TaskFailedToStart", &reason, None);
            }
            Containers::SecretMissing => {
                let reason = "ResourceInitializationError: unable to pull secrets or registry auth: execution \
                              resource retrieval failed: unable to retrieve secret from asm: service call has \
                              been retried 1 time(s): ResourceNotFoundException: Secrets Manager can't find \
                              the specified secret value for staging label: AWSCURRENT";
                end(&mut task, now, "TaskFailedToStart", reason, None);
            }
            _ => {
                task.status = "RUNNING";
                task.started_at = Some(now);
                task.next_at = now + first_wait(&task, &timing, one_off);
                let lines = task.rule.logs.clone();
                let started = if lines.is_empty() { vec!["started".to_owned()] } else { lines };
                write_lines(world, &task, &started);
            }
        },
        "RUNNING" => run(world, &mut task, one_off),
        _ => {
            task.status = "STOPPED";
            task.stopped_at = Some(now);
        }
    }
    world.ecs.tasks.insert(arn.to_owned(), task);
}

/// Returns what a task waits from RUNNING to its next step.
fn first_wait(task: &Task, timing: &crate::fake_aws::scenario::Timing, one_off: bool) -> u64 {
    let after = task.rule.after_ms;
    match task.rule.behaviour {
        Containers::Crash => {
            let crash = after.unwrap_or(timing.crash_ms);
            // One that crashes late gets healthy first.
            if one_off { crash } else { crash.min(timing.healthy_ms.max(timing.crash_ms)) }
        }
        Containers::NeverHealthy if !one_off => after.unwrap_or(timing.unhealthy_ms),
        Containers::Slow => after.unwrap_or(SLOW_MS),
        _ if one_off => after.unwrap_or(timing.task_ms),
        _ => after.unwrap_or(timing.healthy_ms),
    }
}

fn run(world: &mut World, task: &mut Task, one_off: bool) {
    let now = world.now;
    let healthy = if has_check(&world.ecs.definitions, &task.definition) { "HEALTHY" } else { "UNKNOWN" };
    match task.rule.behaviour {
        Containers::Crash => {
            let after = task.rule.after_ms.unwrap_or(world.scenario.timing.crash_ms);
            let end_at = task.started_at.unwrap_or(now) + after;
            if end_at > now {
                task.ready = true;
                task.health = healthy;
                task.next_at = end_at;
                return;
            }
            let code = task.rule.exit_code;
            let lines = task.rule.last_words.clone();
            let words = if lines.is_empty() { vec![format!("fatal: exiting with {code}")] } else { lines };
            write_lines(world, task, &words);
            end(task, now, "EssentialContainerExited", "Essential container in task exited", Some(code));
        }
        Containers::NeverHealthy if !one_off => {
            let words = task.rule.last_words.clone();
            write_lines(world, task, &words);
            task.health = if healthy == "HEALTHY" { "UNHEALTHY" } else { "UNKNOWN" };
            let service = task.service.as_ref().and_then(|arn| world.ecs.services.get(arn));
            let group = service.and_then(|service| {
                Some(
                    service.properties["LoadBalancers"].as_array()?.first()?["TargetGroupArn"]
                        .as_str()?
                        .to_owned(),
                )
            });
            let reason = match group {
                Some(group) => format!("Task failed ELB health checks in (target-group {group})"),
                None => "Task failed container health checks".to_owned(),
            };
            end(task, now, "ServiceSchedulerInitiated", &reason, Some(143));
        }
        _ if one_off => {
            let words = task.rule.last_words.clone();
            write_lines(world, task, &words);
            end(task, now, "EssentialContainerExited", "Essential container in task exited", Some(0));
        }
        _ => {
            task.ready = true;
            task.health = healthy;
            task.next_at = u64::MAX;
        }
    }
}

/// The task ends by itself.
fn end(task: &mut Task, now: u64, code: &'static str, reason: &str, exit: Option<i64>) {
    task.status = "STOPPED";
    task.ready = false;
    task.stop_code = Some(code);
    task.stopped_reason = Some(reason.to_owned());
    task.exit_code = exit;
    task.stopping_at = Some(now);
    task.stopped_at = Some(now);
    if task.service.is_none() {
        task.desired_status = "STOPPED";
    }
}

/// Returns whether a container of the task has a health check.
pub(super) fn has_check(definitions: &IndexMap<String, Definition>, definition: &str) -> bool {
    let Some(found) = definitions.get(definition) else { return false };
    let containers = found.properties["ContainerDefinitions"].as_array();
    containers.is_some_and(|all| all.iter().any(|container| container["HealthCheck"].is_object()))
}

/// Writes lines of the first container with an `awslogs` driver.
fn write_lines(world: &mut World, task: &Task, lines: &[String]) {
    let Some(definition) = world.ecs.definitions.get(&task.definition) else { return };
    let Some(containers) = definition.properties["ContainerDefinitions"].as_array() else { return };
    let found = containers.iter().find_map(|container| {
        let options = &container["LogConfiguration"]["Options"];
        let group = options["awslogs-group"].as_str()?.to_owned();
        let prefix = options["awslogs-stream-prefix"].as_str().unwrap_or("ecs");
        Some((group, format!("{prefix}/{}/{}", container["Name"].as_str()?, task.id)))
    });
    let Some((group, stream)) = found else { return };
    let now = world.now;
    for line in lines {
        world.around.write_log(&group, &stream, now, line);
    }
}
