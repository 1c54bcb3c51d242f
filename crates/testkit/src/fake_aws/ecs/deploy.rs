//! Services begin, change and end; what CloudFormation waits for.

use serde_json::Value as Json;

use super::schedule::launch;
use super::state::Deployment;
use super::state::Rollout;
use super::state::Service;
use super::state::ServiceEvent;
use super::state::int;
use super::state::short;
use crate::fake_aws::world::World;

/// How far a service deployment is, for CloudFormation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It goes on.
    Going,
    /// It serves.
    Done,
    /// It does not, for this reason.
    Failed(String),
}

/// A service as its template wants it.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) stack: &'a str,
    pub(crate) logical_id: &'a str,
    pub(crate) properties: &'a Json,
}

/// Creates a service and returns its ARN.
pub(crate) fn create_service(world: &mut World, wanted: &Wanted<'_>) -> String {
    let properties = wanted.properties;
    let name = match properties["ServiceName"].as_str() {
        Some(name) => name.to_owned(),
        None => format!("{}-{}-{}", wanted.stack, wanted.logical_id, world.hex(12)),
    };
    let cluster = short(properties["Cluster"].as_str().unwrap_or("default")).to_owned();
    let arn = world.arn("ecs", &format!("service/{cluster}/{name}"));
    let service = Service {
        arn: arn.clone(),
        name,
        cluster,
        stack: wanted.stack.to_owned(),
        logical_id: wanted.logical_id.to_owned(),
        task_definition: definition_arn(world, properties),
        desired: int(&properties["DesiredCount"]).unwrap_or(1),
        properties: properties.clone(),
        deployments: Vec::new(),
        events: Vec::new(),
        created_at: world.now,
        active: true,
        not_before: 0,
        said_no_capacity: false,
    };
    world.ecs.services.insert(arn.clone(), service);
    begin(world, &arn);
    arn
}

/// A service that was there before the scenario began: its tasks run.
pub(crate) fn insert_settled(world: &mut World, wanted: &Wanted<'_>) -> String {
    let arn = create_service(world, wanted);
    let desired = world.ecs.services.get(&arn).map_or(0, |service| service.desired);
    let now = world.now;
    for _ in 0..desired {
        let Some(task) = launch(world, &arn) else { continue };
        if let Some(task) = world.ecs.tasks.get_mut(&task) {
            task.status = "RUNNING";
            task.started_at = Some(now);
            task.ready = true;
            if task.health == "UNKNOWN" && super::task::has_check(&world.ecs.definitions, &task.definition) {
                task.health = "HEALTHY";
            }
            task.next_at = u64::MAX;
        }
    }
    finish(world, &arn);
    arn
}

/// Changes a service; a deployment begins where something of its tasks changes.
pub(crate) fn update_service(world: &mut World, arn: &str, wanted: &Wanted<'_>) {
    let definition = definition_arn(world, wanted.properties);
    let Some(service) = world.ecs.services.get_mut(arn) else { return };
    let same = service.task_definition == definition
        && without_counts(&service.properties) == without_counts(wanted.properties);
    service.properties = wanted.properties.clone();
    if let Some(count) = int(&wanted.properties["DesiredCount"]) {
        service.desired = count;
    }
    let failed = service.deployments.first().is_some_and(|primary| primary.state == "FAILED");
    if !same || failed {
        service.task_definition = definition;
        begin(world, arn);
    }
}

/// What the deployment of new tasks does not depend on.
fn without_counts(properties: &Json) -> Json {
    let mut copy = properties.clone();
    if let Json::Object(map) = &mut copy {
        for name in [
            "DesiredCount",
            "DeploymentConfiguration",
            "Tags",
            "HealthCheckGracePeriodSeconds",
            "TaskDefinition",
        ] {
            map.shift_remove(name);
        }
    }
    copy
}

fn definition_arn(world: &World, properties: &Json) -> String {
    let name = properties["TaskDefinition"].as_str().unwrap_or_default();
    world.ecs.find_definition(name).map_or_else(|| name.to_owned(), |found| found.arn.clone())
}

