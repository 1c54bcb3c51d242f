//! Task definitions.

use serde_json::Map;
use serde_json::Value as Json;

use super::state::Definition;
use super::state::int;
use super::state::truth;
use crate::fake_aws::time;
use crate::fake_aws::world::World;

/// Registers a task definition of a template and returns its ARN.
pub(crate) fn register(world: &mut World, stack: &str, logical_id: &str, properties: &Json) -> String {
    let family = match properties["Family"].as_str() {
        Some(family) => family.to_owned(),
        None => format!("{stack}-{logical_id}-{}", world.hex(12)),
    };
    let revision = world.ecs.revisions.entry(family.clone()).or_default();
    *revision += 1;
    let revision = *revision;
    let arn = world.arn("ecs", &format!("task-definition/{family}:{revision}"));
    let definition = Definition {
        arn: arn.clone(),
        family,
        revision,
        properties: properties.clone(),
        stack: stack.to_owned(),
        active: true,
        registered_at: world.now,
    };
    world.ecs.definitions.insert(arn.clone(), definition);
    arn
}

/// Returns a task definition as the API shows it.
pub(super) fn show(definition: &Definition) -> Json {
    let mut shown = camel(&definition.properties);
    if let Json::Object(map) = &mut shown {
        map.shift_remove("tags");
        map.insert("taskDefinitionArn".to_owned(), definition.arn.clone().into());
        map.insert("family".to_owned(), definition.family.clone().into());
        map.insert("revision".to_owned(), definition.revision.into());
        map.insert("status".to_owned(), if definition.active { "ACTIVE" } else { "INACTIVE" }.into());
        map.entry("containerDefinitions").or_insert_with(|| Json::Array(Vec::new()));
        map.entry("volumes").or_insert_with(|| Json::Array(Vec::new()));
        map.entry("placementConstraints").or_insert_with(|| Json::Array(Vec::new()));
        map.insert("compatibilities".to_owned(), serde_json::json!(["EC2", "FARGATE"]));
        map.insert("registeredAt".to_owned(), time::seconds(definition.registered_at));
        map.insert("registeredBy".to_owned(), "arn:aws:sts::123456789012:assumed-role/deploy/tester".into());
    }
    shown
}

/// Numbers of a container definition and around it; a template may have them as text.
const NUMBERS: &[&str] = &[
    "containerPort",
    "hostPort",
    "stopTimeout",
    "startTimeout",
    "interval",
    "timeout",
    "retries",
    "startPeriod",
    "sizeInGiB",
    "memoryReservation",
    "transitEncryptionPort",
    "softLimit",
    "hardLimit",
    "sharedMemorySize",
];

/// Truth values.
const FLAGS: &[&str] = &[
    "essential",
    "readonlyRootFilesystem",
    "readOnly",
    "initProcessEnabled",
    "privileged",
    "enabled",
    "interactive",
    "pseudoTerminal",
    "disableNetworking",
    "enableFaultInjection",
];

/// Maps whose keys are the user's.
const FREE: &[&str] = &["Options", "DockerLabels", "DriverOpts", "Labels"];

/// Returns a template's value with the names of the API: `ContainerPort` is `containerPort`.
pub(super) fn camel(value: &Json) -> Json {
    convert(value, false)
}

fn convert(value: &Json, in_container: bool) -> Json {
    match value {
        Json::Array(items) => Json::Array(items.iter().map(|item| convert(item, in_container)).collect()),
        Json::Object(map) => {
            let mut out = Map::new();
            for (name, value) in map {
                let lower = lower_first(name);
                let converted = if FREE.contains(&name.as_str()) {
                    value.clone()
                } else if let Some(number) = int(value)
                    // The CPU and memory of a task are text in the API, those of a container numbers.
                    && (NUMBERS.contains(&lower.as_str())
                        || (in_container && ["cpu", "memory"].contains(&lower.as_str())))
                {
                    number.into()
                } else if let Some(flag) = truth(value)
                    && FLAGS.contains(&lower.as_str())
                {
                    flag.into()
                } else if value.is_number() {
                    value.to_string().into()
                } else {
                    convert(value, in_container || name == "ContainerDefinitions")
                };
                out.insert(lower, converted);
            }
            Json::Object(out)
        }
        other => other.clone(),
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::camel;
    use serde_json::json;

    #[test]
    fn names_and_types_of_the_api() {
        let template = json!({
            "Cpu": 256,
            "ContainerDefinitions": [{
                "Name": "web", "Cpu": "128", "Essential": "true",
                "PortMappings": [{"ContainerPort": "8080"}],
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/a", "Mode": "x"}},
            }],
        });
        let api = json!({
            "cpu": "256",
            "containerDefinitions": [{
                "name": "web", "cpu": 128, "essential": true,
                "portMappings": [{"containerPort": 8080}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/a", "Mode": "x"}},
            }],
        });
        assert_eq!(camel(&template), api);
    }
}
