//! The state of the account, to compare two runs.

use indexmap::IndexMap;
use seaway_cloud::StackStatus;
use serde::Serialize;

use super::world::World;

/// The state of the account without times and ids: equal for equal states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Picture {
    /// By name.
    pub stacks: Vec<StackPicture>,
    /// By name.
    pub services: Vec<ServicePicture>,
    /// One-off tasks that run, by task family; one entry a task.
    pub running_tasks: Vec<String>,
    /// `bucket/key`, sorted.
    pub objects: Vec<String>,
    /// SSM parameters and secrets with a value, sorted.
    pub secrets: Vec<String>,
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StackPicture {
    /// Stack name.
    pub name: String,
    /// Where it stands.
    pub status: StackStatus,
    /// The template's text.
    pub template: String,
    /// Parameter values, by name.
    pub parameters: Vec<(String, String)>,
    /// Type of each resource that is there, by logical id.
    pub resources: Vec<(String, String)>,
    /// Termination protection.
    pub termination_protection: bool,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServicePicture {
    /// Stack and logical id.
    pub name: String,
    /// Images of the primary deployment's containers, in order.
    pub images: Vec<String>,
    /// Desired count.
    pub desired: u64,
    /// Running tasks.
    pub running: u64,
    /// Deployments; 1 when nothing rolls.
    pub deployments: usize,
}

impl Picture {
    pub(super) fn of(world: &World) -> Picture {
        let mut stacks: Vec<StackPicture> = world
            .stacks
            .values()
            .filter(|stack| stack.status != StackStatus::DeleteComplete)
            .map(|stack| StackPicture {
                name: stack.name.clone(),
                status: stack.status,
                template: stack.template.clone(),
                parameters: sorted(&stack.parameters),
                resources: stack
                    .resources
                    .iter()
                    .filter(|(_, resource)| resource.physical_id.is_some())
                    .map(|(id, resource)| (id.clone(), resource.kind.clone()))
                    .collect(),
                termination_protection: stack.termination_protection,
            })
            .collect();
        for stack in &mut stacks {
            stack.resources.sort();
        }
        stacks.sort_by(|left, right| left.name.cmp(&right.name));
        let mut services: Vec<ServicePicture> = world
            .ecs
            .services
            .values()
            .filter(|service| service.active)
            .map(|service| ServicePicture {
                name: format!("{}/{}", service.stack, service.logical_id),
                images: world.ecs.images(&service.task_definition),
                desired: service.desired,
                running: world.ecs.running(&service.arn),
                deployments: service.deployments.len(),
            })
            .collect();
        services.sort_by(|left, right| left.name.cmp(&right.name));
        let mut running_tasks: Vec<String> = world
            .ecs
            .tasks
            .values()
            .filter(|task| task.service.is_none() && task.stopped_at.is_none())
            .map(|task| task.group.clone())
            .collect();
        running_tasks.sort();
        let mut objects: Vec<String> = world
            .around
            .buckets
            .iter()
            .flat_map(|(bucket, objects)| objects.keys().map(move |key| format!("{bucket}/{key}")))
            .collect();
        objects.sort();
        Picture { stacks, services, running_tasks, objects, secrets: world.around.names_with_value() }
    }
}

fn sorted(map: &IndexMap<String, String>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = map.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    pairs.sort();
    pairs
}
