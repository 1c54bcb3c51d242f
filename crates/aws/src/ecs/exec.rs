//! Sessions in containers: ECS Exec.
//!
//! The session itself runs through AWS' `session-manager-plugin`; a client of our own for the data
//! channel is to come.

use aws_sdk_ecs::types;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecRequest;
use seaway_cloud::ExecSession;
use seaway_cloud::Result;

use super::names::last_segment;
use super::plugin;
use crate::AwsCloud;
use crate::failure::failed;

/// Returns the command as one text for a shell-like reader: ECS takes one string.
fn command_line(parts: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    let quote = |part: &String| {
        if !part.is_empty() && part.chars().all(plain) {
            part.clone()
        } else {
            format!("'{}'", part.replace('\'', "'\\''"))
        }
    };
    parts.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Returns everything that keeps a session from being opened, each with what to do (ECS developer
/// guide, "Monitor containers with ECS Exec", and the four checks that fail most).
fn obstacles(task: &types::Task, container: &str, read_only: bool, has_task_role: bool) -> Vec<String> {
    let mut found = Vec::new();
    if task.last_status() != Some("RUNNING") {
        found.push(format!("the task is {}", task.last_status().unwrap_or("unknown")));
    }
    if !task.enable_execute_command() {
        found.push(
            "the task was started without ECS Exec: switch it on, then start new tasks (`seaway restart`)"
                .to_owned(),
        );
    }
    if !has_task_role {
        found.push("the task has no task role, and the agent needs the four `ssmmessages` rights".to_owned());
    }
    if read_only {
        found.push(format!(
            "the file system of container `{container}` is read-only: the agent cannot write its files"
        ));
    }
    let Some(one) = task.containers().iter().find(|one| one.name() == Some(container)) else {
        let known: Vec<&str> = task.containers().iter().filter_map(types::Container::name).collect();
        found.push(format!("there is no container `{container}`; there are {}", known.join(", ")));
        return found;
    };
    let agent = one
        .managed_agents()
        .iter()
        .find(|agent| agent.name() == Some(&types::ManagedAgentName::ExecuteCommandAgent));
    let status = agent.and_then(types::ManagedAgent::last_status);
    if task.enable_execute_command() && status != Some("RUNNING") {
        let why = agent.and_then(types::ManagedAgent::reason).unwrap_or(
            "it needs the four `ssmmessages` rights in the task role, and a way to the ssmmessages endpoint",
        );
        found.push(format!("the ExecuteCommandAgent is {}: {why}", status.unwrap_or("not there")));
    }
    found
}

impl AwsCloud {
    pub(super) async fn open_session(&self, request: &ExecRequest) -> Result<ExecSession> {
        let operation = format!("open a session in task {}", request.task);
        let error = |kind, message: String| CloudError::new(kind, &operation, message);
        let plugin = plugin::find().await.ok_or_else(|| {
            error(ErrorKind::Unavailable, "session-manager-plugin is not installed".to_owned()).hint(
                "install AWS' Session Manager plugin; a client of Seaway's own for its data channel is to come",
            )
        })?;
        let answer = self.ecs.describe_tasks().cluster(&request.cluster).tasks(&request.task).send().await;
        let answer = answer.map_err(|cause| failed(&operation, cause))?;
        let Some(task) = answer.tasks().first() else {
            return Err(error(ErrorKind::NotFound, "there is no such task".to_owned()));
        };
        let definition = self.definition(task.task_definition_arn().unwrap_or_default()).await?;
        let read_only = definition.read_only.contains(&request.container);
        let found = obstacles(task, &request.container, read_only, definition.has_task_role);
        if !found.is_empty() {
            return Err(error(ErrorKind::Validation, found.join("; ")));
        }
        let sent = self
            .ecs
            .execute_command()
            .cluster(&request.cluster)
            .task(&request.task)
            .container(&request.container)
            .command(command_line(&request.command))
            .interactive(true)
            .send()
            .await;
        let sent = sent.map_err(|cause| failed(&operation, cause))?;
        let Some(session) = sent.session() else {
            return Err(error(ErrorKind::Internal, "ECS gave no session".to_owned()));
        };
        let runtime = task
            .containers()
            .iter()
            .find(|one| one.name() == Some(&request.container))
            .and_then(types::Container::runtime_id)
            .unwrap_or_default();
        let cluster = last_segment(&request.cluster);
        let target = format!("ecs:{cluster}_{}_{runtime}", last_segment(&request.task));
        plugin.start(session, &self.identity.region, self.target.profile.as_deref(), &target).map_err(
            |cause| error(ErrorKind::Unavailable, format!("session-manager-plugin does not start: {cause}")),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_string() {
        let line =
            |parts: &[&str]| command_line(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(line(&["/bin/sh"]), "/bin/sh");
        assert_eq!(line(&["sh", "-c", "echo 'a b' $X"]), r"sh -c 'echo '\''a b'\'' $X'");
        assert_eq!(line(&["a", ""]), "a ''");
    }

    #[test]
    fn everything_in_the_way_is_told() {
        let agent = |status: &str| {
            types::ManagedAgent::builder()
                .name(types::ManagedAgentName::ExecuteCommandAgent)
                .last_status(status)
                .build()
        };
        let task = |enabled: bool, status: &str| {
            types::Task::builder()
                .last_status("RUNNING")
                .enable_execute_command(enabled)
                .containers(types::Container::builder().name("web").managed_agents(agent(status)).build())
                .build()
        };
        assert_eq!(obstacles(&task(true, "RUNNING"), "web", false, true), Vec::<String>::new());
        let all = obstacles(&task(false, "STOPPED"), "web", true, false);
        assert_eq!(all.len(), 3, "{all:?}");
        let agent = obstacles(&task(true, "STOPPED"), "web", false, true);
        assert!(agent[0].contains("ExecuteCommandAgent is STOPPED"), "{agent:?}");
        let unknown = obstacles(&task(true, "RUNNING"), "job", false, true);
        assert!(unknown[0].contains("there are web"), "{unknown:?}");
    }
}
