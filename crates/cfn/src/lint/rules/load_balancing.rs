//! Target groups, listeners and their rules.

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::doubles;
use super::super::linter::help;
use super::super::model::Resource;
use super::select::each;
use super::select::report;
use super::select::values;
use crate::source::Node;

pub(super) fn check(linter: &mut Linter<'_>) {
    for group in linter.model.of_type("AWS::ElasticLoadBalancingV2::TargetGroup") {
        target_group(linter, &group);
    }
    for listener in linter.model.of_type("AWS::ElasticLoadBalancingV2::Listener") {
        self::listener(linter, &listener);
    }
    priorities(linter);
    ports(linter);
    for balancer in linter.model.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer") {
        if balancer.text("Type").is_none_or(|kind| kind == "application") {
            let subnets = balancer.get("Subnets");
            let one = subnets.is_some_and(|node| {
                node.items().len() == 1
                    && node.items()[0].function().is_none_or(|(name, _)| name == "Ref")
                    && !each(Some(node), "").iter().any(|node| is_list(linter, node))
            });
            if one {
                let message = "an application load balancer needs subnets in two zones";
                report(linter, &codes::LISTENER, &balancer, subnets, message);
            }
        }
    }
}

/// A parameter that is a list stands for several subnets.
fn is_list(linter: &Linter<'_>, node: &Node) -> bool {
    node.reference().is_some_and(|name| linter.model.parameters.contains_key(name))
}

fn target_group(linter: &mut Linter<'_>, group: &Resource<'_>) {
    let number = |path| group.get(path).and_then(Node::as_i64);
    let kind = group.text("TargetType");
    let protocol = group.text("HealthCheckProtocol").or(group.text("Protocol")).unwrap_or("HTTP");
    // The defaults of HTTP: every 30 s with 5 s.
    let interval = group.get("HealthCheckIntervalSeconds").map_or(Some(30), Node::as_i64);
    if let (Some(timeout), Some(interval)) = (number("HealthCheckTimeoutSeconds"), interval)
        && timeout >= interval
        && (protocol.starts_with("HTTP") || timeout > interval)
    {
        let message = format!("a timeout of {timeout} s is not shorter than the interval of {interval} s");
        report(linter, &codes::HEALTH_CHECK, group, group.get("HealthCheckTimeoutSeconds"), message);
    }
    if matches!(group.text("HealthCheckProtocol"), Some("TCP" | "TLS" | "UDP")) {
        for name in ["HealthCheckPath", "Matcher"] {
            if let Some(node) = group.get(name) {
                let message = format!("`{name}` is for health checks by HTTP");
                report(linter, &codes::HEALTH_CHECK, group, Some(node), message);
            }
        }
    }
    let missing: Vec<&str> = match kind {
        Some("lambda") => Vec::new(),
        _ => ["Port", "Protocol", "VpcId"].into_iter().filter(|name| group.get(name).is_none()).collect(),
    };
    if group.get("TargetType").is_none_or(|node| node.function().is_none()) && !missing.is_empty() {
        let message = format!("a target group needs {}", missing.join(", "));
        report(linter, &codes::REQUIRED, group, None, message);
    }
    if let Some(path) = group.get("HealthCheckPath")
        && path.as_str().is_some_and(|text| !text.starts_with('/'))
        && group.text("ProtocolVersion") != Some("GRPC")
    {
        report(linter, &codes::HEALTH_CHECK, group, Some(path), "a path starts with `/`");
    }
}

fn listener(linter: &mut Linter<'_>, listener: &Resource<'_>) {
    let secure = matches!(listener.text("Protocol"), Some("HTTPS" | "TLS"));
    let certificates = !values(listener, "Certificates").is_empty();
    if secure && !certificates {
        let message = "a listener with TLS needs a certificate";
        report(linter, &codes::LISTENER, listener, listener.get("Protocol"), message);
    }
    if matches!(listener.text("Protocol"), Some("HTTP" | "TCP" | "UDP")) {
        for name in ["Certificates", "SslPolicy"] {
            if let Some(node) = listener.get(name) {
                report(
                    linter,
                    &codes::LISTENER,
                    listener,
                    Some(node),
                    format!("`{name}` is for listeners with TLS"),
                );
            }
        }
    }
    for action in values(listener, "DefaultActions") {
        self::action(linter, listener, action);
    }
}

/// What an action of a type needs.
fn action(linter: &mut Linter<'_>, of: &Resource<'_>, action: &Node) {
    let needs: &[&str] = match action.get("Type").and_then(Node::as_str) {
        Some("forward") => &["TargetGroupArn", "ForwardConfig"],
        Some("redirect") => &["RedirectConfig"],
        Some("fixed-response") => &["FixedResponseConfig"],
        Some("authenticate-oidc") => &["AuthenticateOidcConfig"],
        Some("authenticate-cognito") => &["AuthenticateCognitoConfig"],
        _ => return,
    };
    if !needs.iter().any(|name| action.get(name).is_some()) {
        let message = format!("the action needs {}", needs.join(" or "));
        report(linter, &codes::LISTENER, of, Some(action), message);
    }
}

fn priorities(linter: &mut Linter<'_>) {
    let rules = linter.model.of_type("AWS::ElasticLoadBalancingV2::ListenerRule");
    let mut keyed = Vec::new();
    for rule in &rules {
        for action in values(rule, "Actions") {
            self::action(linter, rule, action);
        }
        if rule.entry.value.get("Condition").is_some() {
            continue;
        }
        if let (Some(listener), Some(node)) = (rule.get("ListenerArn"), rule.get("Priority"))
            && let Some(number) = node.as_i64()
        {
            keyed.push(((listener.to_json().to_string(), number), node));
        }
    }
    for ((_, number), node) in doubles(keyed) {
        let Some(rule) =
            rules.iter().find(|rule| rule.get("Priority").is_some_and(|own| std::ptr::eq(own, node)))
        else {
            continue;
        };
        let message = format!("another rule of the listener has the priority {number}");
        let finding = report(linter, &codes::LISTENER, rule, Some(node), message);
        help(finding, "each rule of a listener has a priority of its own");
    }
}

fn ports(linter: &mut Linter<'_>) {
    let listeners = linter.model.of_type("AWS::ElasticLoadBalancingV2::Listener");
    let keyed =
        listeners.iter().filter(|one| one.entry.value.get("Condition").is_none()).filter_map(|listener| {
            let (balancer, port) = (listener.get("LoadBalancerArn")?, listener.get("Port")?);
            let protocol = if listener.text("Protocol") == Some("UDP") { "udp" } else { "tcp" };
            Some(((balancer.to_json().to_string(), port.as_i64()?, protocol), port))
        });
    for ((_, port, _), node) in doubles(keyed.collect::<Vec<_>>()) {
        let Some(one) =
            listeners.iter().find(|one| one.get("Port").is_some_and(|own| std::ptr::eq(own, node)))
        else {
            continue;
        };
        let message = format!("another listener of the load balancer has the port {port}");
        report(linter, &codes::LISTENER, one, Some(node), message);
    }
}