/// Deletes a service: its tasks stop.
pub(crate) fn delete_service(world: &mut World, arn: &str) {
    let now = world.now;
    if let Some(service) = world.ecs.services.get_mut(arn) {
        service.active = false;
        service.desired = 0;
        for deployment in &service.deployments {
            if let Some(rollout) = world.ecs.rollouts.get_mut(&deployment.rollout)
                && rollout.finished_at.is_none()
            {
                rollout.status = "STOPPED";
                rollout.stopped_at = Some(now);
                rollout.finished_at = Some(now);
            }
        }
    }
}

/// Starts a deployment of the service's task definition.
pub(crate) fn begin(world: &mut World, arn: &str) {
    let id = format!("ecs-svc/{:019}", world.number());
    let hex = world.hex(17);
    let now = world.now;
    let Some(service) = world.ecs.services.get(arn) else { return };
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    let rollout_arn = world.arn("ecs", &format!("service-deployment/{cluster}/{name}/{hex}"));
    let revision = world.arn("ecs", &format!("service-revision/{cluster}/{name}/{}", &id[8..]));
    let Some(service) = world.ecs.services.get_mut(arn) else { return };
    // Back to the last one that was good, not to one that is itself on its way.
    let good = service.deployments.iter().find(|old| old.state == "COMPLETED");
    let source = good.map(|old| (old.revision.clone(), old.task_definition.clone()));
    if let Some(old) = service.deployments.first()
        && let Some(rollout) = world.ecs.rollouts.get_mut(&old.rollout)
        && rollout.finished_at.is_none()
    {
        rollout.status = "STOPPED";
        rollout.reason = Some("Service deployment stopped because a new deployment was started.".to_owned());
        rollout.stopped_at = Some(now);
        rollout.finished_at = Some(now);
    }
    let rollout = Rollout {
        arn: rollout_arn.clone(),
        service: arn.to_owned(),
        source,
        target: revision.clone(),
        status: "IN_PROGRESS",
        reason: None,
        created_at: now,
        updated_at: now,
        finished_at: None,
        stopped_at: None,
        rollback: None,
        failures: 0,
        threshold: breaker(service).2,
    };
    let deployment = Deployment {
        id: id.clone(),
        task_definition: service.task_definition.clone(),
        state: "IN_PROGRESS",
        reason: format!("ECS deployment {id} in progress."),
        created_at: now,
        updated_at: now,
        failed: 0,
        rollout: rollout_arn.clone(),
        revision,
    };
    service.deployments.insert(0, deployment);
    service.not_before = now;
    service.said_no_capacity = false;
    world.ecs.rollouts.insert(rollout_arn, rollout);
}

/// Returns whether the circuit breaker is on, whether it rolls back, and after how many failures
/// (ECS developer guide, "deployment circuit breaker": half of the desired count, 3 to 200).
pub(crate) fn breaker(service: &Service) -> (bool, bool, u64) {
    let breaker = &service.properties["DeploymentConfiguration"]["DeploymentCircuitBreaker"];
    let on = super::state::truth(&breaker["Enable"]).unwrap_or(false);
    let back = super::state::truth(&breaker["Rollback"]).unwrap_or(false);
    let threshold = &breaker["ThresholdConfiguration"];
    let value = int(&threshold["Value"]);
    let percent = |value: u64| (service.desired * value).div_ceil(100);
    let count = match (threshold["Type"].as_str(), value) {
        (Some("COUNT"), Some(count)) => count,
        (Some("UNBOUNDED_PERCENT"), Some(value)) => percent(value).max(1),
        (_, value) => percent(value.unwrap_or(50)).clamp(3, 200),
    };
    (on, back, count)
}

