//! `AWS::Scheduler::Schedule`: properties to a [`ScheduleRecord`].

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use super::expression::Expression;
use super::ids;
use super::inner::Inner;
use super::inner::Part;
use super::lenient;
use super::realise::live;
use super::realise::text;
use super::state::ContainerOverride;
use super::state::ScheduleRecord;
use super::task_definition;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::ResourceContext;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Properties {
    schedule_expression: String,
    schedule_expression_timezone: Option<String>,
    state: Option<String>,
    start_date: Option<Timestamp>,
    end_date: Option<Timestamp>,
    target: Target,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Target {
    arn: String,
    input: Option<String>,
    ecs_parameters: EcsParameters,
    retry_policy: RetryPolicy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EcsParameters {
    task_definition_arn: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RetryPolicy {
    #[serde(deserialize_with = "lenient::number")]
    maximum_retry_attempts: Option<u32>,
}

/// `Input` of an ECS target: the `overrides` of RunTask.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    container_overrides: Vec<InputOverride>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InputOverride {
    name: String,
    command: Option<Vec<String>>,
    environment: Vec<InputPair>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct InputPair {
    name: String,
    value: String,
}

fn schedule_name(context: &ResourceContext, properties: &Value) -> String {
    // A schedule's name has at most 64 characters.
    text(properties, "Name").map_or_else(
        || ids::derived_name(&context.stack, &context.logical_id, &context.token, 64),
        ToOwned::to_owned,
    )
}

fn enabled(properties: &Value) -> bool {
    text(properties, "State") != Some("DISABLED")
}

/// Creates or updates a schedule. What was switched on or off outside of the template stays until
/// the template's own `State` changes.
pub(super) fn put(
    inner: &Inner,
    context: &ResourceContext,
    old: Option<&Value>,
    new: &Value,
) -> Result<Physical, Failure> {
    let invalid = |text: String| {
        Failure(format!("Resource handler returned message: \"Invalid request provided: {text}\""))
    };
    let properties = Properties::deserialize(new).map_err(|error| invalid(error.to_string()))?;
    Expression::parse(&properties.schedule_expression).map_err(&invalid)?;
    let timezone = properties.schedule_expression_timezone.unwrap_or_else(|| "UTC".to_owned());
    TimeZone::get(&timezone).map_err(|_| invalid(format!("{timezone} is no time zone")))?;
    if properties.state.as_deref().is_some_and(|state| state != "ENABLED" && state != "DISABLED") {
        return Err(invalid("State is ENABLED or DISABLED".to_owned()));
    }
    let input: Input = match &properties.target.input {
        Some(input) if !input.trim().is_empty() => {
            serde_json::from_str(input).map_err(|error| invalid(format!("Target.Input: {error}")))?
        }
        _ => Input::default(),
    };
    let overrides: IndexMap<String, ContainerOverride> = input
        .container_overrides
        .into_iter()
        .map(|one| {
            let environment = one.environment.into_iter().map(|pair| (pair.name, pair.value)).collect();
            (one.name, ContainerOverride { command: one.command, environment })
        })
        .collect();
    let definition =
        task_definition::short_name(&properties.target.ecs_parameters.task_definition_arn).to_owned();
    let name = schedule_name(context, new);
    let now = Timestamp::now();
    inner
        .change(Part::Schedules, |state| {
            let found = state
                .definitions
                .revisions
                .get(&definition)
                .ok_or_else(|| format!("Unable to find task definition: {definition}"))?;
            let no_overlap = found
                .parse()
                .unwrap_or_default()
                .container_definitions
                .iter()
                .any(|one| one.docker_labels.get("seaway.overlap").map(String::as_str) == Some("false"));
            let before = state.schedules.get(&name);
            let same_state = old.is_none_or(|old| enabled(old) == enabled(new));
            let same_expression =
                before.is_some_and(|before| before.expression == properties.schedule_expression);
            let record = ScheduleRecord {
                name: name.clone(),
                stack: context.stack.clone(),
                tags: context.tags.clone(),
                enabled: before.filter(|_| same_state).map_or(enabled(new), |before| before.enabled),
                created: before.filter(|_| same_expression).map_or(now, |before| before.created),
                last_fired: before.and_then(|before| before.last_fired),
                last_task: before.and_then(|before| before.last_task.clone()),
                expression: properties.schedule_expression,
                timezone,
                cluster: ids::last_part(&properties.target.arn).to_owned(),
                definition,
                overrides,
                retries: properties.target.retry_policy.maximum_retry_attempts.unwrap_or(185),
                no_overlap,
                start: properties.start_date,
                end: properties.end_date,
            };
            state.schedules.insert(name.clone(), record);
            Ok(())
        })
        .map_err(invalid)?;
    let arn = format!("arn:aws:scheduler:local:000000000000:schedule/default/{name}");
    Ok(live(name, &[("Arn", arn)]))
}

/// Removes a schedule; a task that it started goes on.
pub(super) fn delete(inner: &Inner, context: &ResourceContext, id: &str, properties: &Value) {
    let name = if id.is_empty() { schedule_name(context, properties) } else { id.to_owned() };
    inner.change(Part::Schedules, |state| {
        state.schedules.remove(&name);
    });
}
