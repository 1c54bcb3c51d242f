//! Services, deployments and tasks as the API shows them.

use serde_json::Value as Json;
use serde_json::json;

use super::definition::camel;
use super::deploy::breaker;
use super::state::Rollout;
use super::state::Service;
use super::state::Task;
use super::state::int;
use super::state::truth;
use crate::fake_aws::time::seconds;
use crate::fake_aws::world::World;

/// Removes the entries without a value: the API leaves them out.
pub(super) fn compact(value: Json) -> Json {
    match value {
        Json::Object(map) => Json::Object(
            map.into_iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k, compact(v))).collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(compact).collect()),
        other => other,
    }
}

fn count(world: &World, deployment: &str, service: &str, running: bool) -> u64 {
    world
        .ecs
        .tasks
        .values()
        .filter(|task| task.service.as_deref() == Some(service) && task.stopped_at.is_none())
        .filter(|task| deployment.is_empty() || task.deployment == deployment)
        .filter(|task| (task.status == "RUNNING") == running)
        // A task that stops is neither running nor pending.
        .filter(|task| running || task.desired_status == "RUNNING")
        .count() as u64
}

/// Returns a service.
pub(super) fn service(world: &World, service: &Service) -> Json {
    let properties = &service.properties;
    let arn = service.arn.as_str();
    let draining = super::gone(world, arn);
    let status = match (service.active, draining) {
        (true, _) => "ACTIVE",
        (false, true) => "INACTIVE",
        (false, false) => "DRAINING",
    };
    let deployments: Vec<Json> = service
        .deployments
        .iter()
        .enumerate()
        .map(|(index, deployment)| {
            json!({
                "id": deployment.id,
                "status": if index == 0 { "PRIMARY" } else { "ACTIVE" },
                "taskDefinition": deployment.task_definition,
                "desiredCount": if index == 0 { service.desired } else { 0 },
                "pendingCount": count(world, &deployment.id, arn, false),
                "runningCount": count(world, &deployment.id, arn, true),
                "failedTasks": deployment.failed,
                "createdAt": seconds(deployment.created_at),
                "updatedAt": seconds(deployment.updated_at),
                "launchType": properties["LaunchType"].as_str().unwrap_or("FARGATE"),
                "platformVersion": "1.4.0",
                "platformFamily": "Linux",
                "networkConfiguration": network(properties),
                "rolloutState": deployment.state,
                "rolloutStateReason": deployment.reason,
            })
        })
        .collect();
    // The newest hundred, newest first.
    let events: Vec<Json> = service
        .events
        .iter()
        .rev()
        .take(100)
        .map(|event| json!({"id": event.id, "createdAt": seconds(event.at), "message": event.message}))
        .collect();
    let primary = service.deployments.first();
    let rollout = primary.and_then(|primary| world.ecs.rollouts.get(&primary.rollout));
    let going = rollout.filter(|rollout| rollout.finished_at.is_none());
    compact(json!({
        "serviceArn": arn,
        "serviceName": service.name,
        "clusterArn": world.arn("ecs", &format!("cluster/{}", service.cluster)),
        "loadBalancers": load_balancers(properties),
        "serviceRegistries": [],
        "status": status,
        "desiredCount": service.desired,
        "runningCount": count(world, "", arn, true),
        "pendingCount": count(world, "", arn, false),
        "launchType": properties["LaunchType"].as_str().unwrap_or("FARGATE"),
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "taskDefinition": service.task_definition,
        "deploymentConfiguration": configuration(service),
        "deployments": deployments,
        "events": events,
        "createdAt": seconds(service.created_at),
        "createdBy": world.arn("iam", "role/deploy"),
        "currentServiceDeployment": going.map(|rollout| rollout.arn.clone()),
        "currentServiceRevisions": primary.map(|primary| json!([{
            "arn": primary.revision,
            "requestedTaskCount": service.desired,
            "runningTaskCount": count(world, &primary.id, arn, true),
            "pendingTaskCount": count(world, &primary.id, arn, false),
        }])),
        "placementConstraints": [],
        "placementStrategy": [],
        "networkConfiguration": network(properties),
        "healthCheckGracePeriodSeconds": int(&properties["HealthCheckGracePeriodSeconds"]),
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": truth(&properties["EnableECSManagedTags"]).unwrap_or(false),
        "propagateTags": properties["PropagateTags"].as_str().unwrap_or("NONE"),
        "enableExecuteCommand": truth(&properties["EnableExecuteCommand"]).unwrap_or(false),
        "availabilityZoneRebalancing": properties["AvailabilityZoneRebalancing"].as_str().unwrap_or("DISABLED"),
    }))
}

