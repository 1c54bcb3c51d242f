//! The operations on tasks.

use serde_json::Value as Json;
use serde_json::json;

use super::describe;
use super::operations::check_cluster;
use super::state::short;
use super::task;
use crate::fake_aws::behaviour::Containers;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::world::World;

/// How long ECS shows a stopped task: an hour.
const FORGOTTEN_MS: u64 = 3_600_000;

pub(super) fn list_tasks(world: &World, call: &Call) -> Result<Json, Failure> {
    let cluster = check_cluster(world, call)?;
    let service = call.text("serviceName");
    if let Some(name) = &service
        && world.ecs.find_service(Some(&cluster), name).is_none()
    {
        return Err(Failure::new("ServiceNotFoundException", "Service not found."));
    }
    let desired = call.text("desiredStatus").unwrap_or_else(|| "RUNNING".to_owned());
    let family = call.text("family");
    let started_by = call.text("startedBy");
    let all: Vec<String> = world
        .ecs
        .tasks
        .values()
        .rev()
        .filter(|task| task.cluster == cluster)
        .filter(|task| {
            // A task that failed is wanted STOPPED as soon as it has stopped.
            let wanted = if task.stopped_at.is_some() { "STOPPED" } else { task.desired_status };
            wanted == desired
        })
        .filter(|task| !forgotten(world, task))
        .filter(|task| service.as_ref().is_none_or(|name| task.group == format!("service:{}", short(name))))
        .filter(|task| started_by.as_ref().is_none_or(|by| *by == task.started_by))
        .filter(|task| {
            let found = world.ecs.definitions.get(&task.definition);
            family.as_ref().is_none_or(|family| found.is_some_and(|found| found.family == *family))
        })
        .map(|task| task.arn.clone())
        .collect();
    let (page, next) = world.page(&all, call.text("nextToken").as_deref());
    Ok(describe::compact(json!({"taskArns": page, "nextToken": next})))
}

fn forgotten(world: &World, task: &super::Task) -> bool {
    task.stopped_at.is_some_and(|at| at + FORGOTTEN_MS < world.now)
}

pub(super) fn describe_tasks(world: &World, call: &Call) -> Result<Json, Failure> {
    let cluster = check_cluster(world, call)?;
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for name in call.texts("tasks") {
        let found = world.ecs.find_task(Some(&cluster), &name).and_then(|arn| world.ecs.tasks.get(&arn));
        match found.filter(|task| !forgotten(world, task)) {
            Some(found) => tasks.push(describe::task(world, found)),
            None => {
                let arn = world.arn("ecs", &format!("task/{cluster}/{}", short(&name)));
                failures.push(json!({"arn": arn, "reason": "MISSING"}));
            }
        }
    }
    Ok(json!({"tasks": tasks, "failures": failures}))
}

pub(super) fn run_task(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let cluster = check_cluster(world, call)?;
    let token = call.text("clientToken");
    if let Some(known) = token.as_ref().and_then(|token| world.ecs.tokens.get(token)) {
        let tasks = known.iter().filter_map(|arn| world.ecs.tasks.get(arn));
        let tasks: Vec<Json> = tasks.map(|task| describe::task(world, task)).collect();
        return Ok(json!({"tasks": tasks, "failures": []}));
    }
    let name = call.text("taskDefinition").unwrap_or_default();
    let missing = || Failure::new("ClientException", "TaskDefinition not found.");
    let definition = world.ecs.find_definition(&name).ok_or_else(missing)?.clone();
    let overrides = call.parameters["overrides"].clone();
    let rule = task::rule(world, &definition.arn, &definition.stack, &overrides);
    if rule.behaviour == Containers::NoCapacity {
        let failure = json!({
            "reason": "Capacity is unavailable at this time. Please try again later or in a different \
                       availability zone",
        });
        return Ok(json!({"tasks": [], "failures": [failure]}));
    }
    let subnets = call.parameters["networkConfiguration"]["awsvpcConfiguration"]["subnets"].as_array();
    let subnet = subnets.and_then(|all| all.first()?.as_str()).unwrap_or("subnet-0").to_owned();
    let count = call.parameters["count"].as_u64().unwrap_or(1).min(10);
    let mut arns = Vec::new();
    for _ in 0..count {
        let new = task::New {
            cluster: cluster.clone(),
            group: call.text("group").unwrap_or_else(|| format!("family:{}", definition.family)),
            service: None,
            started_by: call.text("startedBy").unwrap_or_default(),
            definition: definition.arn.clone(),
            rule: rule.clone(),
            overrides: overrides.clone(),
            subnet: subnet.clone(),
            exec: call.flag("enableExecuteCommand"),
        };
        arns.push(task::insert(world, new));
    }
    if let Some(token) = token {
        world.ecs.tokens.insert(token, arns.clone());
    }
    let tasks = arns.iter().filter_map(|arn| world.ecs.tasks.get(arn));
    let tasks: Vec<Json> = tasks.map(|task| describe::task(world, task)).collect();
    Ok(json!({"tasks": tasks, "failures": []}))
}

fn find(world: &World, call: &Call) -> Result<String, Failure> {
    let cluster = check_cluster(world, call)?;
    let name = call.text("task").unwrap_or_default();
    let missing = || {
        let message = "The referenced task was not found.";
        Failure::new("InvalidParameterException", message)
    };
    world.ecs.find_task(Some(&cluster), &name).ok_or_else(missing)
}

pub(super) fn stop_task(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let arn = find(world, call)?;
    let reason = call.text("reason").unwrap_or_else(|| "Task stopped by user".to_owned());
    task::stop(world, &arn, "UserInitiated", &reason);
    let shown = world.ecs.tasks.get(&arn).map(|found| describe::task(world, found));
    Ok(json!({"task": shown}))
}

pub(super) fn execute_command(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let arn = find(world, call)?;
    let id = world.hex(17);
    let gone = || Failure::new("InvalidParameterException", "The referenced task was not found.");
    let task = world.ecs.tasks.get(&arn).ok_or_else(gone)?;
    if !task.exec || task.status != "RUNNING" {
        let message = "The execute command failed because execute command was not enabled when the task was \
                       run or the execute command agent isn't running. Wait and try again or run a new task \
                       with execute command enabled and try again.";
        return Err(Failure::new("InvalidParameterException", message));
    }
    let shown = describe::task(world, task);
    let container = call.text("container");
    let found = shown["containers"].as_array().and_then(|all| {
        all.iter().find(|found| container.is_none() || found["name"].as_str() == container.as_deref())
    });
    let missing = || Failure::new("InvalidParameterException", "The container was not found in the task.");
    let found = found.ok_or_else(missing)?;
    let region = &world.scenario.region;
    Ok(json!({
        "clusterArn": shown["clusterArn"],
        "containerArn": found["containerArn"],
        "containerName": found["name"],
        "interactive": true,
        "session": {
            "sessionId": format!("ecs-execute-command-{id}"),
            // Nothing listens there: the fake has no data channel.
            "streamUrl": format!("wss://ssmmessages.{region}.amazonaws.com/v1/data-channel/{id}"),
            "tokenValue": format!("token-{id}"),
        },
        "taskArn": arn,
    }))
}
