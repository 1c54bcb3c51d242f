//! The evidence of a failed release.

use std::fmt::Write;

use seaway_cloud::LogQuery;
use seaway_cloud::Outcome;
use seaway_cloud::ServiceRef;
use seaway_cloud::TargetHealth;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_cloud::event::brief;
use serde::Serialize;

use crate::Engine;
use crate::back::Back;
use crate::failure::Failure;
use crate::run::Run;

/// Most stopped tasks that are kept.
const TASKS: usize = 5;
/// Most service events that are kept.
const EVENTS: usize = 10;
/// Most log lines that are kept.
const LINES: usize = 20;

/// A task that did not live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoppedTask {
    /// Task id.
    pub id: String,
    /// `family:revision`.
    pub task_definition: String,
    /// ECS' stop code.
    pub stop_code: Option<String>,
    /// ECS' stopped reason.
    pub stopped_reason: Option<String>,
    /// Exit code of the essential container.
    pub exit_code: Option<i64>,
    /// Reason of a container.
    pub container_reason: Option<String>,
}

/// A stack that went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WentBack {
    /// Stack name.
    pub stack: String,
    /// Such as `release 3`.
    pub to: String,
}

/// The evidence of a failed release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dossier {
    /// Application.
    pub app: String,
    /// Environment.
    pub env: String,
    /// Release number.
    pub release: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// Workload that failed.
    pub workload: Option<String>,
    /// Stack that failed.
    pub stack: Option<String>,
    /// Probable cause in plain words.
    pub cause: String,
    /// Logical id of the resource that failed first.
    pub resource: Option<String>,
    /// Its reason.
    pub resource_reason: Option<String>,
    /// Tasks that stopped, newest first.
    pub stopped_tasks: Vec<StoppedTask>,
    /// Last log lines of the failing task.
    pub log: Vec<String>,
    /// Health of its targets.
    pub targets: Vec<TargetHealth>,
    /// Last events of the service.
    pub service_events: Vec<String>,
    /// What went back, and to what.
    pub went_back: Vec<WentBack>,
    /// `stack: reason` of what did not.
    pub not_back: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
}

fn stopped(task: &Task) -> StoppedTask {
    StoppedTask {
        id: task.id.clone(),
        task_definition: task.task_definition.clone(),
        stop_code: task.stop_code.clone(),
        stopped_reason: task.stopped_reason.clone(),
        exit_code: task.exit_code(),
        container_reason: task.containers.iter().find_map(|container| container.reason.clone()),
    }
}

/// Where to look for evidence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trail<'a> {
    /// The service that did not get going.
    pub(crate) service: Option<&'a ServiceRef>,
    /// Its deployment.
    pub(crate) deployment: Option<&'a str>,
    /// The task that failed, and its cluster.
    pub(crate) task: Option<(&'a str, &'a str)>,
    /// Log group.
    pub(crate) log_group: Option<&'a str>,
}

/// What is found before going back takes it away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    tasks: Vec<Task>,
    log: Vec<String>,
    service_events: Vec<String>,
}

impl Engine {
    /// Collects what can be found out; what cannot be read is left out, for the release's own
    /// failure matters more.
    pub(crate) async fn evidence(&self, trail: Trail<'_>) -> Evidence {
        let mut evidence = Evidence::default();
        if let Some(service) = trail.service
            && let Ok(Some(service)) = self.cloud.describe_service(service).await
        {
            let from = service.events.len().saturating_sub(EVENTS);
            evidence.service_events =
                service.events[from..].iter().map(|event| event.message.clone()).collect();
            let filter = TaskFilter {
                cluster: Some(service.cluster.clone()),
                group: Some(format!("service:{}", service.name)),
                started_by: trail.deployment.map(str::to_owned),
                stopped: true,
            };
            evidence.tasks = self.cloud.list_tasks(&filter).await.unwrap_or_default();
        }
        if let Some((cluster, id)) = trail.task
            && !evidence.tasks.iter().any(|task| task.id == id)
            && let Ok(Some(task)) = self.cloud.describe_task(cluster, id).await
        {
            evidence.tasks.insert(0, task);
        }
        // The failing task first; one that ended just now may have no lines in the log yet.
        let rank =
            |task: &&Task| (trail.task.is_none_or(|(_, id)| id != task.id), task.last_status != "STOPPED");
        let mut candidates: Vec<&Task> = evidence.tasks.iter().collect();
        candidates.sort_by_key(rank);
        if let Some(group) = trail.log_group {
            for task in candidates.iter().take(TASKS) {
                let query = LogQuery {
                    group: group.to_owned(),
                    stream_suffix: Some(format!("/{}", task.id)),
                    limit: Some(LINES),
                    ..LogQuery::default()
                };
                let page = self.cloud.logs(&query).await.unwrap_or_default();
                evidence.log = page.events.into_iter().map(|event| event.message).collect();
                if !evidence.log.is_empty() {
                    break;
                }
            }
        }
        evidence
    }

