//! PROVISIONING, PENDING, ACTIVATING: everything until a task runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::container;
use super::container::ContainerParts;
use super::container::Network;
use super::engine;
use super::health;
use super::inner::Inner;
use super::log_follow;
use super::runner::Companions;
use super::runner::StartFailure;
use super::secrets;
use super::secrets::Unresolved;
use super::start_plan;
use super::start_plan::StartPlan;
use super::state::TaskRecord;
use super::task_definition::ContainerDefinition;
use super::task_definition::Properties;
use super::watch;

/// How long a task that is not part of a service waits for values of secrets.
const ALONE: Duration = Duration::from_secs(60);

/// Starts all containers of a task; returns when they run. Where a container of that name runs or
/// ran already (the background process was killed), it is taken over.
pub(super) async fn start(
    inner: &Arc<Inner>,
    id: &str,
    token: &CancellationToken,
    companions: &mut Companions,
) -> Result<(), StartFailure> {
    let (properties, family) = definition(inner, id)?;
    let Some(task) = inner.read_task(id, TaskRecord::clone) else { return Ok(()) };
    let plan = start_plan::plan(&properties.container_definitions).map_err(StartFailure::new)?;
    let network =
        engine::ensure_network(&inner.docker, &inner.instance, &task.cluster).await.map_err(|error| {
            StartFailure::new(format!("ResourceInitializationError: {}", engine::message(&error)))
        })?;
    status(inner, id, "PENDING");
    // Stopping is possible while something is waited for, never while the engine makes a
    // container: it would be there afterwards, and nobody would know.
    let values = tokio::select! {
        () = token.cancelled() => return Ok(()),
        values = resolve_secrets(inner, id, &properties) => values?,
    };
    tokio::select! {
        () = token.cancelled() => return Ok(()),
        pulled = pull_images(inner, id, &properties) => pulled?,
    }
    let volumes = make_volumes(inner, &task, &family, &properties).await?;
    let ports = published_ports(&properties);
    for place in &plan.order {
        let definition = &properties.container_definitions[*place];
        tokio::select! {
            () = token.cancelled() => return Ok(()),
            waited = wait_for_dependencies(inner, id, definition) => waited?,
        }
        if token.is_cancelled() || inner.read_task(id, |_| ()).is_none() {
            return Ok(());
        }
        let parts = ContainerParts {
            instance: &inner.instance,
            task: &task,
            definition,
            properties: &properties,
            network: network_of(&plan, *place, &task, &properties, &network, &ports),
            environment: &inner.environment,
            secrets: values.get(&definition.name).map_or(&[], Vec::as_slice),
            volumes: &volumes,
        };
        start_container(inner, id, &family, &parts, *place == plan.owner, companions).await?;
    }
    Ok(())
}

/// Attaches followers and waiters to containers that may still be there, and starts nothing.
pub(super) async fn attach(inner: &Arc<Inner>, id: &str, companions: &mut Companions) {
    let Ok((properties, family)) = definition(inner, id) else { return };
    for definition in &properties.container_definitions {
        let Some(name) = engine_name(inner, id, &definition.name) else { continue };
        match engine::see(&inner.docker, &name).await {
            Ok(Some(seen)) if seen.status == "created" => {}
            Ok(None) => {
                // It was made once and somebody removed it.
                inner.change_task(id, |task| {
                    let Some(one) = task.container_mut(&definition.name).filter(|one| one.started) else {
                        return;
                    };
                    if one.shown.last_status != "STOPPED" {
                        one.shown.last_status = "STOPPED".to_owned();
                        one.shown.exit_code = Some(137);
                        one.shown.reason = Some("the container was removed outside of Seaway".to_owned());
                    }
                });
            }
            _ => {
                inner.change_task(id, |task| {
                    if let Some(one) = task.container_mut(&definition.name) {
                        one.started = true;
                    }
                });
                accompany(inner, id, &family, definition, &name, companions);
            }
        }
    }
}

fn definition(inner: &Inner, id: &str) -> Result<(Properties, String), StartFailure> {
    let found = inner.read(|state| {
        let task = state.tasks.get(id)?;
        state.definitions.revisions.get(&task.definition).cloned()
    });
    let found = found
        .ok_or_else(|| StartFailure::new("TaskFailedToStart: the task definition is not there any more"))?;
    let properties = found.parse().map_err(|error| {
        StartFailure::new(format!("TaskFailedToStart: the task definition cannot be read: {error}"))
    })?;
    Ok((properties, found.family))
}

fn status(inner: &Inner, id: &str, status: &str) {
    inner.change_task(id, |task| task.last_status = status.to_owned());
}

fn engine_name(inner: &Inner, id: &str, container: &str) -> Option<String> {
    inner.read_task(id, |task| task.container(container).map(|one| one.engine_name.clone())).flatten()
}

