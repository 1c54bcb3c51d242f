//! ECS services, their task definitions and target groups.

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::help;
use super::super::model::Resource;
use super::select::each;
use super::select::report;
use super::select::values;
use crate::source::Node;

pub(super) fn check(linter: &mut Linter<'_>) {
    for service in linter.model.of_type("AWS::ECS::Service") {
        let task = linter
            .model
            .target(service.get("TaskDefinition"))
            .filter(|task| task.kind == "AWS::ECS::TaskDefinition");
        launch(linter, &service);
        percentages(linter, &service);
        baking(linter, &service);
        if let Some(task) = task {
            targets(linter, &service, &task);
            network(linter, &service, &task);
            fargate(linter, &service, &task);
        }
    }
}

fn launch(linter: &mut Linter<'_>, service: &Resource<'_>) {
    if let Some(node) = service.get("LaunchType")
        && !values(service, "CapacityProviderStrategy").is_empty()
        && node.function().is_none()
    {
        let message = "a service has a launch type or a capacity provider strategy, not both";
        report(linter, &codes::LAUNCH_TYPE, service, Some(node), message);
    }
}

/// ECS may stop tasks down to the minimum (rounded up) and start them up to the maximum (rounded
/// down); with neither, nothing moves.
fn percentages(linter: &mut Linter<'_>, service: &Resource<'_>) {
    let rolling =
        service.text("DeploymentConfiguration.Strategy").is_none_or(|strategy| strategy == "ROLLING");
    let replica = service.text("SchedulingStrategy").is_none_or(|strategy| strategy == "REPLICA");
    if !rolling || !replica || service.text("DeploymentController.Type").is_some_and(|kind| kind != "ECS") {
        return;
    }
    let number = |path| match service.get(path) {
        None => Some(None),
        // A function: cannot be told.
        Some(node) => node.as_i64().map(Some),
    };
    let (Some(minimum), Some(maximum), Some(count)) = (
        number("DeploymentConfiguration.MinimumHealthyPercent"),
        number("DeploymentConfiguration.MaximumPercent"),
        number("DesiredCount"),
    ) else {
        return;
    };
    let (minimum, maximum) = (minimum.unwrap_or(100), maximum.unwrap_or(200));
    let node = service
        .get("DeploymentConfiguration.MaximumPercent")
        .or_else(|| service.get("DeploymentConfiguration.MinimumHealthyPercent"));
    if maximum <= minimum {
        let message =
            format!("a maximum of {maximum} % and a minimum of {minimum} % leave no room to replace a task");
        let finding = report(linter, &codes::DEADLOCK, service, node, message);
        help(finding, "use 100 and 200, or a minimum below 100");
        return;
    }
    let Some(count) = count.filter(|count| *count > 0) else { return };
    let keep = (count * minimum + 99) / 100;
    let most = count * maximum / 100;
    if keep >= count && most <= count {
        let message =
            format!("with {count} tasks, {minimum} % and {maximum} % ECS may neither stop nor start one");
        report(linter, &codes::DEADLOCK, service, node, message);
    }
}

/// CloudFormation refuses more than 33 hours of baking.
fn baking(linter: &mut Linter<'_>, service: &Resource<'_>) {
    let number = |path: &str| service.get(&format!("DeploymentConfiguration.{path}")).and_then(Node::as_f64);
    let strategy = service.text("DeploymentConfiguration.Strategy");
    let bake = number("BakeTimeInMinutes").unwrap_or(0.0);
    let steps = match strategy {
        Some("CANARY") => number("CanaryConfiguration.CanaryBakeTimeInMinutes").unwrap_or(10.0),
        Some("LINEAR") => {
            let percent = number("LinearConfiguration.StepPercent").unwrap_or(10.0);
            let each = number("LinearConfiguration.StepBakeTimeInMinutes").unwrap_or(6.0);
            let steps = 100.0 / percent;
            each * if steps.fract() == 0.0 { steps - 1.0 } else { steps.floor() }
        }
        _ => 0.0,
    };
    let hours = (bake + steps) / 60.0;
    if hours > 33.0 {
        let message = format!("the deployment bakes for {hours:.1} hours, at most 33 are allowed");
        report(linter, &codes::BAKE, service, service.get("DeploymentConfiguration"), message);
    }
}

