//! A task definition to a Compose file.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::container::Container;
use crate::ImportError;
use crate::Imported;
use crate::Left;

/// Keys that ECS fills in and no Compose file needs.
const FILLED_IN: &[&str] = &[
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
];

/// Returns a Compose file for a task definition as `aws ecs describe-task-definition` prints it
/// (with or without the `taskDefinition` around it), or as it is registered.
///
/// Containers of one task become services that share a network: the first essential one keeps its
/// ports, the others have `network_mode: service:…`.
///
/// # Errors
/// Text that is not JSON, or JSON without `containerDefinitions`.
pub fn import(text: &str) -> Result<Imported, ImportError> {
    let document: Value = serde_json::from_str(text)?;
    let task = document.get("taskDefinition").unwrap_or(&document);
    let Some(containers) = task.get("containerDefinitions").and_then(Value::as_array) else {
        return Err(ImportError::NotThis { missing: "`containerDefinitions`" });
    };
    let mut left = Vec::new();
    let mut secrets = Map::new();
    let main = main_container(containers);
    let mut services = Map::new();
    for (index, definition) in containers.iter().enumerate() {
        let Some(name) = definition.get("name").and_then(Value::as_str) else {
            left.push(Left {
                path: format!("containerDefinitions[{index}]"),
                reason: "it has no name".to_owned(),
            });
            continue;
        };
        let container = Container { name, task, definition, main: main.filter(|main| *main != name) };
        services.insert(name.to_owned(), container.service(&mut secrets, &mut left));
    }
    let volumes = volumes(task, &mut left);
    leave_task_keys(task, &mut left);

    let mut compose = Map::new();
    if let Some(family) = task.get("family") {
        compose.insert("name".to_owned(), family.clone());
    }
    compose.insert("services".to_owned(), Value::Object(services));
    for (key, section) in [("volumes", volumes), ("secrets", secrets)] {
        if !section.is_empty() {
            compose.insert(key.to_owned(), Value::Object(section));
        }
    }
    let mut compose = Value::Object(compose);
    escape(&mut compose);
    Ok(Imported { compose, left })
}

/// Doubles every `$`: Compose would interpolate it.
fn escape(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(escape),
        Value::Object(map) => map.values_mut().for_each(escape),
        _ => {}
    }
}

/// The container whose network the others share: the first essential one.
fn main_container(containers: &[Value]) -> Option<&str> {
    let essential = |container: &&Value| container.get("essential").and_then(Value::as_bool) != Some(false);
    containers.iter().find(essential).or(containers.first())?.get("name")?.as_str()
}

fn volumes(task: &Value, left: &mut Vec<Left>) -> Map<String, Value> {
    let mut volumes = Map::new();
    for volume in task.get("volumes").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = volume.get("name").and_then(Value::as_str) else { continue };
        volumes.insert(name.to_owned(), json!({}));
        let settings = volume.as_object().into_iter().flatten();
        for (key, value) in settings.filter(|(key, _)| *key != "name") {
            if !is_empty(value) {
                left.push(Left {
                    path: format!("volumes[{name}].{key}"),
                    reason: "the volume becomes an empty named one; point it at the data yourself".to_owned(),
                });
            }
        }
    }
    volumes
}

fn leave_task_keys(task: &Value, left: &mut Vec<Left>) {
    for (key, value) in task.as_object().into_iter().flatten() {
        let reason = match key.as_str() {
            "containerDefinitions" | "family" | "volumes" | "cpu" | "memory" | "runtimePlatform" => continue,
            key if FILLED_IN.contains(&key) || is_empty(value) => continue,
            "networkMode" if value == "awsvpc" => continue,
            "requiresCompatibilities" if value == &json!(["FARGATE"]) => continue,
            "taskRoleArn" | "executionRoleArn" => {
                "roles are made from what a service accesses; list that under `x-iam` or a resource's `Services`"
            }
            "networkMode" => "tasks always get a network of their own (`awsvpc`)",
            "requiresCompatibilities" => "tasks run on Fargate unless the environment says otherwise",
            "tags" => "tags come from the environment",
            _ => "Compose has no key for it",
        };
        left.push(Left { path: key.clone(), reason: reason.to_owned() });
    }
}

/// ECS prints empty lists for what is not set.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}
