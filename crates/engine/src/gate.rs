//! Tasks at a point of the release.

use std::time::Duration;

use seaway_cloud::LogQuery;
use seaway_cloud::RunTask;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;
use seaway_synth::WorkloadSpec;
use tokio::time::Instant;

use crate::Engine;
use crate::events::Topic;
use crate::failure::Failure;
use crate::failure::Stop;
use crate::retry;
use crate::run::Run;
use crate::unit::Unit;
use crate::watchdog::meaning;

/// Begins `startedBy` of the tasks of a release.
const STARTED_BY: &str = "seaway-release-";

fn list(text: Option<&String>) -> Vec<String> {
    let parts = text.into_iter().flat_map(|text| text.split(','));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Returns the run of a workload's task by the outputs of its stack.
pub(crate) fn run_of(
    stack: &str,
    outputs: &indexmap::IndexMap<String, String>,
    container: Option<String>,
    started_by: String,
) -> Result<RunTask, Stop> {
    let need = |name: &str| {
        outputs.get(name).cloned().ok_or_else(|| Stop::Error(Engine::missing_output(stack, name)))
    };
    Ok(RunTask {
        cluster: need("ClusterName")?,
        task_definition: need("TaskDefinitionArn")?,
        container,
        command: None,
        environment: indexmap::IndexMap::new(),
        subnets: list(outputs.get("SubnetIds")),
        security_groups: list(outputs.get("SecurityGroupIds")),
        started_by,
    })
}

impl Engine {
    /// Runs the task of a workload once and waits; it must exit with 0.
    pub(crate) async fn run_gate(&self, run: &Run, unit: &Unit) -> Result<(), Stop> {
        let Some(spec) = &unit.workload else { return Ok(()) };
        let outputs = run.progress().outputs.get(&unit.name).cloned().unwrap_or_default();
        let started_by = format!("{STARTED_BY}{}", run.number().unwrap_or_default());
        let request = run_of(&unit.name, &outputs, Some(spec.container.clone()), started_by)?;
        let topic = self.events.phase(Phase::Tasks).stack(&unit.name).workload(Some(&spec.name));
        self.wait_for_earlier(&request, spec, &topic).await?;
        topic.say(format!("running task {}", spec.name));
        let task = self.cloud.run_task(&request).await?;
        run.progress().tasks.push((task.cluster.clone(), task.id.clone()));
        let limit = spec.timeout.map(Duration::from_secs);
        let ended = self.follow(&task, Some(&spec.log_group), limit, &topic).await?;
        run.progress().tasks.retain(|(_, id)| *id != task.id);
        let failed = |cause: String| Failure {
            stack: Some(unit.name.clone()),
            workload: Some(spec.name.clone()),
            cause,
            task: Some(task.id.clone()),
            cluster: Some(task.cluster.clone()),
            log_group: Some(spec.log_group.clone()),
            ..Failure::default()
        };
        match ended {
            Some(ended) if ended.exit_code() == Some(0) => {
                topic.say(format!("task {} exited with 0", spec.name));
                Ok(())
            }
            Some(ended) => Err(failed(how_it_ended(&spec.name, &ended)).into()),
            None => {
                let reason = "it ran longer than its timeout";
                self.cloud.stop_task(&task.cluster, &task.id, reason).await?;
                let seconds = spec.timeout.unwrap_or_default();
                Err(failed(format!("task {} ran longer than {seconds} s", spec.name)).into())
            }
        }
    }

    /// A killed command may have left the same task running: two at a time would be wrong.
    async fn wait_for_earlier(
        &self,
        request: &RunTask,
        spec: &WorkloadSpec,
        topic: &Topic<'_>,
    ) -> Result<(), Stop> {
        let family = |text: &str| {
            let short = text.rsplit('/').next().unwrap_or(text);
            short.split(':').next().unwrap_or(short).to_owned()
        };
        let filter = TaskFilter { cluster: Some(request.cluster.clone()), ..TaskFilter::default() };
        let interval = self.cloud.poll_interval();
        let tasks = retry::read(interval, || self.cloud.list_tasks(&filter)).await?;
        let earlier = tasks.into_iter().filter(|task| {
            task.started_by.starts_with(STARTED_BY)
                && family(&task.task_definition) == family(&request.task_definition)
        });
        for task in earlier {
            topic.say(format!("waiting for task {} of an interrupted release", spec.name));
            let limit = spec.timeout.map(Duration::from_secs);
            if self.follow(&task, Some(&spec.log_group), limit, topic).await?.is_none() {
                let reason = "it ran longer than its timeout";
                self.cloud.stop_task(&task.cluster, &task.id, reason).await?;
            }
        }
        Ok(())
    }

    /// Follows a task with its log to its end; `None` when it ran longer than `limit`.
    pub(crate) async fn follow(
        &self,
        task: &Task,
        log_group: Option<&str>,
        limit: Option<Duration>,
        topic: &Topic<'_>,
    ) -> Result<Option<Task>, Stop> {
        let interval = self.cloud.poll_interval();
        let begun = Instant::now();
        let mut shown = String::new();
        let mut query = log_group.map(|group| LogQuery {
            group: group.to_owned(),
            stream_suffix: Some(format!("/{}", task.id)),
            ..LogQuery::default()
        });
        loop {
            let read = || self.cloud.describe_task(&task.cluster, &task.id);
            let Some(now) = retry::read(interval, read).await? else {
                let mut lost = task.clone();
                lost.stopped_reason = Some("the task is not known any more".to_owned());
                return Ok(Some(lost));
            };
            if now.last_status != shown {
                shown.clone_from(&now.last_status);
                let failed = shown == "STOPPED" && now.exit_code() != Some(0);
                topic.push(
                    if failed { Level::Error } else { Level::Info },
                    EventKind::Task {
                        id: now.id.clone(),
                        task_definition: now.task_definition.clone(),
                        status: shown.clone(),
                        health: String::new(),
                        exit_code: now.exit_code(),
                        reason: now.stopped_reason.clone(),
                    },
                );
            }
            if let Some(query) = &mut query
                && let Ok(page) = self.cloud.logs(query).await
            {
                for event in page.events {
                    topic.info(EventKind::Log { task: task.id.clone(), message: event.message });
                }
                query.after = page.cursor.or(query.after.take());
            }
            if shown == "STOPPED" {
                return Ok(Some(now));
            }
            if limit.is_some_and(|limit| begun.elapsed() >= limit) {
                return Ok(None);
            }
            self.pause().await;
        }
    }
}

fn how_it_ended(name: &str, task: &Task) -> String {
    let reason = task.containers.iter().find_map(|container| container.reason.as_deref());
    let reason = reason.or(task.stopped_reason.as_deref()).unwrap_or("no reason is known");
    match task.exit_code() {
        Some(code) => format!("task {name} exited with {code}{}", meaning(code)),
        None => format!("task {name} did not run to its end: {reason}"),
    }
}
