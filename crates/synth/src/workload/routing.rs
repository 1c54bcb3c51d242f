//! Target groups and listener rules.

use indexmap::IndexMap;
use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_model::Route;
use seaway_model::Service;
use sha2::Digest;
use sha2::Sha256;

use super::stack::Parts;
use crate::builder::Builder;
use crate::platform::attribute_list;

/// What of the routing the ECS service needs.
pub(super) struct Attachments {
    /// `LoadBalancers` of the service.
    pub(super) load_balancers: Vec<Value>,
    /// Logical ids of the rules: without one, a target group has no load balancer and ECS refuses it.
    pub(super) rules: Vec<String>,
}

/// Adds target groups and rules of a service. Routes that differ in host and path only share a
/// target group.
pub(super) fn synth(parts: &Parts<'_, '_>, service: &Service, builder: &mut Builder) -> Attachments {
    let mut groups: IndexMap<String, &Route> = IndexMap::new();
    let mut attachments = Attachments { load_balancers: Vec::new(), rules: Vec::new() };
    for route in &service.routes {
        let id = match groups.iter().find(|(_, other)| shares_group(other, route)) {
            Some((id, _)) => id.clone(),
            None => {
                let plain = format!("TargetGroup{}", route.port);
                // The first group of a port keeps the plain id, so that tuning it replaces nothing.
                let id = if groups.contains_key(&plain) {
                    format!("{plain}{}", settings_digest(route))
                } else {
                    plain
                };
                let vpc = vpc_of(parts, builder);
                builder.resource(id.clone(), target_group(parts, route, vpc));
                attachments.load_balancers.push(Value::map([
                    ("ContainerName", Value::from(route.container.as_str())),
                    ("ContainerPort", Value::from(route.port)),
                    ("TargetGroupArn", Value::reference(id.clone())),
                ]));
                groups.insert(id.clone(), route);
                id
            }
        };
        let rule_id = format!(
            "Rule{}",
            digest(&format!("{}\n{}", route.host.as_deref().unwrap_or_default(), route.path))
        );
        let listener = parts.context.platform_output(builder, "ListenerArn", "String", "The HTTP listener");
        builder.resource(rule_id.clone(), rule(route, &id, listener));
        attachments.rules.push(rule_id);
    }
    if let Some(route) = service.routes.iter().find(|route| route.host.is_none()).or(service.routes.first()) {
        let url = match &route.host {
            Some(host) if !host.contains(['*', '?']) => Value::from(format!("http://{host}")),
            _ => parts.context.platform_output(builder, "Url", "String", "Public address of the environment"),
        };
        builder.output("Url", url, "Public address, without path");
    }
    attachments
}

fn vpc_of(parts: &Parts<'_, '_>, builder: &mut Builder) -> Value {
    parts.context.network_output(builder, "VpcId", "AWS::EC2::VPC::Id", "The VPC")
}

fn shares_group(a: &Route, b: &Route) -> bool {
    (a.port, &a.container, &a.protocol, &a.health, a.stickiness, a.deregistration_delay)
        == (b.port, &b.container, &b.protocol, &b.health, b.stickiness, b.deregistration_delay)
}

fn digest(text: &str) -> String {
    let mut digest = hex::encode(Sha256::digest(text.as_bytes()));
    digest.truncate(12);
    digest
}

fn settings_digest(route: &Route) -> String {
    let health = &route.health;
    digest(&format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{:?}\n{}",
        route.protocol,
        health.path,
        health.interval,
        health.timeout,
        health.healthy,
        health.unhealthy,
        health.matcher,
        route.stickiness,
        route.deregistration_delay
    ))
}

fn target_group(parts: &Parts<'_, '_>, route: &Route, vpc: Value) -> Resource {
    let health = &route.health;
    let (version, matcher) = match route.protocol.as_str() {
        "GRPC" => ("GRPC", "GrpcCode"),
        "HTTP2" => ("HTTP2", "HttpCode"),
        _ => ("HTTP1", "HttpCode"),
    };
    let delay = route.deregistration_delay.to_string();
    let mut attributes = vec![("deregistration_delay.timeout_seconds", Value::from(delay))];
    if let Some(seconds) = route.stickiness {
        attributes.push(("stickiness.enabled", Value::from("true")));
        attributes.push(("stickiness.type", Value::from("lb_cookie")));
        attributes.push(("stickiness.lb_cookie.duration_seconds", Value::from(seconds.to_string())));
    }
    Resource::new("AWS::ElasticLoadBalancingV2::TargetGroup")
        .with("VpcId", vpc)
        .with("TargetType", "ip")
        .with("Port", route.port)
        .with("Protocol", "HTTP")
        .with("ProtocolVersion", version)
        .with("HealthCheckEnabled", true)
        .with("HealthCheckPath", health.path.as_str())
        .with("HealthCheckIntervalSeconds", health.interval)
        .with("HealthCheckTimeoutSeconds", health.timeout)
        .with("HealthyThresholdCount", health.healthy)
        .with("UnhealthyThresholdCount", health.unhealthy)
        .with("Matcher", Value::map([(matcher, Value::from(health.matcher.as_str()))]))
        .with("TargetGroupAttributes", attribute_list(attributes))
        .with("Tags", parts.tags.clone())
}

fn rule(route: &Route, group: &str, listener: Value) -> Resource {
    let mut conditions = Vec::new();
    if let Some(host) = &route.host {
        conditions.push(condition("host-header", "HostHeaderConfig", vec![Value::from(host.as_str())]));
    }
    match route.path.as_str() {
        // A rule needs a condition; `/` of a host has one already.
        "/" if route.host.is_some() => {}
        "/" => conditions.push(condition("path-pattern", "PathPatternConfig", vec![Value::from("/*")])),
        path if path.contains(['*', '?']) => {
            conditions.push(condition("path-pattern", "PathPatternConfig", vec![Value::from(path)]));
        }
        path => conditions.push(condition(
            "path-pattern",
            "PathPatternConfig",
            vec![Value::from(path), Value::from(format!("{path}/*"))],
        )),
    }
    if !route.source_ranges.is_empty() {
        let ranges = route.source_ranges.iter().map(|range| Value::from(range.as_str())).collect();
        conditions.push(condition("source-ip", "SourceIpConfig", ranges));
    }
    let forward = Value::map([("Type", Value::from("forward")), ("TargetGroupArn", Value::reference(group))]);
    Resource::new("AWS::ElasticLoadBalancingV2::ListenerRule")
        .with("ListenerArn", listener)
        .with("Priority", route.priority)
        .with("Conditions", Value::List(conditions))
        .with("Actions", Value::list([forward]))
}

fn condition(field: &str, config: &'static str, values: Vec<Value>) -> Value {
    Value::map([("Field", Value::from(field)), (config, Value::map([("Values", Value::List(values))]))])
}
