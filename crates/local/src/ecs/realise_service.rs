//! Services: creating, updating and deleting them, each until it is stable.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use seaway_cloud::RolloutState;
use serde_json::Value;

use super::deployment;
use super::ids;
use super::inner::Inner;
use super::inner::Part;
use super::realise::live;
use super::service;
use super::service_properties::ServiceProperties;
use super::state::ServiceRecord;
use super::state::State;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::ResourceContext;

fn service_name(context: &ResourceContext, properties: &ServiceProperties) -> String {
    properties
        .service_name
        .clone()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| ids::derived_name(&context.stack, &context.logical_id, &context.token, 255))
}

/// Returns the ARN that a service has or will have; none where the properties cannot be read.
pub(super) fn arn(context: &ResourceContext, properties: &Value) -> Option<String> {
    let properties = ServiceProperties::read(properties).ok()?;
    let (cluster, name) = (properties.cluster_name(), service_name(context, &properties));
    Some(ids::ecs_arn(&format!("service/{cluster}/{name}")))
}

fn handler(message: &str) -> Failure {
    Failure(format!("Resource handler returned message: \"{message}\""))
}

/// Creates or updates a service and waits for its deployment. Called again with the same
/// properties it only waits.
pub(super) async fn put(
    inner: &Arc<Inner>,
    context: &ResourceContext,
    new: &Value,
) -> Result<Physical, Failure> {
    let properties = ServiceProperties::read(new).map_err(|text| handler(&text))?;
    let cluster = properties.cluster_name();
    let name = service_name(context, &properties);
    let key = format!("{cluster}/{name}");
    let deployment = inner
        .change_parts(&[Part::Services, Part::Tasks], |state| {
            write(state, context, &properties, &cluster, &name)
        })
        .map_err(|text| handler(&text))?;
    service::begin(inner, &key);
    wait_until_stable(inner, context, &key, &deployment).await?;
    let arn = ids::ecs_arn(&format!("service/{cluster}/{name}"));
    Ok(live(arn.clone(), &[("Name", name), ("ServiceArn", arn)]))
}

/// Writes down what the service is to be; returns the deployment to wait for.
fn write(
    state: &mut State,
    context: &ResourceContext,
    properties: &ServiceProperties,
    cluster: &str,
    name: &str,
) -> Result<String, String> {
    let now = Timestamp::now();
    let State { clusters, definitions, services, tasks, .. } = state;
    if !clusters.contains_key(cluster) {
        return Err(format!("Cluster not found: {cluster}"));
    }
    let given = properties.definition();
    let definition = if given.contains(':') {
        given.to_owned()
    } else {
        let last = definitions.families.get(given).copied().unwrap_or(0);
        format!("{given}:{last}")
    };
    let Some(found) = definitions.revisions.get(&definition) else {
        return Err(format!("Unable to find task definition: {given}"));
    };
    let revision = properties.revision(definition.clone());
    let parsed = found.parse().unwrap_or_default();
    for target in &revision.load_balancers {
        let port =
            parsed.container_definitions.iter().find(|one| one.name == target.container).map(|one| {
                one.port_mappings.iter().any(|mapping| mapping.container_port == Some(target.port))
            });
        match port {
            Some(true) => {}
            Some(false) => {
                return Err(format!(
                    "The container {} did not have a container port {} defined.",
                    target.container, target.port
                ));
            }
            None => {
                return Err(format!(
                    "The container {} does not exist in the task definition.",
                    target.container
                ));
            }
        }
    }
    let service = services.entry(format!("{cluster}/{name}")).or_insert_with(|| ServiceRecord {
        cluster: cluster.to_owned(),
        name: name.to_owned(),
        stack: context.stack.clone(),
        tags: context.tags.clone(),
        desired: properties.desired_count.unwrap_or(1),
        configuration: properties.configuration(),
        deployments: Vec::new(),
        events: VecDeque::new(),
        next_event: 1,
        steady: false,
        deleting: false,
        crashes: 0,
        retry_at: None,
        failed: VecDeque::new(),
    });
    service.deleting = false;
    service.tags = context.tags.clone();
    service.configuration = properties.configuration();
    // CloudFormation sends the count with every update of the service, and leaves it out where the
    // template has none (user guide, AWS::ECS::Service, DesiredCount): `scale` lasts until then.
    if let Some(count) = properties.desired_count
        && service.desired != count
    {
        service.desired = count;
        service.steady = false;
    }
    match service.deployments.first() {
        Some(primary) if primary.revision == revision && primary.state != RolloutState::Failed => {
            Ok(primary.id.clone())
        }
        _ => Ok(deployment::begin(service, tasks, revision, true, now)),
    }
}

