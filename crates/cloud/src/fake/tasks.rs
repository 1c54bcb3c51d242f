//! The tasks and logs of the fake.

use async_trait::async_trait;
use indexmap::IndexMap;
use jiff::Timestamp;

use super::Behaviour;
use super::FakeCloud;
use super::services;
use super::state::State;
use crate::CloudError;
use crate::Container;
use crate::ErrorKind;
use crate::ExecRequest;
use crate::ExecSession;
use crate::Health;
use crate::LogEvent;
use crate::LogPage;
use crate::LogQuery;
use crate::Result;
use crate::RunTask;
use crate::Schedule;
use crate::Task;
use crate::TaskFilter;
use crate::Tasks;

/// Adds a pending task and returns its id.
pub(super) fn new(
    state: &mut State,
    now: Timestamp,
    name: &str,
    task_definition: &str,
    started_by: &str,
) -> String {
    let id = format!("{:032x}", state.number());
    let group = if started_by.starts_with("ecs-svc/") { "service" } else { "family" };
    let task = Task {
        id: id.clone(),
        cluster: "cluster".into(),
        group: format!("{group}:{name}"),
        started_by: started_by.to_owned(),
        task_definition: task_definition.to_owned(),
        last_status: "PENDING".into(),
        desired_status: "RUNNING".into(),
        health: Health::Unknown,
        targets: Vec::new(),
        containers: vec![Container {
            name: "main".into(),
            image: "image".into(),
            image_digest: None,
            last_status: "PENDING".into(),
            exit_code: None,
            reason: None,
            health: Health::Unknown,
            essential: true,
            ports: IndexMap::new(),
        }],
        stop_code: None,
        stopped_reason: None,
        created: now,
        started: None,
        stopped: None,
    };
    state.tasks.insert(id.clone(), task);
    id
}

/// Ends a task.
pub(super) fn stop(task: &mut Task, now: Timestamp, code: &str, reason: &str, exit: Option<i64>) {
    task.last_status = "STOPPED".into();
    task.desired_status = "STOPPED".into();
    task.stop_code = Some(code.to_owned());
    task.stopped_reason = Some(reason.to_owned());
    task.stopped = Some(now);
    task.containers[0].last_status = "STOPPED".into();
    task.containers[0].exit_code = exit;
}

/// Writes a log line of a task; the group ends with the workload's name as the stack does.
pub(super) fn log(state: &mut State, now: Timestamp, name: &str, task: &str, message: &str) {
    let stream = format!("app/main/{task}");
    let event = LogEvent { time: now, stream, message: message.to_owned() };
    state.logs.push((name.to_owned(), event));
}

/// Moves a one-off task on by one step.
fn step(state: &mut State, now: Timestamp, id: &str) {
    let Some(task) = state.tasks.get(id) else { return };
    if task.last_status == "STOPPED" || task.group.starts_with("service:") {
        return;
    }
    let family = task.group.trim_start_matches("family:").to_owned();
    let behaviour =
        state.stacks.get(&family).map_or(Behaviour::Healthy, |stack| services::behaviour(state, stack));
    let steps = state.task_steps.entry(id.to_owned()).or_default();
    *steps += 1;
    let made = *steps;
    let Some(task) = state.tasks.get_mut(id) else { return };
    if behaviour == Behaviour::ImageMissing {
        let reason = "CannotPullContainerError: pull image manifest: not found";
        task.containers[0].reason = Some(reason.to_owned());
        stop(task, now, "TaskFailedToStart", reason, None);
    } else if made == 1 {
        task.last_status = "RUNNING".into();
        task.started = Some(now);
        log(state, now, &family, id, "begin");
    } else if made >= 3 && behaviour != Behaviour::Hang {
        let code = if let Behaviour::Crash(code) = behaviour { code } else { 0 };
        let why = "Essential container in task exited";
        stop(task, now, "EssentialContainerExited", why, Some(code));
        log(state, now, &family, id, &format!("end with {code}"));
    }
}

#[async_trait]
impl Tasks for FakeCloud {
    async fn run_task(&self, run: &RunTask) -> Result<Task> {
        let now = self.now();
        let short = run.task_definition.rsplit('/').next().unwrap_or_default().to_owned();
        let mut state = self.change(format!("run_task {short}")).await?;
        let family = short.split(':').next().unwrap_or_default().to_owned();
        let id = new(&mut state, now, &family, &short, &run.started_by);
        let missing = || CloudError::new(ErrorKind::Internal, "run task", short.as_str());
        state.tasks.get(&id).cloned().ok_or_else(missing)
    }

    async fn describe_task(&self, _cluster: &str, id: &str) -> Result<Option<Task>> {
        let now = self.now();
        let mut state = self.read().await?;
        step(&mut state, now, id);
        Ok(state.tasks.get(id).cloned())
    }

    async fn list_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        let state = self.read().await?;
        let matches = |task: &&Task| {
            filter.cluster.as_ref().is_none_or(|cluster| *cluster == task.cluster)
                && filter.group.as_ref().is_none_or(|group| *group == task.group)
                && filter.started_by.as_ref().is_none_or(|by| *by == task.started_by)
                && (filter.stopped || task.last_status != "STOPPED")
        };
        Ok(state.tasks.values().rev().filter(matches).cloned().collect())
    }

    async fn stop_task(&self, _cluster: &str, id: &str, reason: &str) -> Result<()> {
        let now = self.now();
        let mut state = self.change("stop_task".to_owned()).await?;
        if let Some(task) = state.tasks.get_mut(id) {
            stop(task, now, "UserInitiated", reason, Some(143));
        }
        Ok(())
    }

    async fn list_schedules(&self, _tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        drop(self.read().await?);
        Ok(Vec::new())
    }

    async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<()> {
        drop(self.change(format!("enable_schedule {name} {enabled}")).await?);
        Ok(())
    }

    async fn logs(&self, query: &LogQuery) -> Result<LogPage> {
        let state = self.read().await?;
        let from: usize = query.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let wanted = |event: &LogEvent| {
            query.stream_prefix.as_ref().is_none_or(|text| event.stream.starts_with(text))
                && query.stream_suffix.as_ref().is_none_or(|text| event.stream.ends_with(text))
        };
        let mut events: Vec<LogEvent> = state
            .logs
            .iter()
            .skip(from)
            .map(|(_, event)| event.clone())
            .filter(|event| wanted(event))
            .collect();
        if let Some(limit) = query.limit
            && events.len() > limit
        {
            events.drain(..events.len() - limit);
        }
        Ok(LogPage { events, cursor: Some(state.logs.len().to_string()) })
    }

    async fn exec(&self, _request: &ExecRequest) -> Result<ExecSession> {
        Err(CloudError::new(ErrorKind::Unavailable, "open a session", "the fake has none"))
    }
}
