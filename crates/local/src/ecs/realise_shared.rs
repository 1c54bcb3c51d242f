//! Clusters (a network of the container engine each) and task definitions.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::engine;
use super::ids;
use super::inner::Inner;
use super::inner::Part;
use super::realise::live;
use super::realise::text;
use super::start_plan;
use super::state::ClusterRecord;
use super::state::State;
use super::task_definition;
use super::task_definition::Properties;
use super::task_definition::TaskDefinition;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::ResourceContext;

fn cluster_name(context: &ResourceContext, properties: &Value) -> String {
    text(properties, "ClusterName").map_or_else(
        || ids::derived_name(&context.stack, &context.logical_id, &context.token, 255),
        ToOwned::to_owned,
    )
}

pub(super) async fn put_cluster(
    inner: &Arc<Inner>,
    context: &ResourceContext,
    properties: &Value,
) -> Result<Physical, Failure> {
    let name = cluster_name(context, properties);
    engine::ensure_network(&inner.docker, &inner.instance, &name).await.map_err(|error| {
        Failure(format!(
            "Resource handler returned message: \"the network of cluster {name}: {}\"",
            engine::message(&error)
        ))
    })?;
    inner.change(Part::Clusters, |state| {
        state.clusters.insert(name.clone(), ClusterRecord { tags: context.tags.clone() });
    });
    let arn = ids::ecs_arn(&format!("cluster/{name}"));
    Ok(live(name, &[("Arn", arn)]))
}

pub(super) async fn delete_cluster(
    inner: &Arc<Inner>,
    context: &ResourceContext,
    id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    let name = if id.is_empty() { cluster_name(context, properties) } else { id.to_owned() };
    let busy = inner.read(|state| {
        state
            .services
            .values()
            .filter(|one| one.cluster == name)
            .map(|one| one.name.clone())
            .collect::<Vec<_>>()
    });
    if !busy.is_empty() {
        return Err(Failure(format!(
            "Resource handler returned message: \"The Cluster cannot be deleted while Services are active: {}\"",
            busy.join(", ")
        )));
    }
    let tasks: Vec<String> = inner.read(|state| {
        state
            .tasks
            .values()
            .filter(|one| one.cluster == name && one.alive())
            .map(|one| one.id.clone())
            .collect()
    });
    for task in &tasks {
        inner.stop_task(task, "UserInitiated", "The cluster is being deleted");
    }
    let mut changes = inner.changes();
    let gone = async {
        loop {
            changes.mark_unchanged();
            let left = inner.read(|state| state.tasks.values().any(|one| one.cluster == name && one.alive()));
            if !left || changes.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(180), gone).await;
    let label = Some(name.clone());
    let left = engine::containers(&inner.docker, &inner.instance).await.unwrap_or_default();
    for container in left {
        let labels = container.labels.unwrap_or_default();
        if labels.get("seaway.cluster") == label.as_ref()
            && let Some(id) = container.id
        {
            let _ = engine::remove_container(&inner.docker, &id).await;
        }
    }
    // On Fargate a task's own storage ends with it; here it lives as long as the cluster does.
    let prefix = format!("seaway-{}-{name}-", inner.instance);
    for volume in engine::volumes(&inner.docker, &inner.instance).await.unwrap_or_default() {
        if volume.starts_with(&prefix) {
            let options = None::<bollard::query_parameters::RemoveVolumeOptions>;
            let _ = inner.docker.remove_volume(&volume, options).await;
        }
    }
    engine::remove_network(&inner.docker, &engine::network_name(&inner.instance, &name)).await.map_err(
        |error| {
            Failure(format!(
                "Resource handler returned message: \"the network of cluster {name}: {}\"",
                engine::message(&error)
            ))
        },
    )?;
    inner.change_parts(&[Part::Clusters, Part::Tasks], |state| {
        state.clusters.remove(&name);
        state.tasks.retain(|_, task| task.cluster != name);
    });
    Ok(())
}

/// Registers a revision. The family is the property, or stack and logical id, as CloudFormation
/// does it: so it stays the same when a revision is replaced by the next one.
pub(super) fn register(
    inner: &Inner,
    context: &ResourceContext,
    properties: &Value,
) -> Result<Physical, Failure> {
    let invalid = |text: String| {
        Failure(format!("Resource handler returned message: \"Invalid request provided: {text}\""))
    };
    let parsed = Properties::deserialize(properties).map_err(|error| invalid(error.to_string()))?;
    start_plan::plan(&parsed.container_definitions).map_err(invalid)?;
    if let Some(bad) =
        parsed.container_definitions.iter().find(|one| one.name.is_empty() || one.image.is_empty())
    {
        return Err(invalid(format!("container {:?} needs a name and an image", bad.name)));
    }
    if !parsed.container_definitions.iter().any(task_definition::ContainerDefinition::essential) {
        return Err(invalid("at least one container must be essential".to_owned()));
    }
    let family = parsed
        .family
        .filter(|family| !family.is_empty())
        .unwrap_or_else(|| format!("{}-{}", context.stack, context.logical_id).chars().take(255).collect());
    let name = inner.change(Part::Definitions, |state| {
        let known = state
            .definitions
            .revisions
            .values()
            .find(|one| one.token == context.token && one.stack == context.stack && one.family == family);
        if let Some(known) = known {
            return known.name();
        }
        let last = state.definitions.families.entry(family.clone()).or_default();
        *last += 1;
        let definition = TaskDefinition {
            family: family.clone(),
            revision: *last,
            stack: context.stack.clone(),
            token: context.token.clone(),
            tags: context.tags.clone(),
            properties: properties.clone(),
            inactive: false,
        };
        let name = definition.name();
        state.definitions.revisions.insert(name.clone(), definition);
        name
    });
    let arn = ids::ecs_arn(&format!("task-definition/{name}"));
    Ok(live(arn.clone(), &[("TaskDefinitionArn", arn)]))
}

/// Deregisters a revision, unless a task or deployment still needs it: then it goes with them.
pub(super) fn deregister(inner: &Inner, context: &ResourceContext, id: &str) {
    inner.change(Part::Definitions, |state| {
        let name = if id.is_empty() {
            let made = state
                .definitions
                .revisions
                .values()
                .find(|one| one.token == context.token && one.stack == context.stack);
            made.map(TaskDefinition::name)
        } else {
            Some(task_definition::short_name(id).to_owned())
        };
        if let Some(definition) = name.and_then(|name| state.definitions.revisions.get_mut(&name)) {
            definition.inactive = true;
        }
        forget_inactive(state);
    });
}

/// Forgets deregistered revisions that no task and no deployment needs.
pub(super) fn forget_inactive(state: &mut State) {
    let State { definitions, tasks, services, .. } = state;
    definitions.revisions.retain(|name, definition| {
        let needed = || {
            tasks.values().any(|task| task.definition == *name && task.alive())
                || services
                    .values()
                    .flat_map(|service| &service.deployments)
                    .any(|deployment| deployment.revision.definition == *name)
        };
        !definition.inactive || needed()
    });
}
