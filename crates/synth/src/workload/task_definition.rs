//! The task definition.

use seaway_cfn::Resource;
use seaway_cfn::Value;

use super::containers;
use super::roles::EXECUTION_ROLE;
use super::roles::TASK_ROLE;
use super::stack::Parts;
use crate::builder::Builder;
use crate::resources::Resources;

/// Logical id of the task definition.
pub(super) const TASK_DEFINITION: &str = "TaskDefinition";

/// Adds the task definition.
pub(super) fn synth(parts: &Parts<'_, '_>, resources: &Resources<'_>, builder: &mut Builder) {
    let workload = parts.workload;
    let definitions: Vec<Value> = workload
        .containers
        .iter()
        .map(|container| containers::definition(parts, container, resources, builder))
        .collect();
    let mut volumes: Vec<String> = Vec::new();
    for mount in workload.containers.iter().flat_map(|container| &container.mounts) {
        let name = containers::volume_name(&mount.volume);
        if !volumes.contains(&name) {
            volumes.push(name);
        }
    }
    let volumes = if volumes.is_empty() {
        Value::Null
    } else {
        Value::list(volumes.into_iter().map(|name| Value::map([("Name", Value::from(name))])))
    };
    let platform = Value::map([
        ("CpuArchitecture", Value::from(workload.architecture.as_str())),
        ("OperatingSystemFamily", Value::from("LINUX")),
    ]);
    builder.resource(
        TASK_DEFINITION,
        Resource::new("AWS::ECS::TaskDefinition")
            .with("Family", parts.stack.as_str())
            .with("RequiresCompatibilities", Value::list(["FARGATE"]))
            .with("NetworkMode", "awsvpc")
            .with("Cpu", workload.cpu.to_string())
            .with("Memory", workload.memory.to_string())
            .with("RuntimePlatform", platform)
            .with("ExecutionRoleArn", Value::get_att(EXECUTION_ROLE, "Arn"))
            .with("TaskRoleArn", Value::get_att(TASK_ROLE, "Arn"))
            .with("ContainerDefinitions", Value::List(definitions))
            .with("Volumes", volumes)
            .with("Tags", parts.tags.clone()),
    );
}
