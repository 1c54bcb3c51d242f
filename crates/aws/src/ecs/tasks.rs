//! The port's operations on tasks, schedules, logs and sessions.

use std::collections::HashMap;
use std::collections::HashSet;

use async_trait::async_trait;
use aws_sdk_ecs::types;
use futures::future::try_join;
use futures::future::try_join_all;
use indexmap::IndexMap;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecRequest;
use seaway_cloud::ExecSession;
use seaway_cloud::LogPage;
use seaway_cloud::LogQuery;
use seaway_cloud::Result;
use seaway_cloud::RunTask;
use seaway_cloud::Schedule;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_cloud::Tasks;

use super::names;
use super::task_view;
use crate::AwsCloud;
use crate::failure::failed;

/// `DescribeTasks` takes so many (ECS API reference).
const BATCH: usize = 100;

#[async_trait]
impl Tasks for AwsCloud {
    async fn run_task(&self, run: &RunTask) -> Result<Task> {
        self.start_task(run).await
    }

    async fn describe_task(&self, cluster: &str, id: &str) -> Result<Option<Task>> {
        let found = self.describe_tasks(cluster, &[id.to_owned()]).await?;
        Ok(self.with_targets(cluster, found).await?.into_iter().next())
    }

    async fn list_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        self.find_tasks(filter).await
    }

    async fn stop_task(&self, cluster: &str, id: &str, reason: &str) -> Result<()> {
        let request = self.ecs.stop_task().cluster(cluster).task(id).reason(names::reason(reason));
        request.send().await.map(drop).map_err(|error| failed(format!("stop task {id}"), error))
    }

    async fn list_schedules(&self, tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        self.schedules(tags).await
    }

    async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<()> {
        self.switch_schedule(name, enabled).await
    }

    async fn logs(&self, query: &LogQuery) -> Result<LogPage> {
        self.log_page(query).await
    }

    async fn exec(&self, request: &ExecRequest) -> Result<ExecSession> {
        self.open_session(request).await
    }
}

