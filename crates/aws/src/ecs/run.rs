//! One-off runs.

use aws_sdk_ecs::types;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::RunTask;
use seaway_cloud::Task;

use super::definition::Definition;
use super::names::short_definition;
use super::task_view;
use crate::AwsCloud;
use crate::failure::failed;

/// Longest `startedBy` (ECS API reference, `RunTask`).
const STARTED_BY: usize = 36;
/// Longest overrides, in characters.
const OVERRIDES: usize = 8192;
/// What ECS says of a cluster with neither a default strategy nor instances.
const NO_INSTANCES: &str = "No Container Instances were found";

impl AwsCloud {
    pub(super) async fn start_task(&self, run: &RunTask) -> Result<Task> {
        let operation = format!("run task {}", short_definition(&run.task_definition));
        let definition = self.definition(&run.task_definition).await?;
        let overrides = overrides(run, &definition, &operation)?;
        let mut request = self
            .ecs
            .run_task()
            .cluster(&run.cluster)
            .task_definition(&run.task_definition)
            .count(1)
            .started_by(run.started_by.chars().take(STARTED_BY).collect::<String>())
            .propagate_tags(types::PropagateTags::TaskDefinition)
            .enable_ecs_managed_tags(true)
            .enable_execute_command(definition.has_task_role)
            .set_overrides(overrides);
        if !run.subnets.is_empty() {
            request = request.network_configuration(network(run, &operation)?);
        }
        // A cluster of ours says what its tasks run on. One that does not means instances of its own,
        // and has none: then it is Fargate. Nothing was started by the first attempt.
        let first = request.clone().send().await.map_err(|error| failed(&operation, error));
        let answer = match first {
            Err(error) if error.message.contains(NO_INSTANCES) => {
                let request = request.launch_type(types::LaunchType::Fargate);
                request.send().await.map_err(|error| failed(&operation, error))?
            }
            answer => answer?,
        };
        // ECS answers 200 when no task could be placed.
        if let Some(failure) = answer.failures().first() {
            let reason = failure.reason().unwrap_or("ECS gave no reason");
            let detail = failure.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            let lower = reason.to_lowercase();
            let full = lower.contains("capacity") || lower.contains("resource:");
            let kind = if full { ErrorKind::Limit } else { ErrorKind::Validation };
            return Err(CloudError::new(kind, operation, format!("{reason}{detail}")));
        }
        match answer.tasks().first() {
            Some(task) => Ok(task_view::task(task, &definition)),
            None => {
                Err(CloudError::new(ErrorKind::Internal, operation, "ECS started no task and gave no reason"))
            }
        }
    }
}

fn network(run: &RunTask, operation: &str) -> Result<types::NetworkConfiguration> {
    let vpc = types::AwsVpcConfiguration::builder()
        .set_subnets(Some(run.subnets.clone()))
        .set_security_groups((!run.security_groups.is_empty()).then(|| run.security_groups.clone()))
        .assign_public_ip(types::AssignPublicIp::Disabled)
        .build()
        .map_err(|error| CloudError::new(ErrorKind::Validation, operation, error.to_string()))?;
    Ok(types::NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
}

fn overrides(run: &RunTask, definition: &Definition, operation: &str) -> Result<Option<types::TaskOverride>> {
    if run.command.is_none() && run.environment.is_empty() {
        return Ok(None);
    }
    let invalid = |message: String| CloudError::new(ErrorKind::Validation, operation, message);
    let first = definition.containers.first();
    let Some(name) = run.container.as_ref().or(first) else {
        return Err(invalid("the task definition has no containers".to_owned()));
    };
    if !definition.containers.contains(name) {
        let known = definition.containers.join(", ");
        return Err(invalid(format!("there is no container `{name}`; there are {known}")));
    }
    let environment = run.environment.iter();
    let environment =
        environment.map(|(name, value)| types::KeyValuePair::builder().name(name).value(value).build());
    let size = run.environment.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
        + run.command.iter().flatten().map(String::len).sum::<usize>();
    if size > OVERRIDES {
        return Err(invalid(format!("command and environment have {size} bytes, and ECS takes {OVERRIDES}")));
    }
    let container = types::ContainerOverride::builder()
        .name(name)
        .set_command(run.command.clone())
        .set_environment(Some(environment.collect()).filter(|all: &Vec<_>| !all.is_empty()))
        .build();
    Ok(Some(types::TaskOverride::builder().container_overrides(container).build()))
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn run(container: Option<&str>, command: Option<&[&str]>) -> RunTask {
        RunTask {
            cluster: "shop".into(),
            task_definition: "job:1".into(),
            container: container.map(str::to_owned),
            command: command.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect()),
            environment: IndexMap::new(),
            subnets: vec!["subnet-1".into()],
            security_groups: vec![],
            started_by: "me".into(),
        }
    }

    #[test]
    fn what_is_overridden() {
        let definition = Definition { containers: vec!["job".into(), "log".into()], ..Definition::default() };
        let of = |run: &RunTask| overrides(run, &definition, "run task job:1");
        assert_eq!(of(&run(None, None)).unwrap(), None);
        let first = of(&run(None, Some(&["ls"]))).unwrap().unwrap();
        assert_eq!(first.container_overrides()[0].name(), Some("job"));
        assert_eq!(first.container_overrides()[0].command(), ["ls"]);
        let unknown = of(&run(Some("web"), Some(&["ls"]))).unwrap_err();
        assert!(unknown.message.contains("there are job, log"), "{unknown}");
        let long = "x".repeat(9000);
        assert!(of(&run(None, Some(&[&long]))).unwrap_err().message.contains("8192"));
    }
}
