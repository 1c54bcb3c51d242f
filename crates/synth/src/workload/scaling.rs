//! Scaling of a service by the metrics of its resources (`Scaling` under `Services`): a target, and
//! for each resource a policy with steps and the alarm that triggers it.

use indexmap::IndexMap;
use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_kinds::Steps;
use seaway_model::Kind;

use super::service::SERVICE;
use super::stack::Parts;
use crate::builder::Builder;
use crate::resources::Resources;

/// Logical id of the target.
const TARGET: &str = "ScalableTarget";

/// Adds target, policies and alarms.
pub(super) fn synth(parts: &Parts<'_, '_>, resources: &Resources<'_>, builder: &mut Builder) {
    let Kind::Service(service) = &parts.workload.kind else { return };
    let least = service.replicas;
    let mut most = service.replicas;
    let mut steps_of: Vec<(String, Steps, IndexMap<String, Value>)> = Vec::new();
    for placed in resources.of_workload(&parts.workload.name) {
        let Some(edge) = placed.resource.services.get(&parts.workload.name) else { continue };
        let Some(steps) = edge.scaling.as_ref().and_then(Steps::read) else { continue };
        let Some(metric) = placed.kind.metric(placed.resource) else { continue };
        let mut alarm = metric.alarm;
        if let Some((dimension, attribute)) = metric.dimension {
            let value = placed.attribute(builder, attribute);
            let entry = Value::map([("Name", Value::from(dimension)), ("Value", value)]);
            alarm.insert("Dimensions".to_owned(), Value::list([entry]));
        }
        most = most.max(steps.most());
        steps_of.push((placed.id().to_owned(), steps, alarm));
    }
    if steps_of.is_empty() {
        return;
    }
    let cluster = parts.context.platform_output(builder, "ClusterName", "String", "The cluster");
    let name = Value::get_att(SERVICE, "Name");
    let path = vec![Value::from("service"), cluster, name];
    builder.resource(
        TARGET,
        Resource::new("AWS::ApplicationAutoScaling::ScalableTarget")
            .with("ServiceNamespace", "ecs")
            .with("ScalableDimension", "ecs:service:DesiredCount")
            .with(
                "ResourceId",
                Value::from(seaway_cfn::Intrinsic::Join {
                    delimiter: "/".to_owned(),
                    values: Value::List(path),
                }),
            )
            .with("MinCapacity", least)
            .with("MaxCapacity", most),
    );
    for (id, steps, alarm) in steps_of {
        add(parts, &id, &steps, least, alarm, builder);
    }
}

fn add(
    parts: &Parts<'_, '_>,
    id: &str,
    steps: &Steps,
    least: u32,
    alarm: IndexMap<String, Value>,
    builder: &mut Builder,
) {
    let policy = |adjustments: Vec<Value>, cooldown: u32| {
        Resource::new("AWS::ApplicationAutoScaling::ScalingPolicy")
            .with("PolicyType", "StepScaling")
            .with("ScalingTargetId", Value::reference(TARGET))
            .with(
                "StepScalingPolicyConfiguration",
                Value::map([
                    ("AdjustmentType", Value::from("ExactCapacity")),
                    ("Cooldown", Value::from(cooldown)),
                    ("MetricAggregationType", Value::from("Maximum")),
                    ("StepAdjustments", Value::List(adjustments)),
                ]),
            )
    };
    let first = steps.first();
    // Bounds of steps count from the threshold of the alarm.
    let out = steps
        .steps
        .iter()
        .map(|step| {
            Value::map([
                ("MetricIntervalLowerBound", Value::Int(step.lower.max(first) - first)),
                (
                    "MetricIntervalUpperBound",
                    step.upper.map_or(Value::Null, |upper| Value::Int(upper - first)),
                ),
                ("ScalingAdjustment", Value::from(step.count)),
            ])
        })
        .collect();
    let back = vec![Value::map([
        ("MetricIntervalUpperBound", Value::Int(0)),
        ("ScalingAdjustment", Value::from(least)),
    ])];
    builder.resource(
        format!("{id}ScaleOut"),
        policy(out, steps.out_cooldown).with("PolicyName", format!("{}-{id}-out", parts.stack)),
    );
    builder.resource(
        format!("{id}ScaleIn"),
        policy(back, steps.in_cooldown).with("PolicyName", format!("{}-{id}-in", parts.stack)),
    );
    let mut resource = Resource::new("AWS::CloudWatch::Alarm").with(
        "AlarmDescription",
        format!("Scales {} of {}", parts.workload.name, parts.context.names.of_what()),
    );
    resource.properties.extend(alarm);
    // At the threshold itself the first step holds; below it, what runs without load.
    resource = resource
        .with("Threshold", first.max(1))
        .with("AlarmActions", Value::list([Value::reference(format!("{id}ScaleOut"))]))
        .with("OKActions", Value::list([Value::reference(format!("{id}ScaleIn"))]))
        .with("Tags", parts.tags.clone());
    builder.resource(format!("{id}ScaleAlarm"), resource);
}