/// Returns the values by container name. Values that went with an earlier background process are
/// waited for: a deployment that this process resumes must not fail for want of them.
async fn resolve_secrets(
    inner: &Inner,
    id: &str,
    properties: &Properties,
) -> Result<BTreeMap<String, Vec<(String, SecretString)>>, StartFailure> {
    let mut changes = inner.secrets.changes();
    let mut told = false;
    // A service has no more tasks than it should; those of a schedule would become more and more.
    let of_service = inner.read_task(id, |task| task.service.is_some()).unwrap_or(false);
    let patience = if of_service { Duration::MAX } else { ALONE };
    loop {
        changes.mark_unchanged();
        let mut values = BTreeMap::new();
        let mut awaited = Vec::new();
        for definition in &properties.container_definitions {
            let found = match secrets::resolve(inner.secrets.as_ref(), &definition.secrets) {
                Ok(found) => found,
                // It got them before the background process was killed.
                Err(_) if is_made(inner, id, &definition.name).await => Vec::new(),
                Err(Unresolved::Missing(reason)) => return Err(StartFailure::of(&definition.name, reason)),
                Err(Unresolved::Awaited(names)) => {
                    awaited.extend(names);
                    continue;
                }
            };
            values.insert(definition.name.clone(), found);
        }
        if awaited.is_empty() {
            return Ok(values);
        }
        if !told {
            told = true;
            let text = format!(
                "(task {id}) waits for the values of {}, which are kept in memory only and went with the \
                 background process before; `seaway up` brings them again.",
                awaited.join(", ")
            );
            inner.task_event(id, &text);
        }
        let told = tokio::time::timeout(patience, changes.changed()).await;
        if !matches!(told, Ok(Ok(()))) {
            return Err(StartFailure::new(format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: the values of {} went with \
                 the background process before; `seaway up` brings them again",
                awaited.join(", ")
            )));
        }
    }
}

/// Returns true when the container is there already, and more than created.
async fn is_made(inner: &Inner, id: &str, container: &str) -> bool {
    let Some(name) = engine_name(inner, id, container) else { return false };
    matches!(engine::see(&inner.docker, &name).await, Ok(Some(seen)) if seen.status != "created")
}

async fn pull_images(inner: &Inner, id: &str, properties: &Properties) -> Result<(), StartFailure> {
    let all = properties.container_definitions.iter().map(|definition| async move {
        let digest = engine::ensure_image(&inner.docker, &definition.image).await.map_err(|text| {
            StartFailure::of(
                &definition.name,
                format!("CannotPullContainerError: {}: {text}", definition.image),
            )
        })?;
        Ok((definition.name.clone(), digest))
    });
    for found in futures::future::join_all(all).await {
        let (name, digest) = found?;
        inner.change_task(id, |task| {
            if let Some(container) = task.container_mut(&name) {
                container.shown.image_digest = digest;
            }
        });
    }
    Ok(())
}

/// Returns volume name → name or folder at the engine. Volumes outlive tasks: data stays.
async fn make_volumes(
    inner: &Inner,
    task: &TaskRecord,
    family: &str,
    properties: &Properties,
) -> Result<BTreeMap<String, String>, StartFailure> {
    let mut volumes = BTreeMap::new();
    for volume in &properties.volumes {
        if let Some(path) = volume.host.as_ref().and_then(|host| host.source_path.clone()) {
            volumes.insert(volume.name.clone(), path);
            continue;
        }
        let owner = if task.stack.is_empty() { family } else { &task.stack };
        let name = format!("seaway-{}-{}-{owner}-{}", inner.instance, task.cluster, volume.name);
        let mut labels = container::labels(&inner.instance, task, "");
        labels.retain(|key, _| key != "seaway.task" && key != "seaway.container");
        engine::ensure_volume(&inner.docker, &name, labels).await.map_err(|error| {
            StartFailure::new(format!("ResourceInitializationError: {}", engine::message(&error)))
        })?;
        volumes.insert(volume.name.clone(), name);
    }
    Ok(volumes)
}

/// Returns the ports of all containers, as the engine writes them.
fn published_ports(properties: &Properties) -> Vec<String> {
    let mut ports: Vec<String> = properties
        .container_definitions
        .iter()
        .flat_map(|definition| &definition.port_mappings)
        .filter_map(|mapping| {
            Some(format!("{}/{}", mapping.container_port?, mapping.protocol.as_deref().unwrap_or("tcp")))
        })
        .collect();
    ports.sort();
    ports.dedup();
    ports
}

