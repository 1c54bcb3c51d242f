//! The operations on services and task definitions.

use serde_json::Value as Json;
use serde_json::json;

use super::definition;
use super::deploy::begin;
use super::deploy::fail;
use super::describe;
use super::state::short;
use super::task_operations;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::world::World;

/// Answers an operation of ECS; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let known = match call.operation.as_str() {
        "DescribeServices" => describe_services(world, call),
        "UpdateService" => update_service(world, call),
        "ListServiceDeployments" => list_service_deployments(world, call),
        "DescribeServiceDeployments" => Ok(describe_service_deployments(world, call)),
        "StopServiceDeployment" => stop_service_deployment(world, call),
        "DescribeTaskDefinition" => describe_task_definition(world, call),
        "ListTasks" => task_operations::list_tasks(world, call),
        "DescribeTasks" => task_operations::describe_tasks(world, call),
        "RunTask" => task_operations::run_task(world, call),
        "StopTask" => task_operations::stop_task(world, call),
        "ExecuteCommand" => task_operations::execute_command(world, call),
        _ => return None,
    };
    Some(known.map(Answer::Fields))
}

/// Fails where the cluster is not there.
pub(super) fn check_cluster(world: &World, call: &Call) -> Result<String, Failure> {
    let cluster = call.text("cluster").unwrap_or_else(|| "default".to_owned());
    let name = short(&cluster);
    if name == "default" || world.ecs.clusters.contains(name) {
        return Ok(name.to_owned());
    }
    Err(Failure::new("ClusterNotFoundException", "Cluster not found."))
}

fn describe_services(world: &World, call: &Call) -> Result<Json, Failure> {
    let cluster = check_cluster(world, call)?;
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    let names = call.texts("services");
    if names.len() > 10 {
        let message = "Services cannot have more than 10 elements.";
        return Err(Failure::new("InvalidParameterException", message));
    }
    for name in names {
        match world.ecs.find_service(Some(&cluster), &name) {
            Some(found) => services.push(describe::service(world, found)),
            None => {
                let arn = world.arn("ecs", &format!("service/{cluster}/{}", short(&name)));
                failures.push(json!({"arn": arn, "reason": "MISSING"}));
            }
        }
    }
    Ok(json!({"services": services, "failures": failures}))
}

fn find(world: &World, call: &Call) -> Result<String, Failure> {
    let cluster = check_cluster(world, call)?;
    let name = call.text("service").unwrap_or_default();
    let service = world
        .ecs
        .find_service(Some(&cluster), &name)
        .ok_or_else(|| Failure::new("ServiceNotFoundException", "Service not found."))?;
    Ok(service.arn.clone())
}

fn update_service(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let arn = find(world, call)?;
    let definition = match call.text("taskDefinition") {
        Some(name) => {
            let missing = || Failure::new("ClientException", "TaskDefinition not found.");
            Some(world.ecs.find_definition(&name).ok_or_else(missing)?.arn.clone())
        }
        None => None,
    };
    let inactive = || Failure::new("ServiceNotActiveException", "Service was not ACTIVE.");
    let service = world.ecs.services.get_mut(&arn).filter(|found| found.active).ok_or_else(inactive)?;
    if let Some(count) = call.parameters["desiredCount"].as_u64() {
        service.desired = count;
    }
    let mut deploy = call.flag("forceNewDeployment");
    if let Some(definition) = definition
        && definition != service.task_definition
    {
        service.task_definition = definition;
        deploy = true;
    }
    if deploy {
        begin(world, &arn);
    }
    let service = world.ecs.services.get(&arn).ok_or_else(inactive)?;
    Ok(json!({"service": describe::service(world, service)}))
}

fn list_service_deployments(world: &World, call: &Call) -> Result<Json, Failure> {
    let arn = find(world, call)?;
    let wanted = call.texts("status");
    let all: Vec<Json> = world
        .ecs
        .rollouts
        .values()
        .rev()
        .filter(|rollout| rollout.service == arn)
        .filter(|rollout| wanted.is_empty() || wanted.iter().any(|status| status == rollout.status))
        .map(|rollout| describe::brief(world, rollout))
        .collect();
    let (page, next) = world.page(&all, call.text("nextToken").as_deref());
    Ok(describe::compact(json!({"serviceDeployments": page, "nextToken": next})))
}

fn describe_service_deployments(world: &World, call: &Call) -> Json {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in call.texts("serviceDeploymentArns") {
        match world.ecs.rollouts.get(&arn) {
            Some(rollout) => found.push(describe::full(world, rollout)),
            None => failures.push(json!({"arn": arn, "reason": "MISSING"})),
        }
    }
    json!({"serviceDeployments": found, "failures": failures})
}

fn stop_service_deployment(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let arn = call.text("serviceDeploymentArn").unwrap_or_default();
    let missing = || Failure::new("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let rollout = world.ecs.rollouts.get(&arn).ok_or_else(missing)?;
    if !["PENDING", "IN_PROGRESS"].contains(&rollout.status) {
        let message = format!(
            "The service deployment cannot be stopped because it is in the {} state.",
            rollout.status
        );
        return Err(Failure::new("ConflictException", message));
    }
    let service = rollout.service.clone();
    let back = call.text("stopType").as_deref() != Some("ABORT");
    fail(world, &service, "Service deployment was stopped by the user.", "STOPPED", back);
    Ok(json!({"serviceDeploymentArn": arn}))
}

fn describe_task_definition(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("taskDefinition").unwrap_or_default();
    let found = world.ecs.find_definition(&name);
    let found =
        found.ok_or_else(|| Failure::new("ClientException", "Unable to describe task definition."))?;
    let tags = found.properties["Tags"].as_array().cloned().unwrap_or_default();
    let tags: Vec<Json> = tags.iter().map(definition::camel).collect();
    Ok(json!({"taskDefinition": definition::show(found), "tags": tags}))
}