/// Which of ECS' filters narrows most; the rest is filtered here, for ECS takes only some together.
enum Narrow<'a> {
    Service(&'a str),
    Family(&'a str),
    StartedBy(&'a str),
    Nothing,
}

fn narrow(filter: &TaskFilter) -> Narrow<'_> {
    match (filter.group.as_deref().and_then(|group| group.split_once(':')), &filter.started_by) {
        (Some(("service", name)), _) => Narrow::Service(name),
        (Some(("family", name)), _) => Narrow::Family(name),
        (_, Some(by)) => Narrow::StartedBy(by),
        _ => Narrow::Nothing,
    }
}

fn matches(filter: &TaskFilter, task: &Task) -> bool {
    filter.group.as_ref().is_none_or(|group| task.group == *group)
        && filter.started_by.as_ref().is_none_or(|by| task.started_by == *by)
        && (filter.stopped || task.last_status != "STOPPED")
}

impl AwsCloud {
    /// See [`Tasks::list_tasks`].
    pub(super) async fn find_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        let cluster = filter.cluster.as_deref().unwrap_or("default");
        // A task that drains is listed as stopped, for that is what it is to be.
        let (running, stopped) = try_join(
            self.task_arns(cluster, filter, types::DesiredStatus::Running),
            self.task_arns(cluster, filter, types::DesiredStatus::Stopped),
        )
        .await?;
        let mut arns = running;
        arns.extend(stopped);
        let batches = arns.chunks(BATCH).map(|batch| self.describe_tasks(cluster, batch));
        let found = try_join_all(batches).await?.into_iter().flatten().collect();
        let mut tasks = self.with_targets(cluster, found).await?;
        tasks.retain(|task| matches(filter, task));
        tasks.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        tasks.dedup_by(|a, b| a.id == b.id);
        Ok(tasks)
    }

    async fn task_arns(
        &self,
        cluster: &str,
        filter: &TaskFilter,
        status: types::DesiredStatus,
    ) -> Result<Vec<String>> {
        let request = self.ecs.list_tasks().cluster(cluster);
        let request = match narrow(filter) {
            Narrow::Service(name) => request.service_name(name).desired_status(status),
            Narrow::Family(name) => request.family(name).desired_status(status),
            Narrow::StartedBy(by) => request.started_by(by).desired_status(status),
            Narrow::Nothing => request.desired_status(status),
        };
        let mut arns = Vec::new();
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            match page.map_err(|error| failed(format!("list the tasks of cluster {cluster}"), error)) {
                Ok(page) => arns.extend(page.task_arns.unwrap_or_default()),
                // A cluster or service that is not there has no tasks.
                Err(error) if error.kind == ErrorKind::NotFound => return Ok(arns),
                Err(error) => return Err(error),
            }
        }
        Ok(arns)
    }

    async fn describe_tasks(&self, cluster: &str, ids: &[String]) -> Result<Vec<types::Task>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let operation = || format!("describe tasks of cluster {cluster}");
        let request = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(ids.to_vec()));
        let answer = match request.send().await.map_err(|error| failed(operation(), error)) {
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(Vec::new()),
            answer => answer?,
        };
        if let Some(failure) = answer.failures().iter().find(|one| one.reason() != Some("MISSING")) {
            let reason = failure.reason().or(failure.detail()).unwrap_or("ECS gave no reason");
            return Err(CloudError::new(ErrorKind::Internal, operation(), reason));
        }
        Ok(answer.tasks.unwrap_or_default())
    }

    /// Returns the tasks in the port's words, with their health as targets: the services' target
    /// groups, matched by the tasks' addresses.
    pub(super) async fn with_targets(&self, cluster: &str, found: Vec<types::Task>) -> Result<Vec<Task>> {
        let revisions: HashSet<&str> = found.iter().filter_map(types::Task::task_definition_arn).collect();
        let definitions = try_join_all(revisions.into_iter().map(|arn| async move {
            // A revision that was deleted since tells nothing; its tasks are still worth showing.
            let known = self.definition(arn).await;
            match known {
                Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Validation) => {
                    Ok((arn.to_owned(), super::Definition::default()))
                }
                known => known.map(|known| (arn.to_owned(), known)),
            }
        }))
        .await?;
        let definitions: HashMap<String, super::Definition> = definitions.into_iter().collect();
        // Tasks that are through are in no target group any more.
        let live = |task: &&types::Task| task.last_status() != Some("STOPPED");
        let services: HashSet<&str> =
            found.iter().filter(live).filter_map(|task| task.group()?.strip_prefix("service:")).collect();
        let groups = try_join_all(services.into_iter().map(|name| self.target_groups(cluster, name))).await?;
        let mut groups: Vec<String> = groups.into_iter().flatten().collect();
        groups.sort();
        groups.dedup();
        let targets = self.targets(&groups).await?;
        let none = super::Definition::default();
        Ok(found
            .iter()
            .map(|raw| {
                let definition =
                    raw.task_definition_arn().and_then(|arn| definitions.get(arn)).unwrap_or(&none);
                let mut task = task_view::task(raw, definition);
                let addresses = task_view::addresses(raw);
                if live(&raw) && task.group.starts_with("service:") {
                    let own = targets.iter().filter(|target| addresses.contains(&target.id));
                    task.targets = own.map(|target| target.health.clone()).collect();
                }
                task
            })
            .collect())
    }

    async fn target_groups(&self, cluster: &str, service: &str) -> Result<Vec<String>> {
        let key = format!("{cluster}/{service}");
        let known = self.memory().target_groups.get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        self.find_service(cluster, service).await?;
        Ok(self.memory().target_groups.get(&key).cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_filter_for_ecs() {
        let filter = |group: Option<&str>, by: Option<&str>| TaskFilter {
            group: group.map(str::to_owned),
            started_by: by.map(str::to_owned),
            ..TaskFilter::default()
        };
        assert!(matches!(narrow(&filter(Some("service:web"), Some("x"))), Narrow::Service("web")));
        assert!(matches!(narrow(&filter(Some("family:job"), None)), Narrow::Family("job")));
        assert!(matches!(narrow(&filter(None, Some("x"))), Narrow::StartedBy("x")));
        assert!(matches!(narrow(&filter(Some("odd"), None)), Narrow::Nothing));
    }
}
