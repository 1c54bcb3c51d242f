//! New tasks, as they are written down before anything is done for them.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::Container;
use seaway_cloud::Health;

use super::container;
use super::health;
use super::ids;
use super::state::ContainerOverride;
use super::state::ContainerRecord;
use super::state::Revision;
use super::state::ServiceRecord;
use super::state::TaskRecord;
use super::task_definition::TaskDefinition;

/// A task that is not part of a service.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub(super) cluster: String,
    pub(super) started_by: String,
    pub(super) overrides: IndexMap<String, ContainerOverride>,
}

/// Returns a task of a service.
pub(super) fn for_service(
    definition: &TaskDefinition,
    service: &ServiceRecord,
    deployment: &str,
    revision: &Revision,
    now: Timestamp,
) -> TaskRecord {
    let request = Request {
        cluster: service.cluster.clone(),
        started_by: deployment.to_owned(),
        overrides: IndexMap::new(),
    };
    let mut task = alone(definition, &request, now);
    task.service = Some(service.name.clone());
    task.group = format!("service:{}", service.name);
    task.deployment = Some(deployment.to_owned());
    task.load_balancers = revision.load_balancers.clone();
    task.aliases = revision.aliases.clone();
    task.stack = service.stack.clone();
    task.tags = service.tags.clone();
    task
}

/// Returns a task that runs on its own.
pub(super) fn alone(definition: &TaskDefinition, request: &Request, now: Timestamp) -> TaskRecord {
    let id = ids::task_id();
    let properties = definition.parse().unwrap_or_default();
    let containers = properties
        .container_definitions
        .iter()
        .map(|one| ContainerRecord {
            engine_name: container::engine_name(&request.cluster, &definition.family, &id, &one.name),
            started: false,
            checked: one.health_check.as_ref().is_some_and(|check| health::command(check).is_some()),
            shown: Container {
                name: one.name.clone(),
                image: one.image.clone(),
                image_digest: None,
                last_status: "PENDING".to_owned(),
                exit_code: None,
                reason: None,
                health: Health::Unknown,
                essential: one.essential(),
                ports: one
                    .port_mappings
                    .iter()
                    .filter_map(|mapping| mapping.container_port)
                    .map(|port| (port, String::new()))
                    .collect(),
            },
        })
        .collect();
    TaskRecord {
        id,
        cluster: request.cluster.clone(),
        service: None,
        deployment: None,
        group: format!("family:{}", definition.family),
        started_by: request.started_by.clone(),
        definition: definition.name(),
        stack: definition.stack.clone(),
        tags: definition.tags.clone(),
        overrides: request.overrides.clone(),
        load_balancers: Vec::new(),
        aliases: Vec::new(),
        last_status: "PROVISIONING".to_owned(),
        desired_status: "RUNNING".to_owned(),
        stop_code: None,
        stopped_reason: None,
        created: now,
        started: None,
        stopped: None,
        containers,
        targets: Vec::new(),
        proven: false,
        counted: false,
    }
}
