//! What ECS says about a task, in the port's words.

use aws_sdk_ecs::types;
use indexmap::IndexMap;
use seaway_cloud::Container;
use seaway_cloud::Health;
use seaway_cloud::Task;

use super::definition::Definition;
use super::names::last_segment;
use super::names::short_definition;
use crate::time::timestamp;
use crate::time::timestamp_or_epoch;

fn health(status: Option<&types::HealthStatus>) -> Health {
    match status {
        Some(types::HealthStatus::Healthy) => Health::Healthy,
        Some(types::HealthStatus::Unhealthy) => Health::Unhealthy,
        _ => Health::Unknown,
    }
}

/// ECS' names of stop codes (`TaskStopCode`) as its API documents them.
fn stop_code(code: &types::TaskStopCode) -> String {
    code.as_str().to_owned()
}

/// Returns the task; `definition` tells which containers are essential.
pub(super) fn task(found: &types::Task, definition: &Definition) -> Task {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut containers: Vec<Container> =
        found.containers().iter().map(|one| container(one, definition)).collect();
    let place = |name: &str| definition.containers.iter().position(|known| known == name);
    containers.sort_by_key(|one| place(&one.name).unwrap_or(usize::MAX));
    Task {
        id: last_segment(found.task_arn().unwrap_or_default()).to_owned(),
        cluster: last_segment(found.cluster_arn().unwrap_or_default()).to_owned(),
        group: text(found.group()),
        started_by: text(found.started_by()),
        task_definition: short_definition(found.task_definition_arn().unwrap_or_default()).to_owned(),
        last_status: text(found.last_status()),
        desired_status: text(found.desired_status()),
        health: health(found.health_status()),
        targets: Vec::new(),
        containers,
        stop_code: found.stop_code().map(stop_code),
        stopped_reason: found.stopped_reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        created: timestamp_or_epoch(found.created_at()),
        started: timestamp(found.started_at()),
        stopped: timestamp(found.stopped_at()),
    }
}

fn container(found: &types::Container, definition: &Definition) -> Container {
    let name = found.name().unwrap_or_default().to_owned();
    Container {
        image: found.image().unwrap_or_default().to_owned(),
        image_digest: found.image_digest().map(str::to_owned),
        last_status: found.last_status().unwrap_or_default().to_owned(),
        exit_code: found.exit_code().map(i64::from),
        reason: found.reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        health: health(found.health_status()),
        // Containers that ECS adds itself (Service Connect's proxy) are in no definition.
        essential: definition.essential.contains(&name),
        ports: IndexMap::new(),
        name,
    }
}

/// Returns the private addresses of a task: what a target group of type `ip` knows it by.
pub(super) fn addresses(found: &types::Task) -> Vec<String> {
    let interfaces = found.containers().iter().flat_map(types::Container::network_interfaces);
    let of_containers =
        interfaces.flat_map(|one| [one.private_ipv4_address(), one.ipv6_address()].into_iter().flatten());
    let details = found.attachments().iter().flat_map(types::Attachment::details);
    let of_attachments =
        details.filter(|one| one.name() == Some("privateIPv4Address")).filter_map(types::KeyValuePair::value);
    let mut all: Vec<String> = of_containers.chain(of_attachments).map(str::to_owned).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_task() {
        let found = types::Task::builder()
            .task_arn("arn:aws:ecs:eu-west-1:123456789012:task/shop/0123")
            .cluster_arn("arn:aws:ecs:eu-west-1:123456789012:cluster/shop")
            .task_definition_arn("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3")
            .group("service:web")
            .started_by("ecs-svc/1")
            .last_status("STOPPED")
            .desired_status("STOPPED")
            .stop_code(types::TaskStopCode::EssentialContainerExited)
            .stopped_reason("Essential container in task exited")
            .containers(types::Container::builder().name("proxy").exit_code(0).build())
            .containers(types::Container::builder().name("web").exit_code(3).reason("").build())
            .attachments(
                types::Attachment::builder()
                    .r#type("ElasticNetworkInterface")
                    .details(
                        types::KeyValuePair::builder().name("privateIPv4Address").value("10.0.0.7").build(),
                    )
                    .details(types::KeyValuePair::builder().name("subnetId").value("subnet-1").build())
                    .build(),
            )
            .build();
        let definition = Definition {
            containers: vec!["web".into()],
            essential: ["web".to_owned()].into(),
            ..Definition::default()
        };
        let task = task(&found, &definition);
        assert_eq!((task.id.as_str(), task.cluster.as_str()), ("0123", "shop"));
        assert_eq!((task.task_definition.as_str(), task.exit_code()), ("web:3", Some(3)));
        assert_eq!(task.stop_code.as_deref(), Some("EssentialContainerExited"));
        assert_eq!(task.containers[0].name, "web");
        assert_eq!(task.containers[0].reason, None);
        assert_eq!(addresses(&found), ["10.0.0.7"]);
    }
}