    /// Writes up a failure.
    pub(crate) async fn dossier(&self, run: &Run, failure: &Failure) -> Dossier {
        let Evidence { tasks, log, service_events } = match &failure.evidence {
            Some(evidence) => evidence.clone(),
            None => self.evidence(failure.trail()).await,
        };
        Dossier {
            app: run.app.clone(),
            env: run.env.clone(),
            release: run.number(),
            outcome: Outcome::Failed,
            workload: failure.workload.clone(),
            stack: failure.stack.clone(),
            cause: failure.cause.clone(),
            resource: failure.resource.as_ref().map(|(id, _)| id.clone()),
            resource_reason: failure.resource.as_ref().map(|(_, reason)| reason.clone()),
            stopped_tasks: tasks
                .iter()
                .filter(|task| task.last_status == "STOPPED")
                .take(TASKS)
                .map(stopped)
                .collect(),
            log,
            targets: tasks.iter().flat_map(|task| task.targets.clone()).take(TASKS).collect(),
            service_events,
            went_back: Vec::new(),
            not_back: Vec::new(),
            next: failure.next.clone(),
        }
    }
}

impl Dossier {
    /// Adds how it ended.
    pub(crate) fn complete(&mut self, outcome: Outcome, back: Back) {
        self.outcome = outcome;
        self.went_back = back.went;
        self.not_back = back.failed.into_iter().map(|(stack, reason)| format!("{stack}: {reason}")).collect();
        if outcome == Outcome::RolledBack {
            self.next.push("mend it and run `seaway up` again".to_owned());
        } else {
            self.next.push("run `seaway status`, then `seaway up` or `seaway rollback`".to_owned());
        }
    }

    /// Returns the dossier as text for people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let release = self.release.map_or(String::new(), |number| format!(", release {number}"));
        writeln!(out, "{} in {}{release}: {}", self.app, self.env, self.outcome.as_str())?;
        if let Some(workload) = &self.workload {
            writeln!(out, "Workload: {workload}")?;
        } else if let Some(stack) = &self.stack {
            writeln!(out, "Stack: {stack}")?;
        }
        writeln!(out, "Probable cause: {}", self.cause)?;
        if let Some(resource) = &self.resource {
            let reason = self.resource_reason.as_deref().unwrap_or_default();
            writeln!(out, "\nFirst failed resource: {resource}\n  {reason}")?;
        }
        if !self.stopped_tasks.is_empty() {
            writeln!(out, "\nStopped tasks:")?;
        }
        for task in &self.stopped_tasks {
            let code = task.exit_code.map_or(String::new(), |code| format!(", exit code {code}"));
            let reason = task.stopped_reason.as_deref().unwrap_or("no reason is known");
            writeln!(out, "  {} ({}): {reason}{code}", task.id, task.task_definition)?;
            if let Some(container) = task.container_reason.as_ref().filter(|container| *container != reason) {
                writeln!(out, "    {container}")?;
            }
        }
        if !self.targets.is_empty() {
            writeln!(out, "\nTarget health:")?;
        }
        for target in &self.targets {
            let why = target.description.as_deref().or(target.reason.as_deref()).unwrap_or_default();
            writeln!(out, "  {}: {} {why}", target.target_group, target.state)?;
        }
        section(out, "Last log lines of the failing task", &self.log)?;
        let mut events: Vec<String> = self.service_events.iter().map(|message| brief(message)).collect();
        events.dedup();
        section(out, "Last service events", &events)?;
        let back: Vec<String> =
            self.went_back.iter().map(|went| format!("{}: back to {}", went.stack, went.to)).collect();
        section(out, "What went back", &back)?;
        section(out, "What did not go back", &self.not_back)?;
        section(out, "Next", &self.next)
    }
}

fn section(out: &mut String, title: &str, lines: &[String]) -> std::fmt::Result {
    if !lines.is_empty() {
        writeln!(out, "\n{title}:")?;
    }
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
