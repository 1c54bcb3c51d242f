//! What matters of a task definition.

use std::collections::HashSet;

use aws_sdk_ecs::types::ContainerDefinition;
use seaway_cloud::Result;

use crate::AwsCloud;
use crate::failure::failed;

/// What matters of a revision; it never changes, so it is asked once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Containers in order; those that the task stops with.
    pub(super) containers: Vec<String>,
    /// Names of the essential ones.
    pub(super) essential: HashSet<String>,
    /// Containers that ECS Exec cannot get into, for their file system is read-only.
    pub(super) read_only: HashSet<String>,
    /// Its tasks have rights of their own: ECS Exec needs them.
    pub(super) has_task_role: bool,
}

impl AwsCloud {
    /// Returns a revision by ARN or `family:revision`.
    pub(super) async fn definition(&self, reference: &str) -> Result<Definition> {
        if let Some(known) = self.memory().definitions.get(reference) {
            return Ok(known.clone());
        }
        let answer = self.ecs.describe_task_definition().task_definition(reference).send().await;
        let answer =
            answer.map_err(|error| failed(format!("describe the task definition {reference}"), error))?;
        let Some(found) = answer.task_definition else { return Ok(Definition::default()) };
        let name = |container: &ContainerDefinition| container.name().unwrap_or_default().to_owned();
        let containers = found.container_definitions();
        let definition = Definition {
            containers: containers.iter().map(name).collect(),
            // A container is essential if nothing else is said.
            essential: containers.iter().filter(|one| one.essential().unwrap_or(true)).map(name).collect(),
            read_only: containers
                .iter()
                .filter(|one| one.readonly_root_filesystem().unwrap_or_default())
                .map(name)
                .collect(),
            has_task_role: found.task_role_arn().is_some_and(|arn| !arn.is_empty()),
        };
        self.memory().definitions.insert(reference.to_owned(), definition.clone());
        Ok(definition)
    }
}