/// The primary deployment failed or is stopped.
pub(crate) fn fail(world: &mut World, arn: &str, why: &str, status: &'static str, back: bool) {
    let now = world.now;
    let id = format!("ecs-svc/{:019}", world.number());
    let Some(service) = world.ecs.services.get_mut(arn) else { return };
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.state = "FAILED";
    primary.reason = why.to_owned();
    primary.updated_at = now;
    let failed_id = primary.id.clone();
    let Some(rollout) = world.ecs.rollouts.get_mut(&primary.rollout) else { return };
    rollout.updated_at = now;
    rollout.reason = Some(why.to_owned());
    rollout.rollback = back.then(|| (why.to_owned(), now));
    let source = rollout.source.clone();
    match (back, source) {
        (true, Some((revision, definition))) => {
            rollout.status = "ROLLBACK_IN_PROGRESS";
            let deployment = Deployment {
                id: id.clone(),
                task_definition: definition.clone(),
                state: "IN_PROGRESS",
                reason: format!("{why} Rolling back."),
                created_at: now,
                updated_at: now,
                failed: 0,
                rollout: rollout.arn.clone(),
                revision,
            };
            service.task_definition = definition.clone();
            service.deployments.insert(0, deployment);
            service.not_before = now;
            let text = format!("(deployment {failed_id}) deployment failed: {why} Rolling back to {id}.");
            say(world, arn, &text);
            // The tasks of the good revision that still run are the new deployment's.
            for task in world.ecs.tasks.values_mut() {
                if task.service.as_deref() == Some(arn) && task.definition == definition && task.alive() {
                    task.deployment.clone_from(&id);
                    task.started_by.clone_from(&id);
                }
            }
        }
        (back, _) => {
            rollout.status = if back { "ROLLBACK_FAILED" } else { status };
            rollout.stopped_at = Some(now);
            rollout.finished_at = Some(now);
            say(world, arn, &format!("(deployment {failed_id}) deployment failed: {why}"));
        }
    }
}

/// The primary deployment is through.
pub(crate) fn finish(world: &mut World, arn: &str) {
    let now = world.now;
    let Some(service) = world.ecs.services.get_mut(arn) else { return };
    service.deployments.truncate(1);
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.state = "COMPLETED";
    primary.reason = format!("ECS deployment {} completed.", primary.id);
    primary.updated_at = now;
    let id = primary.id.clone();
    if let Some(rollout) = world.ecs.rollouts.get_mut(&primary.rollout) {
        let back = rollout.rollback.is_some();
        rollout.status = if back { "ROLLBACK_SUCCESSFUL" } else { "SUCCESSFUL" };
        rollout.updated_at = now;
        rollout.finished_at = Some(now);
    }
    say(world, arn, &format!("(deployment {id}) deployment completed."));
    say(world, arn, "has reached a steady state.");
}

/// Adds an event.
pub(crate) fn say(world: &mut World, arn: &str, text: &str) {
    let (id, at) = (world.uuid(), world.now);
    if let Some(service) = world.ecs.services.get_mut(arn) {
        let message = format!("(service {}) {text}", service.name);
        service.events.push(ServiceEvent { id, at, message });
    }
}

/// Returns how far the newest rollout of a service is, for an operation that began at `since`; one
/// that goes back (`back`) is content with a rollout that went back.
pub(crate) fn progress(world: &World, arn: &str, since: u64, back: bool) -> Progress {
    let Some(service) = world.ecs.services.get(arn) else {
        return Progress::Failed("The service is gone.".to_owned());
    };
    let Some(primary) = service.deployments.first() else { return Progress::Going };
    let Some(rollout) = world.ecs.rollouts.get(&primary.rollout) else { return Progress::Going };
    // What ended before the operation began says nothing about it.
    let settled = primary.state == "COMPLETED" && rollout.finished_at.is_some_and(|at| at <= since);
    match rollout.status {
        _ if settled => Progress::Done,
        "SUCCESSFUL" => Progress::Done,
        "IN_PROGRESS" | "PENDING" => Progress::Going,
        "ROLLBACK_SUCCESSFUL" if back => Progress::Done,
        "ROLLBACK_IN_PROGRESS" | "ROLLBACK_REQUESTED" if back => Progress::Going,
        _ => Progress::Failed(rollout.reason.clone().unwrap_or_else(|| "The deployment failed.".to_owned())),
    }
}
