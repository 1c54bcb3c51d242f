//! The schedule of a job.

use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_model::Job;

use super::policy::allow_if;
use super::policy::inline;
use super::policy::own_arn;
use super::policy::own_arn_text;
use super::policy::trust;
use super::roles::EXECUTION_ROLE;
use super::roles::TASK_ROLE;
use super::security::Network;
use super::stack::Parts;
use super::task_definition::TASK_DEFINITION;
use crate::builder::Builder;

/// Logical id of the schedule.
pub(super) const SCHEDULE: &str = "Schedule";
/// Logical id of the role of the scheduler.
const SCHEDULER_ROLE: &str = "SchedulerRole";
/// Seconds for which a run that cannot be started is tried again.
const EVENT_AGE: u32 = 3_600;
/// Adds schedule and role; a job without a schedule has neither.
pub(super) fn synth(parts: &Parts<'_, '_>, job: &Job, network: &Network, builder: &mut Builder) {
    let Some(expression) = &job.schedule else { return };
    let context = parts.context;
    let cluster = context.platform_output(builder, "ClusterArn", "String", "ARN of the cluster");
    let role = role(parts, &cluster, builder);
    builder.resource(SCHEDULER_ROLE, role);
    let ecs = Value::map([
        ("TaskDefinitionArn", Value::reference(TASK_DEFINITION)),
        ("TaskCount", Value::from(1_u32)),
        ("CapacityProviderStrategy", context.capacity()),
        ("NetworkConfiguration", network.configuration()),
        ("EnableECSManagedTags", Value::from(true)),
        ("PropagateTags", Value::from("TASK_DEFINITION")),
    ]);
    let retry = Value::map([
        ("MaximumRetryAttempts", Value::from(job.retries)),
        ("MaximumEventAgeInSeconds", Value::from(EVENT_AGE)),
    ]);
    let target = Value::map([
        ("Arn", cluster),
        ("RoleArn", Value::get_att(SCHEDULER_ROLE, "Arn")),
        ("EcsParameters", ecs),
        ("RetryPolicy", retry),
    ]);
    builder.resource(
        SCHEDULE,
        Resource::new("AWS::Scheduler::Schedule")
            .with("Description", format!("Runs {} of {}", parts.workload.name, context.names.of_what()))
            .with("ScheduleExpression", expression.as_str())
            .with("ScheduleExpressionTimezone", job.timezone.as_str())
            .with("FlexibleTimeWindow", Value::map([("Mode", Value::from("OFF"))]))
            .with("State", "ENABLED")
            .with("Target", target),
    );
    builder.output("ScheduleName", Value::reference(SCHEDULE), "The schedule");
}

fn role(parts: &Parts<'_, '_>, cluster: &Value, builder: &mut Builder) -> Resource {
    let context = parts.context;
    // The text of the statement on tags refers to it by name.
    context.platform_output(builder, "ClusterName", "String", "The cluster");
    let on_cluster = Value::map([("ArnEquals", Value::map([("ecs:cluster", cluster.clone())]))]);
    let family = own_arn("ecs", &format!("task-definition/{}:*", parts.stack));
    let passed_to = Value::map([(
        "StringEquals",
        Value::map([("iam:PassedToService", Value::from("ecs-tasks.amazonaws.com"))]),
    )]);
    let created_by =
        Value::map([("StringEquals", Value::map([("ecs:CreateAction", Value::from("RunTask"))]))]);
    let statements = vec![
        allow_if(&["ecs:RunTask"], vec![family], on_cluster),
        allow_if(&["ecs:TagResource"], vec![own_arn("ecs", "task/${ClusterName}/*")], created_by),
        allow_if(
            &["iam:PassRole"],
            vec![Value::get_att(EXECUTION_ROLE, "Arn"), Value::get_att(TASK_ROLE, "Arn")],
            passed_to,
        ),
    ];
    Resource::new("AWS::IAM::Role")
        .with("Description", format!("Starts {} of {}", parts.workload.name, context.names.of_what()))
        .with(
            "AssumeRolePolicyDocument",
            trust("scheduler.amazonaws.com", &own_arn_text("scheduler", "schedule-group/default")),
        )
        .with("Policies", Value::list([inline("run", statements)]))
        .with("Tags", parts.tags.clone())
}