fn network_of(
    plan: &StartPlan,
    place: usize,
    task: &TaskRecord,
    properties: &Properties,
    network: &str,
    ports: &[String],
) -> Network {
    if place == plan.owner {
        Network::Owner { network: network.to_owned(), ports: ports.to_vec() }
    } else if plan.alone.contains(&place) {
        Network::Alone { network: network.to_owned() }
    } else {
        let owner = &properties.container_definitions[plan.owner].name;
        let name = task.container(owner).map(|one| one.engine_name.clone()).unwrap_or_default();
        Network::Joined { owner: name }
    }
}

async fn start_container(
    inner: &Arc<Inner>,
    id: &str,
    family: &str,
    parts: &ContainerParts<'_>,
    owner: bool,
    companions: &mut Companions,
) -> Result<(), StartFailure> {
    let container = &parts.definition.name;
    let Some(name) = engine_name(inner, id, container) else { return Ok(()) };
    let refused = |verb: &str, error: &bollard::errors::Error| {
        StartFailure::of(container, format!("{verb}: {}", without(parts.secrets, engine::message(error))))
    };
    let seen = engine::ensure_created(&inner.docker, &name, container::body(parts))
        .await
        .map_err(|error| refused("CannotCreateContainerError", &error))?;
    if seen.status == "created" {
        inner
            .docker
            .start_container(&name, None)
            .await
            .map_err(|error| refused("CannotStartContainerError", &error))?;
    }
    let ports = if owner {
        let seen = engine::see(&inner.docker, &name).await;
        seen.ok().flatten().map(|seen| seen.ports).unwrap_or_default()
    } else {
        BTreeMap::new()
    };
    inner.change_task(id, |task| {
        // All ports are published on the owner; each container shows its own.
        for one in &mut task.containers {
            if owner {
                for (inside, outside) in &mut one.shown.ports {
                    if let Some(port) = ports.get(inside) {
                        *outside = format!("127.0.0.1:{port}");
                    }
                }
            }
        }
        if let Some(one) = task.container_mut(container) {
            one.started = true;
            one.shown.last_status = "RUNNING".to_owned();
        }
    });
    accompany(inner, id, family, parts.definition, &name, companions);
    Ok(())
}

/// Returns a message of the engine without the values of secrets, which are part of the
/// environment that it may quote.
fn without(secrets: &[(String, SecretString)], message: String) -> String {
    let values = secrets.iter().map(|(_, value)| value.expose_secret()).filter(|value| !value.is_empty());
    values.fold(message, |message, value| message.replace(value, "****"))
}

/// Follows the logs, waits for the end, checks health.
fn accompany(
    inner: &Arc<Inner>,
    id: &str,
    family: &str,
    definition: &ContainerDefinition,
    name: &str,
    companions: &mut Companions,
) {
    let (group, prefix) = definition.log_destination(family);
    let stream = format!("{prefix}/{}/{id}", definition.name);
    companions.logs.push(inner.spawn(log_follow::follow(Arc::clone(inner), name.to_owned(), group, stream)));
    let container = definition.name.clone();
    companions.waiters.push(inner.spawn(watch::wait(
        Arc::clone(inner),
        id.to_owned(),
        container.clone(),
        name.to_owned(),
    )));
    if let Some(check) = definition.health_check.clone().filter(|check| health::command(check).is_some()) {
        companions.checks.push(inner.spawn(health::watch(
            Arc::clone(inner),
            id.to_owned(),
            container,
            check,
        )));
    }
}

/// Waits for `DependsOn`; a condition that cannot come true any more fails the task.
async fn wait_for_dependencies(
    inner: &Inner,
    id: &str,
    definition: &ContainerDefinition,
) -> Result<(), StartFailure> {
    let mut changes = inner.changes();
    for dependency in &definition.depends_on {
        let other = &dependency.container_name;
        loop {
            changes.mark_unchanged();
            let Some(Some(one)) = inner.read_task(id, |task| task.container(other).cloned()) else {
                return Ok(());
            };
            let ended = one.shown.last_status == "STOPPED";
            let code = one.shown.exit_code.unwrap_or(0);
            let met = match dependency.condition.as_str() {
                "HEALTHY" => one.shown.health == seaway_cloud::Health::Healthy,
                "COMPLETE" => ended,
                "SUCCESS" => ended && code == 0,
                _ => one.started,
            };
            if met {
                break;
            }
            let never = match dependency.condition.as_str() {
                "HEALTHY" if one.shown.health == seaway_cloud::Health::Unhealthy => {
                    Some("is unhealthy".to_owned())
                }
                "HEALTHY" | "SUCCESS" if ended => Some(format!("exited with code {code}")),
                _ => None,
            };
            if let Some(what) = never {
                return Err(StartFailure::of(
                    &definition.name,
                    format!(
                        "TaskFailedToStart: container {} needs {other} ({}), which {what}",
                        definition.name, dependency.condition
                    ),
                ));
            }
            if changes.changed().await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
