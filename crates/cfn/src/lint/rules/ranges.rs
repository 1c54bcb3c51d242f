//! Ranges and orders of numbers that schemas lack.

use super::super::codes;
use super::super::codes::Code;
use super::super::linter::Linter;
use super::select::each;
use super::select::report;
use super::select::values;
use crate::source::Node;

/// Type, path, smallest and largest value (API references of the services).
const RANGES: &[(&str, &str, f64, f64)] = &[
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.StopTimeout", 0.0, 120.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.StartTimeout", 2.0, 120.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.HealthCheck.Interval", 5.0, 300.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.HealthCheck.Timeout", 2.0, 60.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.HealthCheck.Retries", 1.0, 10.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.HealthCheck.StartPeriod", 0.0, 300.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.RestartPolicy.RestartAttemptPeriod", 60.0, 1800.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.PortMappings.ContainerPort", 0.0, 65535.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.PortMappings.HostPort", 0.0, 65535.0),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions.LinuxParameters.Swappiness", 0.0, 100.0),
    ("AWS::ECS::TaskDefinition", "EphemeralStorage.SizeInGiB", 20.0, 200.0),
    ("AWS::ECS::Service", "DeploymentConfiguration.MinimumHealthyPercent", 0.0, 200.0),
    ("AWS::ECS::Service", "DeploymentConfiguration.MaximumPercent", 100.0, 200_000.0),
    ("AWS::ECS::Service", "DesiredCount", 0.0, 5000.0),
    ("AWS::ECS::Service", "LoadBalancers.ContainerPort", 0.0, 65535.0),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckIntervalSeconds", 5.0, 300.0),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckTimeoutSeconds", 2.0, 120.0),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthyThresholdCount", 2.0, 10.0),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "UnhealthyThresholdCount", 2.0, 10.0),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port", 1.0, 65535.0),
    ("AWS::ElasticLoadBalancingV2::Listener", "Port", 1.0, 65535.0),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Priority", 1.0, 50000.0),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MinCapacity", 0.0, 1e9),
    ("AWS::Lambda::Function", "Timeout", 1.0, 900.0),
    ("AWS::RDS::DBInstance", "BackupRetentionPeriod", 0.0, 35.0),
    ("AWS::RDS::DBCluster", "BackupRetentionPeriod", 1.0, 35.0),
    ("AWS::EC2::SecurityGroupIngress", "FromPort", -1.0, 65535.0),
    ("AWS::EC2::SecurityGroupIngress", "ToPort", -1.0, 65535.0),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.ToPort", -1.0, 65535.0),
];

/// Type, path of the smaller and of the larger value.
const ORDERS: &[(&str, &str, &str)] = &[
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MinCapacity", "MaxCapacity"),
    ("AWS::AutoScaling::AutoScalingGroup", "MinSize", "MaxSize"),
    (
        "AWS::RDS::DBCluster",
        "ServerlessV2ScalingConfiguration.MinCapacity",
        "ServerlessV2ScalingConfiguration.MaxCapacity",
    ),
    ("AWS::RDS::DBInstance", "AllocatedStorage", "MaxAllocatedStorage"),
    ("AWS::CloudWatch::Alarm", "DatapointsToAlarm", "EvaluationPeriods"),
];

/// Log groups take these days only (PutRetentionPolicy).
const RETENTION: [i64; 23] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    0,
];

pub(super) fn check(linter: &mut Linter<'_>) {
    for resource in linter.model.all() {
        for (_, path, minimum, maximum) in RANGES.iter().filter(|row| row.0 == resource.kind) {
            for node in values(&resource, path) {
                let Some(number) = node.as_f64() else { continue };
                if !(*minimum..=*maximum).contains(&number) {
                    let name = path.rsplit('.').next().unwrap_or(path);
                    let message = format!("`{name}` is {number}: {minimum} to {maximum} is allowed");
                    report(linter, code(path), &resource, Some(node), message);
                }
            }
        }
        for (_, small, large) in ORDERS.iter().filter(|row| row.0 == resource.kind) {
            // Of several branches of `Fn::If` the kindest pair counts.
            let numbers = |path| values(&resource, path).into_iter().filter_map(Node::as_f64);
            let smaller = numbers(small).min_by(f64::total_cmp);
            let larger = numbers(large).max_by(f64::total_cmp);
            if let (Some(smaller), Some(larger)) = (smaller, larger)
                && smaller > larger
            {
                let message = format!("`{small}` is {smaller}, above `{large}`, which is {larger}");
                report(linter, &codes::BOUNDS, &resource, resource.get(small), message);
            }
        }
        if resource.kind == "AWS::Logs::LogGroup"
            && let Some(node) = resource.get("RetentionInDays")
            && node.as_i64().is_some_and(|days| !RETENTION.contains(&days))
            && resource.schema.is_none_or(|schema| schema.properties["RetentionInDays"].values.is_empty())
        {
            let message = format!("CloudWatch Logs cannot keep {} days", node.scalar().unwrap_or_default());
            report(linter, &codes::VALUE, &resource, Some(node), message);
        }
        for container in values(&resource, "ContainerDefinitions") {
            let number = |path| each(Some(container), path).first().and_then(|node| node.as_f64());
            if let (Some(timeout), Some(interval)) =
                (number("HealthCheck.Timeout"), number("HealthCheck.Interval"))
                && timeout > interval
            {
                let message =
                    format!("the timeout of {timeout} s is longer than the interval of {interval} s");
                report(linter, &codes::HEALTH_CHECK, &resource, container.at("HealthCheck.Timeout"), message);
            }
        }
    }
}

fn code(path: &str) -> &'static Code {
    if path.starts_with("ContainerDefinitions") { &codes::CONTAINER } else { &codes::RANGE }
}
