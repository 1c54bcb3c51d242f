//! A diff in the words of the Compose file.

use seaway_cfn::diff::PropertyChange;
use seaway_cfn::diff::TemplateDiff;
use serde::Serialize;
use serde_json::Value;

/// A change of a workload in the words of the Compose file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkloadChange {
    /// Such as `image`, `cpu`, `count`, `schedule`, `environment LOG_LEVEL`.
    pub what: String,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
}

fn text(value: Option<&Value>) -> Option<String> {
    value.map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// Returns what is between the brackets after `name`.
fn item<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let rest = &path[path.find(&format!("{name}["))? + name.len() + 1..];
    rest.split(']').next()
}

fn name_of(resource_type: &str, path: &str, workload: Option<&str>) -> Option<String> {
    let last = path.rsplit('.').next().unwrap_or(path);
    let name = match (resource_type, last) {
        ("AWS::ECS::TaskDefinition", "Image") => "image".to_owned(),
        ("AWS::ECS::TaskDefinition", "Cpu") => "cpu".to_owned(),
        ("AWS::ECS::TaskDefinition", "Memory" | "MemoryReservation") => "memory".to_owned(),
        ("AWS::ECS::TaskDefinition", "Command" | "EntryPoint") => last.to_lowercase(),
        ("AWS::ECS::TaskDefinition", _) if path.contains("Environment[") => {
            format!("environment {}", item(path, "Environment").unwrap_or_default())
        }
        ("AWS::ECS::TaskDefinition", _) if path.contains("Secrets[") => {
            format!("secret {}", item(path, "Secrets").unwrap_or_default())
        }
        ("AWS::ECS::TaskDefinition", _) if path.contains("HealthCheck") => "health check".to_owned(),
        ("AWS::ECS::TaskDefinition", _) if path.contains("PortMappings") => "ports".to_owned(),
        ("AWS::ECS::Service", "DesiredCount") => "count".to_owned(),
        ("AWS::Scheduler::Schedule", "ScheduleExpression") => "schedule".to_owned(),
        ("AWS::Scheduler::Schedule", "ScheduleExpressionTimezone") => "timezone".to_owned(),
        ("AWS::Scheduler::Schedule", "State") => "schedule state".to_owned(),
        _ => return None,
    };
    let container = item(path, "ContainerDefinitions");
    Some(match container {
        // A container of the workload's own name needs no mention, one without a name has none.
        Some(container) if Some(container) != workload && container.parse::<usize>().is_err() => {
            format!("{container}: {name}")
        }
        _ => name,
    })
}

fn of(resource_type: &str, change: &PropertyChange, workload: Option<&str>) -> Option<WorkloadChange> {
    let what = name_of(resource_type, &change.path, workload)?;
    let value = |side: Option<&Value>| match side {
        // A whole `{Name, Value}` item that comes or goes.
        Some(Value::Object(item)) if item.contains_key("Value") => text(item.get("Value")),
        other => text(other),
    };
    Some(WorkloadChange { what, before: value(change.before.as_ref()), after: value(change.after.as_ref()) })
}

/// Returns the changes that a reader of the Compose file would name.
pub(crate) fn summarise(diff: &TemplateDiff, workload: Option<&str>) -> Vec<WorkloadChange> {
    diff.resources
        .iter()
        .flat_map(|resource| {
            resource.properties.iter().filter_map(|change| of(&resource.resource_type, change, workload))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_compose_names() {
        let task = "AWS::ECS::TaskDefinition";
        let name = |kind, path| name_of(kind, path, Some("web")).unwrap_or_default();
        assert_eq!(name(task, "ContainerDefinitions[web].Image"), "image");
        assert_eq!(name(task, "ContainerDefinitions[log].Image"), "log: image");
        assert_eq!(name(task, "ContainerDefinitions[web].Environment[A].Value"), "environment A");
        assert_eq!(name(task, "Cpu"), "cpu");
        assert_eq!(name("AWS::ECS::Service", "DesiredCount"), "count");
        assert_eq!(name("AWS::SQS::Queue", "VisibilityTimeout"), "");
    }
}
