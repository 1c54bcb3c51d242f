//! Elastic Load Balancing: target groups and the health of their targets.

use serde_json::Value as Json;
use serde_json::json;

use super::TargetGroup;
use crate::fake_aws::behaviour::Containers;
use crate::fake_aws::ecs::Task;
use crate::fake_aws::ecs::int;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::world::World;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "DescribeTargetHealth" => target_health(world, call),
        "DescribeTargetGroups" => target_groups(world, call),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

fn not_found() -> Failure {
    Failure::new("TargetGroupNotFound", "One or more target groups not found")
}

fn target_groups(world: &World, call: &Call) -> Result<Json, Failure> {
    let (arns, names) = (call.texts("TargetGroupArns"), call.texts("Names"));
    let all = &world.around.target_groups;
    let known = arns.iter().all(|arn| all.contains_key(arn))
        && names.iter().all(|name| all.values().any(|group| group.name == *name));
    if !known {
        return Err(not_found());
    }
    let wanted = |group: &&TargetGroup| {
        (arns.is_empty() || arns.contains(&group.arn)) && (names.is_empty() || names.contains(&group.name))
    };
    let shown: Vec<Json> = all.values().filter(wanted).map(show).collect();
    Ok(json!({"TargetGroups": shown}))
}

fn show(group: &TargetGroup) -> Json {
    let of = |name: &str| &group.properties[name];
    let text = |name: &str, default: &str| of(name).as_str().unwrap_or(default).to_owned();
    let number = |name: &str, default: u64| int(of(name)).unwrap_or(default);
    let matcher = of("Matcher")["HttpCode"].as_str().unwrap_or("200");
    json!({
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": text("Protocol", "HTTP"),
        "Port": number("Port", 80),
        "VpcId": text("VpcId", "vpc-0"),
        "HealthCheckProtocol": text("HealthCheckProtocol", "HTTP"),
        "HealthCheckPort": text("HealthCheckPort", "traffic-port"),
        "HealthCheckEnabled": true,
        "HealthCheckIntervalSeconds": number("HealthCheckIntervalSeconds", 30),
        "HealthCheckTimeoutSeconds": number("HealthCheckTimeoutSeconds", 5),
        "HealthyThresholdCount": number("HealthyThresholdCount", 5),
        "UnhealthyThresholdCount": number("UnhealthyThresholdCount", 2),
        "HealthCheckPath": text("HealthCheckPath", "/"),
        "Matcher": {"HttpCode": matcher},
        "LoadBalancerArns": [],
        "TargetType": text("TargetType", "ip"),
        "ProtocolVersion": text("ProtocolVersion", "HTTP1"),
        "IpAddressType": "ipv4",
    })
}

fn target_health(world: &World, call: &Call) -> Result<Json, Failure> {
    let arn = call.text("TargetGroupArn").unwrap_or_default();
    let group = world.around.target_groups.get(&arn).ok_or_else(not_found)?;
    let mut shown = Vec::new();
    for service in world.ecs.services.values() {
        let balancers = service.properties["LoadBalancers"].as_array();
        let found =
            balancers.into_iter().flatten().find(|item| item["TargetGroupArn"].as_str() == Some(&arn));
        let Some(found) = found else { continue };
        let port = int(&found["ContainerPort"]).unwrap_or(80);
        let running = |task: &&Task| {
            task.service.as_deref() == Some(service.arn.as_str())
                && task.started_at.is_some()
                && task.stopped_at.is_none()
        };
        for task in world.ecs.tasks.values().filter(running) {
            shown.push(json!({
                "Target": {"Id": task.address, "Port": port, "AvailabilityZone": format!("{}a", world.scenario.region)},
                "HealthCheckPort": port.to_string(),
                "TargetHealth": health(group, task),
            }));
        }
    }
    Ok(json!({"TargetHealthDescriptions": shown}))
}

fn health(group: &TargetGroup, task: &Task) -> Json {
    let codes = group.properties["Matcher"]["HttpCode"].as_str().unwrap_or("200");
    if task.desired_status == "STOPPED" {
        let text = "Target deregistration is in progress";
        return json!({"State": "draining", "Reason": "Target.DeregistrationInProgress", "Description": text});
    }
    match task.rule.behaviour {
        _ if task.ready => json!({"State": "healthy"}),
        Containers::NeverHealthy => json!({
            "State": "unhealthy",
            "Reason": "Target.ResponseCodeMismatch",
            "Description": format!("Health checks failed with these codes: [503], wanted {codes}"),
        }),
        _ => json!({
            "State": "initial",
            "Reason": "Elb.RegistrationInProgress",
            "Description": "Target registration is in progress",
        }),
    }
}
