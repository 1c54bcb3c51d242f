//! Schedules of EventBridge Scheduler.

use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types;
use futures::future::try_join_all;
use indexmap::IndexMap;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::Schedule;
use seaway_cloud::Stacks;
use seaway_cloud::TaskFilter;
use seaway_cloud::Tasks;

use crate::AwsCloud;
use crate::ecs::short_definition;
use crate::failure::failed;

/// Begins `startedBy` of the tasks that Scheduler runs.
const STARTED_BY: &str = "chronos-schedule/";

/// Returns group and name: `Ref` of a schedule is its name, and those of a group of their own are
/// written `group/name`.
fn group_and_name(reference: &str) -> (Option<&str>, &str) {
    let rest = reference.split_once(":schedule/").map_or(reference, |(_, rest)| rest);
    match rest.split_once('/') {
        Some((group, name)) => (Some(group), name),
        None => (None, rest),
    }
}

fn schedule(stack: &str, reference: &str, found: &GetScheduleOutput, last_task: Option<String>) -> Schedule {
    let definition = found.target().and_then(types::Target::ecs_parameters);
    Schedule {
        name: reference.to_owned(),
        stack: stack.to_owned(),
        expression: found.schedule_expression().unwrap_or_default().to_owned(),
        timezone: found.schedule_expression_timezone().unwrap_or("UTC").to_owned(),
        enabled: found.state() != Some(&types::ScheduleState::Disabled),
        task_definition: definition
            .map(|one| short_definition(one.task_definition_arn()).to_owned())
            .unwrap_or_default(),
        // Scheduler does not tell.
        next: None,
        last_task,
    }
}

impl AwsCloud {
    pub(crate) async fn schedules(&self, tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        let stacks = self.list_stacks(tags).await?;
        let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
        let resources = try_join_all(names.iter().map(|name| self.stack_resources(name))).await?;
        let of_schedules = names.into_iter().zip(resources).flat_map(|(stack, all)| {
            all.into_iter()
                .filter(|one| one.resource_type == "AWS::Scheduler::Schedule")
                .filter_map(move |one| Some((stack, one.physical_id?)))
        });
        let all = try_join_all(of_schedules.map(|(stack, reference)| async move {
            let Some(found) = self.get_schedule(&reference).await? else { return Ok(None) };
            let last = self.last_task(&found).await?;
            Ok::<_, seaway_cloud::CloudError>(Some(schedule(stack, &reference, &found, last)))
        }))
        .await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn get_schedule(&self, reference: &str) -> Result<Option<GetScheduleOutput>> {
        let (group, name) = group_and_name(reference);
        let request = self.scheduler.get_schedule().name(name).set_group_name(group.map(str::to_owned));
        match request.send().await.map_err(|error| failed(format!("read schedule {name}"), error)) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// ECS remembers a task for an hour after its end; what ran before is not known.
    async fn last_task(&self, found: &GetScheduleOutput) -> Result<Option<String>> {
        let Some(target) = found.target() else { return Ok(None) };
        let Some(parameters) = target.ecs_parameters() else { return Ok(None) };
        let family = short_definition(parameters.task_definition_arn());
        let family = family.split(':').next().unwrap_or(family);
        let filter = TaskFilter {
            cluster: Some(target.arn().to_owned()),
            group: Some(format!("family:{family}")),
            started_by: None,
            stopped: true,
        };
        let tasks = self.list_tasks(&filter).await?;
        let by_schedule = tasks.into_iter().find(|task| task.started_by.starts_with(STARTED_BY));
        Ok(by_schedule.map(|task| task.id))
    }

    pub(crate) async fn switch_schedule(&self, reference: &str, enabled: bool) -> Result<()> {
        let (_, name) = group_and_name(reference);
        let operation = format!("switch schedule {name} {}", if enabled { "on" } else { "off" });
        let Some(found) = self.get_schedule(reference).await? else {
            return Err(seaway_cloud::CloudError::new(
                ErrorKind::NotFound,
                operation,
                "there is none of that name",
            ));
        };
        let state = if enabled { types::ScheduleState::Enabled } else { types::ScheduleState::Disabled };
        if found.state() == Some(&state) {
            return Ok(());
        }
        // UpdateSchedule replaces the whole schedule: what is not sent goes back to its default.
        let request = self
            .scheduler
            .update_schedule()
            .set_name(found.name)
            .set_group_name(found.group_name)
            .set_schedule_expression(found.schedule_expression)
            .set_schedule_expression_timezone(found.schedule_expression_timezone)
            .set_start_date(found.start_date)
            .set_end_date(found.end_date)
            .set_description(found.description)
            .set_kms_key_arn(found.kms_key_arn)
            .set_target(found.target)
            .set_flexible_time_window(found.flexible_time_window)
            .set_action_after_completion(found.action_after_completion)
            .state(state);
        request.send().await.map(drop).map_err(|error| failed(operation, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(group_and_name("nightly"), (None, "nightly"));
        assert_eq!(group_and_name("shop/nightly"), (Some("shop"), "nightly"));
        let arn = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/nightly";
        assert_eq!(group_and_name(arn), (Some("default"), "nightly"));
    }
}