/// Where the waiting for a deployment stands.
enum Progress {
    Waiting,
    Stable,
    Failed(String),
}

fn progress(service: &ServiceRecord, running: usize, deployment: &str) -> Progress {
    if let Some((_, reason)) = service.failed.iter().find(|(id, _)| id == deployment) {
        return Progress::Failed(reason.clone());
    }
    let Some(primary) = service.deployments.first() else { return Progress::Waiting };
    match primary.state {
        RolloutState::Failed => Progress::Failed(primary.reason.clone().unwrap_or_default()),
        // A change of the count alone makes no deployment, but is waited for, too.
        RolloutState::Completed if running >= service.desired as usize => Progress::Stable,
        RolloutState::Completed | RolloutState::InProgress => Progress::Waiting,
    }
}

async fn wait_until_stable(
    inner: &Inner,
    context: &ResourceContext,
    key: &str,
    deployment: &str,
) -> Result<(), Failure> {
    let mut changes = inner.changes();
    loop {
        changes.mark_unchanged();
        let progress = inner.read(|state| {
            let service = state.services.get(key)?;
            let running = state
                .tasks
                .values()
                .filter(|task| {
                    task.cluster == service.cluster && task.service.as_ref() == Some(&service.name)
                })
                .filter(|task| task.last_status == "RUNNING")
                .count();
            Some(progress(service, running, deployment))
        });
        match progress {
            Some(Progress::Stable) => return Ok(()),
            Some(Progress::Failed(reason)) if reason == deployment::BREAKER => {
                return Err(handler(&format!("Error occurred during operation '{reason}'.")));
            }
            Some(Progress::Failed(reason)) => return Err(handler(&reason)),
            Some(Progress::Waiting) => {}
            None => return Err(handler("Service was deleted while it was being deployed")),
        }
        tokio::select! {
            () = context.cancelled.cancelled() => {
                return Err(Failure("Resource update cancelled".to_owned()));
            }
            changed = changes.changed() => if changed.is_err() {
                return Err(handler("the background process is stopping"));
            },
        }
    }
}

/// Drains and stops all tasks, and forgets the service.
pub(super) async fn delete(
    inner: &Arc<Inner>,
    context: &ResourceContext,
    id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    let key = if id.is_empty() {
        let properties = ServiceProperties::read(properties).unwrap_or_default();
        format!("{}/{}", properties.cluster_name(), service_name(context, &properties))
    } else {
        let mut parts = id.rsplit('/');
        let name = parts.next().unwrap_or_default();
        let cluster = parts.next().unwrap_or_default();
        format!("{cluster}/{name}")
    };
    let known = inner.change_service(&key, |service| {
        service.deleting = true;
        service.desired = 0;
        service.steady = false;
    });
    if known.is_none() {
        return Ok(());
    }
    service::begin(inner, &key);
    let mut changes = inner.changes();
    loop {
        changes.mark_unchanged();
        let left = inner.read(|state| {
            let Some(service) = state.services.get(&key) else { return false };
            state.tasks.values().any(|task| {
                task.cluster == service.cluster
                    && task.service.as_ref() == Some(&service.name)
                    && task.alive()
            })
        });
        if !left {
            break;
        }
        if changes.changed().await.is_err() {
            return Err(handler("the background process is stopping"));
        }
    }
    inner.change(Part::Services, |state| {
        state.services.remove(&key);
    });
    Ok(())
}
