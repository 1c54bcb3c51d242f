//! The port's questions about tasks, logs and sessions.

use jiff::Timestamp;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecRequest;
use seaway_cloud::ExecSession;
use seaway_cloud::LogPage;
use seaway_cloud::LogQuery;
use seaway_cloud::Result;
use seaway_cloud::RunTask;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;

use super::Ecs;
use super::exec;
use super::ids;
use super::inner::Part;
use super::new_task;
use super::runner;
use super::state::ContainerOverride;
use super::state::TaskRecord;
use super::task_definition;

impl Ecs {
    /// Starts one task and returns it as it is written down: PROVISIONING.
    ///
    /// # Errors
    /// There is no such cluster, task definition or container.
    pub(crate) async fn run_task(&self, run: &RunTask) -> Result<Task> {
        let inner = self.inner();
        let cluster = ids::last_part(&run.cluster).to_owned();
        let refused = |text: String| {
            CloudError::new(ErrorKind::NotFound, format!("run task definition {}", run.task_definition), text)
        };
        let task = inner.change(Part::Tasks, |state| {
            if !state.clusters.contains_key(&cluster) {
                return Err(refused(format!("there is no cluster {cluster}")));
            }
            let given = task_definition::short_name(&run.task_definition);
            let name = if given.contains(':') {
                given.to_owned()
            } else {
                format!("{given}:{}", state.definitions.families.get(given).copied().unwrap_or(0))
            };
            let definition = state
                .definitions
                .revisions
                .get(&name)
                .ok_or_else(|| refused("there is no such task definition".to_owned()))?;
            let containers = definition.parse().unwrap_or_default().container_definitions;
            let container = match &run.container {
                Some(container) if containers.iter().any(|one| one.name == *container) => container.clone(),
                Some(container) => return Err(refused(format!("it has no container {container}"))),
                None => containers.first().map(|one| one.name.clone()).unwrap_or_default(),
            };
            let over =
                ContainerOverride { command: run.command.clone(), environment: run.environment.clone() };
            let request = new_task::Request {
                cluster: cluster.clone(),
                started_by: run.started_by.clone(),
                overrides: std::iter::once((container, over)).collect(),
            };
            let task = new_task::alone(definition, &request, Timestamp::now());
            let shown = task.shown();
            state.tasks.insert(task.id.clone(), task);
            Ok(shown)
        })?;
        runner::begin(inner, &task.id);
        Ok(task)
    }

    /// Returns a task, `None` when it is unknown.
    pub(crate) async fn describe_task(&self, cluster: &str, id: &str) -> Result<Option<Task>> {
        let cluster = ids::last_part(cluster);
        let found = self
            .inner()
            .read_task(ids::last_part(id), |task| (task.cluster == cluster).then(|| task.shown()));
        Ok(found.flatten())
    }

    /// Returns the tasks that match, newest first.
    pub(crate) async fn list_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        let cluster = filter.cluster.as_deref().map(ids::last_part);
        let mut tasks: Vec<Task> = self.inner().read(|state| {
            state
                .tasks
                .values()
                .filter(|task| cluster.is_none_or(|cluster| task.cluster == cluster))
                .filter(|task| filter.group.as_ref().is_none_or(|group| group_matches(task, group)))
                .filter(|task| filter.started_by.as_ref().is_none_or(|by| task.started_by == *by))
                .filter(|task| filter.stopped || task.alive())
                .map(TaskRecord::shown)
                .collect()
        });
        tasks.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        Ok(tasks)
    }

    /// Asks a task to stop; the service scheduler replaces it, if it is a task of a service.
    ///
    /// # Errors
    /// There is no such task.
    pub(crate) async fn stop_task(&self, cluster: &str, id: &str, reason: &str) -> Result<()> {
        if self.describe_task(cluster, id).await?.is_none() {
            return Err(CloudError::new(
                ErrorKind::NotFound,
                format!("stop task {id}"),
                "there is no such task",
            ));
        }
        self.inner().stop_task(ids::last_part(id), "UserInitiated", reason);
        Ok(())
    }

    /// Returns log events, oldest first; a group that does not exist (yet) has none.
    pub(crate) async fn logs(&self, query: &LogQuery) -> Result<LogPage> {
        let (inner, query) = (std::sync::Arc::clone(self.inner()), query.clone());
        let read = tokio::task::spawn_blocking(move || inner.logs.query(&query)).await;
        read.map_err(|error| CloudError::new(ErrorKind::Internal, "read the logs", error.to_string()))
    }

    /// Opens a session in a running container.
    ///
    /// # Errors
    /// The container does not run, or the command cannot be started.
    pub(crate) async fn exec(&self, request: &ExecRequest) -> Result<ExecSession> {
        exec::open(self.inner(), request).await
    }
}

/// A service may be given by its ARN.
fn group_matches(task: &TaskRecord, group: &str) -> bool {
    match group.split_once(':') {
        Some(("service", name)) => task.service.as_deref() == Some(ids::last_part(name)),
        _ => task.group == group,
    }
}