fn targets(linter: &mut Linter<'_>, service: &Resource<'_>, task: &Resource<'_>) {
    let containers = values(task, "ContainerDefinitions");
    let awsvpc = task.text("NetworkMode") == Some("awsvpc");
    for balancer in values(service, "LoadBalancers") {
        if let Some(group) = linter.model.target(balancer.get("TargetGroupArn")) {
            let kind = group.get("TargetType");
            let instance = kind.is_none_or(|node| node.as_str() == Some("instance"));
            if awsvpc && instance && group.kind == "AWS::ElasticLoadBalancingV2::TargetGroup" {
                let message =
                    format!("the tasks of `{}` use awsvpc, so the targets are addresses", service.id);
                let finding = report(linter, &codes::TARGET_TYPE, &group, kind, message);
                help(finding, "set `TargetType: ip`");
            }
        }
        container(linter, service, task, &containers, balancer);
    }
    for registry in values(service, "ServiceRegistries") {
        if registry.get("ContainerName").is_some() {
            container(linter, service, task, &containers, registry);
        }
    }
    let names: Vec<Option<&str>> = each(task.properties, "ContainerDefinitions.PortMappings")
        .iter()
        .map(|node| node.get("Name")?.as_str())
        .collect();
    for node in values(service, "ServiceConnectConfiguration.Services.PortName") {
        if let Some(name) = node.as_str()
            && !names.contains(&Some(name))
        {
            let message = format!("no port mapping of `{}` is called `{name}`", task.id);
            report(linter, &codes::TARGET_CONTAINER, service, Some(node), message);
        }
    }
}

fn container(
    linter: &mut Linter<'_>,
    service: &Resource<'_>,
    task: &Resource<'_>,
    containers: &[&Node],
    balancer: &Node,
) {
    let Some(name) = balancer.get("ContainerName").filter(|node| node.function().is_none()) else { return };
    let Some(text) = name.as_str() else { return };
    // A container whose name is computed may be the one.
    if containers.iter().any(|one| one.get("Name").is_none_or(|name| name.as_str().is_none())) {
        return;
    }
    let Some(found) = containers.iter().find(|one| one.get("Name").and_then(Node::as_str) == Some(text))
    else {
        let near = seaway_diag::nearest(text, containers.iter().filter_map(|one| one.get("Name")?.as_str()));
        let message = format!("the task definition `{}` has no container `{text}`", task.id);
        let finding = report(linter, &codes::TARGET_CONTAINER, service, Some(name), message);
        if let Some(near) = near {
            help(finding, format!("did you mean `{near}`?"));
        }
        return;
    };
    let Some(port) = balancer.get("ContainerPort") else { return };
    let Some(number) = port.as_i64() else { return };
    let mappings = each(found.get("PortMappings"), "ContainerPort");
    let ranges = each(found.get("PortMappings"), "ContainerPortRange");
    let fixed = mappings.iter().all(|node| node.as_i64().is_some()) && ranges.is_empty();
    if fixed && !mappings.iter().any(|node| node.as_i64() == Some(number)) {
        let message = format!("the container `{text}` of `{}` has no port mapping for {number}", task.id);
        report(linter, &codes::TARGET_CONTAINER, service, Some(port), message);
    }
}

fn network(linter: &mut Linter<'_>, service: &Resource<'_>, task: &Resource<'_>) {
    let mode = task.get("NetworkMode");
    let configured = service.get("NetworkConfiguration");
    match (mode.map(|node| node.as_str()), configured) {
        (Some(Some("awsvpc")), None) => {
            let message =
                format!("the tasks of `{}` use awsvpc, which needs `NetworkConfiguration`", task.id);
            report(linter, &codes::NETWORK, service, None, message);
        }
        (None | Some(Some("bridge" | "host" | "none")), Some(node)) => {
            let message = "only the network mode `awsvpc` takes a `NetworkConfiguration`";
            report(linter, &codes::NETWORK, service, Some(node), message);
        }
        _ => {}
    }
    let network = values(service, "NetworkConfiguration.AwsvpcConfiguration");
    if !network.is_empty()
        && network.iter().all(|node| node.function().is_none() && node.get("Subnets").is_none())
    {
        let message = "`awsvpc` needs at least one subnet";
        report(linter, &codes::NETWORK, service, network.first().copied(), message);
    }
}

fn fargate(linter: &mut Linter<'_>, service: &Resource<'_>, task: &Resource<'_>) {
    if service.text("LaunchType") != Some("FARGATE") {
        return;
    }
    let compatible = values(task, "RequiresCompatibilities");
    let said = compatible.iter().any(|node| node.as_str() == Some("FARGATE") || node.function().is_some());
    if !said {
        let message = format!("the service runs on Fargate, but `{}` does not require `FARGATE`", task.id);
        report(linter, &codes::FARGATE, service, service.get("LaunchType"), message);
    }
    if service.text("SchedulingStrategy") == Some("DAEMON") {
        let message = "Fargate has no daemon services";
        report(linter, &codes::FARGATE, service, service.get("SchedulingStrategy"), message);
    }
    for name in ["PlacementConstraints", "PlacementStrategies"] {
        if !values(service, name).is_empty() {
            report(linter, &codes::FARGATE, service, service.get(name), "Fargate places tasks itself");
        }
    }
}