fn load_balancers(properties: &Json) -> Json {
    let items = properties["LoadBalancers"].as_array().cloned().unwrap_or_default();
    let shown = items.iter().map(|item| {
        json!({
            "targetGroupArn": item["TargetGroupArn"],
            "containerName": item["ContainerName"],
            "containerPort": int(&item["ContainerPort"]),
        })
    });
    Json::Array(shown.collect())
}

fn network(properties: &Json) -> Json {
    let network = &properties["NetworkConfiguration"];
    if network["AwsvpcConfiguration"]["Subnets"].is_array() { camel(network) } else { Json::Null }
}

fn configuration(service: &Service) -> Json {
    let properties = &service.properties["DeploymentConfiguration"];
    let (enable, rollback, _) = breaker(service);
    let alarms = &properties["Alarms"];
    json!({
        "deploymentCircuitBreaker": {"enable": enable, "rollback": rollback},
        "maximumPercent": int(&properties["MaximumPercent"]).unwrap_or(200),
        "minimumHealthyPercent": int(&properties["MinimumHealthyPercent"]).unwrap_or(100),
        "strategy": properties["Strategy"].as_str().unwrap_or("ROLLING"),
        "bakeTimeInMinutes": int(&properties["BakeTimeInMinutes"]).unwrap_or(0),
        "alarms": alarms.is_object().then(|| json!({
            "alarmNames": alarms["AlarmNames"],
            "enable": truth(&alarms["Enable"]).unwrap_or(false),
            "rollback": truth(&alarms["Rollback"]).unwrap_or(false),
        })),
    })
}

/// Returns a service deployment as `ListServiceDeployments` has it.
pub(super) fn brief(world: &World, rollout: &Rollout) -> Json {
    let cluster = world.ecs.services.get(&rollout.service).map_or("default", |service| &service.cluster);
    compact(json!({
        "serviceDeploymentArn": rollout.arn,
        "serviceArn": rollout.service,
        "clusterArn": world.arn("ecs", &format!("cluster/{cluster}")),
        "createdAt": seconds(rollout.created_at),
        "startedAt": seconds(rollout.created_at),
        "finishedAt": rollout.finished_at.map(seconds),
        "targetServiceRevisionArn": rollout.target,
        "status": rollout.status,
        "statusReason": rollout.reason,
    }))
}

/// Returns a service deployment as `DescribeServiceDeployments` has it.
pub(super) fn full(world: &World, rollout: &Rollout) -> Json {
    let mut shown = brief(world, rollout);
    let Some(service) = world.ecs.services.get(&rollout.service) else { return shown };
    let Json::Object(map) = &mut shown else { return shown };
    map.shift_remove("targetServiceRevisionArn");
    let counts = |revision: &str| {
        let deployment = service.deployments.iter().find(|found| found.revision == revision);
        let id = deployment.map_or("none", |found| found.id.as_str());
        json!({
            "arn": revision,
            "requestedTaskCount": if deployment.is_some() { service.desired } else { 0 },
            "runningTaskCount": count(world, id, &service.arn, true),
            "pendingTaskCount": count(world, id, &service.arn, false),
        })
    };
    let (on, _, _) = breaker(service);
    let triggered = rollout.failures >= rollout.threshold && rollout.rollback.is_some();
    let breaker_status = match (on, triggered, rollout.finished_at) {
        (false, ..) => "DISABLED",
        (_, true, _) => "TRIGGERED",
        (_, _, Some(_)) => "MONITORING_COMPLETE",
        _ => "MONITORING",
    };
    let stage = match rollout.status {
        "IN_PROGRESS" | "ROLLBACK_IN_PROGRESS" => Some("SCALE_UP"),
        _ => None,
    };
    let more = json!({
        "updatedAt": seconds(rollout.updated_at),
        "stoppedAt": rollout.stopped_at.map(seconds),
        "sourceServiceRevisions": rollout.source.iter().map(|(arn, _)| counts(arn)).collect::<Vec<_>>(),
        "targetServiceRevision": counts(&rollout.target),
        "lifecycleStage": stage,
        "deploymentConfiguration": configuration(service),
        "rollback": rollout.rollback.as_ref().map(|(reason, at)| json!({
            "reason": reason,
            "startedAt": seconds(*at),
            "serviceRevisionArn": rollout.source.as_ref().map(|(arn, _)| arn),
        })),
        "deploymentCircuitBreaker": {
            "status": breaker_status,
            "failureCount": rollout.failures,
            "threshold": rollout.threshold,
        },
    });
    if let Json::Object(more) = more {
        map.extend(more);
    }
    compact(shown)
}

/// Returns a task.
pub(super) fn task(world: &World, task: &Task) -> Json {
    let definition = world.ecs.definitions.get(&task.definition);
    let containers = definition.and_then(|found| found.properties["ContainerDefinitions"].as_array());
    let first = containers.and_then(|all| {
        // The one that decides is the first essential one.
        all.iter().position(|container| truth(&container["Essential"]).unwrap_or(true))
    });
    let status = match task.status {
        "DEACTIVATING" => "RUNNING",
        "PROVISIONING" => "PENDING",
        other => other,
    };
    let shown: Vec<Json> = containers
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, container)| {
            let decides = first == Some(index);
            let image = container["Image"].as_str().unwrap_or_default();
            let exit = if decides { task.exit_code } else { task.exit_code.map(|_| 0) };
            json!({
                "containerArn": world.arn("ecs", &format!("container/{}/{}/{index}", task.cluster, task.id)),
                "taskArn": task.arn,
                "name": container["Name"],
                "image": image,
                "imageDigest": task.started_at.map(|_| crate::fake_aws::around::digest_of(image)),
                "runtimeId": task.started_at.map(|_| format!("{}-{index}", task.id)),
                "lastStatus": status,
                "exitCode": exit,
                "reason": if decides { task.container_reason.clone() } else { None },
                "networkBindings": [],
                "networkInterfaces": [{
                    "attachmentId": task.id,
                    "privateIpv4Address": task.address,
                }],
                "healthStatus": if container["HealthCheck"].is_object() { task.health } else { "UNKNOWN" },
                "managedAgents": task.exec.then(|| json!([{
                    "name": "ExecuteCommandAgent",
                    "lastStatus": if status == "RUNNING" { "RUNNING" } else { "PENDING" },
                }])),
                "cpu": "0",
            })
        })
        .collect();
    let text = |name: &str| {
        let value = &definition?.properties[name];
        value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
    };
    let overrides = if task.overrides.is_object() {
        task.overrides.clone()
    } else {
        json!({"containerOverrides": [], "inferenceAcceleratorOverrides": []})
    };
    compact(json!({
        "taskArn": task.arn,
        "clusterArn": world.arn("ecs", &format!("cluster/{}", task.cluster)),
        "taskDefinitionArn": task.definition,
        "group": task.group,
        "startedBy": task.started_by,
        "lastStatus": task.status,
        "desiredStatus": task.desired_status,
        "healthStatus": task.health,
        "attachments": [{
            "id": task.id,
            "type": "ElasticNetworkInterface",
            "status": if task.stopped_at.is_some() { "DELETED" } else { "ATTACHED" },
            "details": [
                {"name": "subnetId", "value": task.subnet},
                {"name": "networkInterfaceId", "value": format!("eni-{}", &task.id[..17])},
                {"name": "privateIPv4Address", "value": task.address},
            ],
        }],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": format!("{}a", world.scenario.region),
        "connectivity": task.started_at.map(|_| "CONNECTED"),
        "connectivityAt": task.started_at.map(seconds),
        "containers": shown,
        "cpu": text("Cpu"),
        "memory": text("Memory"),
        "createdAt": seconds(task.created_at),
        "pullStartedAt": task.started_at.map(|_| seconds(task.created_at)),
        "pullStoppedAt": task.started_at.map(seconds),
        "startedAt": task.started_at.map(seconds),
        "stoppingAt": task.stopping_at.map(seconds),
        "executionStoppedAt": task.stopped_at.map(seconds),
        "stoppedAt": task.stopped_at.map(seconds),
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
        "enableExecuteCommand": task.exec,
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "overrides": overrides,
        "inferenceAccelerators": [],
        "tags": [],
        "version": 1,
    }))
}
