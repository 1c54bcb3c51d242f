//! Containers of a task definition, and how they fit together.

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::doubles;
use super::super::linter::help;
use super::super::model::Resource;
use super::select::each;
use super::select::report;
use super::select::values;
use crate::source::Node;

/// Options of the driver `awslogs` (developer guide, "Log configuration options").
const AWSLOGS: [&str; 9] = [
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-endpoint",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
];

pub(super) fn check(linter: &mut Linter<'_>) {
    for task in linter.model.of_type("AWS::ECS::TaskDefinition") {
        containers(linter, &task);
        for node in values(&task, "ContainerDefinitions.Secrets")
            .into_iter()
            .chain(values(&task, "ContainerDefinitions.LogConfiguration.SecretOptions"))
        {
            if let Some(value) = node.get("ValueFrom") {
                value_from(linter, &task, value);
            }
        }
        for node in values(&task, "ContainerDefinitions.LogConfiguration") {
            logging(linter, &task, node);
        }
    }
}

fn containers(linter: &mut Linter<'_>, task: &Resource<'_>) {
    let all = values(task, "ContainerDefinitions");
    let named: Vec<(&str, &Node)> =
        all.iter().filter_map(|node| Some((node.get("Name")?.as_str()?, node.get("Name")?))).collect();
    for (name, node) in doubles(named.iter().copied()) {
        report(linter, &codes::TASK, task, Some(node), format!("two containers are called `{name}`"));
    }
    let essential = |node: &&Node| node.get("Essential").is_none_or(|value| value.as_bool() != Some(false));
    if !all.is_empty() && !all.iter().any(essential) {
        report(linter, &codes::TASK, task, None, "no container is essential: at least one must be");
    }
    if all.len() > 10 {
        report(linter, &codes::TASK, task, None, format!("{} containers: a task has at most 10", all.len()));
    }
    let known = |name: &str| named.iter().any(|(other, _)| *other == name) || named.len() < all.len();
    for container in &all {
        for node in each(Some(container), "DependsOn") {
            let Some(target) = node.get("ContainerName").and_then(Node::as_str) else { continue };
            if !known(target) {
                let message = format!("the task has no container `{target}`");
                report(linter, &codes::TASK, task, node.get("ContainerName"), message);
            }
            let healthy = node.get("Condition").and_then(Node::as_str) == Some("HEALTHY");
            let checked = all.iter().any(|other| {
                other.get("Name").and_then(Node::as_str) == Some(target) && other.get("HealthCheck").is_some()
            });
            if healthy && known(target) && !checked {
                let message = format!("`{target}` has no health check, so it never becomes healthy");
                report(linter, &codes::TASK, task, node.get("Condition"), message);
            }
        }
    }
    let volumes = values(task, "Volumes.Name");
    let fixed = volumes.iter().all(|node| node.as_str().is_some());
    for node in values(task, "ContainerDefinitions.MountPoints.SourceVolume") {
        if let Some(name) = node.as_str()
            && fixed
            && !volumes.iter().any(|volume| volume.as_str() == Some(name))
        {
            report(linter, &codes::TASK, task, Some(node), format!("the task has no volume `{name}`"));
        }
    }
    // With awsvpc all containers share one address.
    if task.text("NetworkMode") == Some("awsvpc") {
        let ports = values(task, "ContainerDefinitions.PortMappings").into_iter().filter_map(|mapping| {
            let port = mapping.get("ContainerPort")?;
            let protocol = mapping.get("Protocol").and_then(Node::as_str).unwrap_or("tcp");
            Some(((port.as_i64()?, protocol), port))
        });
        for ((port, protocol), node) in doubles(ports) {
            let message = format!("two containers of the task listen on {port}/{protocol}");
            report(linter, &codes::TASK, task, Some(node), message);
        }
    }
    for node in &all {
        let numbers =
            (node.get("Memory").and_then(Node::as_i64), node.get("MemoryReservation").and_then(Node::as_i64));
        if let (Some(hard), Some(soft)) = numbers
            && soft > hard
        {
            let message = format!("the reservation of {soft} MiB is above the limit of {hard} MiB");
            report(linter, &codes::TASK, task, node.get("MemoryReservation"), message);
        }
    }
}

/// A parameter's name or ARN, or `arn:…:secret:NAME` with up to three more fields: key, stage,
/// version (developer guide, "Pass sensitive data to an Amazon ECS container").
fn value_from(linter: &mut Linter<'_>, task: &Resource<'_>, node: &Node) {
    let function = node.function();
    let text = match function {
        None => node.as_str().unwrap_or_default().to_owned(),
        Some(("Fn::Sub", argument)) => {
            let text = argument.as_str().or_else(|| argument.items().first().and_then(Node::as_str));
            let Some(text) = text else { return };
            // `Ref` of a secret is its whole ARN.
            let mut text = text.to_owned();
            for piece in crate::evaluate::pieces(&text.clone()) {
                let crate::evaluate::Piece::Name(name) = piece else { continue };
                let is_secret = linter
                    .model
                    .resources
                    .get(name)
                    .is_some_and(|resource| resource.kind == "AWS::SecretsManager::Secret");
                let plain = if is_secret { "arn:aws:secretsmanager:r:0:secret:n" } else { "x" };
                text = text.replace(&format!("${{{name}}}"), plain);
            }
            text
        }
        Some(_) => return,
    };
    let fields: Vec<&str> = text.split(':').collect();
    let fault = if fields.first() == Some(&"arn") {
        match fields.get(2).copied() {
            Some("ssm") if fields.len() == 6 && fields[5].starts_with("parameter") => None,
            Some("ssm") => {
                Some("an ARN of a parameter is `arn:…:ssm:REGION:ACCOUNT:parameter/NAME`".to_owned())
            }
            Some("secretsmanager") if fields.get(5) == Some(&"secret") => match fields.len() {
                7 | 10 => None,
                8 | 9 => Some(format!(
                    "after the secret's ARN come three fields (key, stage, version), here {}: keep empty ones as `::`",
                    fields.len() - 7
                )),
                _ => Some("after the secret's ARN come at most three fields: key, stage, version".to_owned()),
            },
            Some("secretsmanager") => {
                Some("an ARN of a secret is `arn:…:secretsmanager:REGION:ACCOUNT:secret:NAME`".to_owned())
            }
            // The service is not to be seen.
            Some("x") => None,
            other => Some(format!(
                "`{}` holds no secrets: `ssm` or `secretsmanager` do",
                other.unwrap_or_default()
            )),
        }
    } else if text.is_empty() || text.contains(|letter: char| letter.is_whitespace() || letter == ':') {
        Some("neither the name of a parameter nor an ARN".to_owned())
    } else {
        None
    };
    if let Some(fault) = fault {
        report(linter, &codes::VALUE_FROM, task, Some(node), format!("`ValueFrom`: {fault}"));
    }
}

fn logging(linter: &mut Linter<'_>, task: &Resource<'_>, node: &Node) {
    if node.get("LogDriver").and_then(Node::as_str) != Some("awslogs") {
        return;
    }
    let Some(options) = node.get("Options").filter(|options| options.function().is_none()) else {
        report(linter, &codes::LOGGING, task, Some(node), "`awslogs` needs `Options`");
        return;
    };
    for name in ["awslogs-group", "awslogs-region"] {
        if options.get(name).is_none() {
            report(
                linter,
                &codes::LOGGING,
                task,
                Some(options),
                format!("`awslogs` needs the option `{name}`"),
            );
        }
    }
    for entry in options.entries() {
        let name = entry.key.as_str();
        if !AWSLOGS.contains(&name) {
            let near = seaway_diag::nearest(name, AWSLOGS);
            let finding = report(
                linter,
                &codes::LOGGING,
                task,
                Some(&entry.value),
                format!("`awslogs` has no option `{name}`"),
            );
            if let Some(near) = near {
                help(finding, format!("did you mean `{near}`?"));
            }
        }
    }
    if let Some(mode) = options.get("mode").and_then(Node::as_str)
        && !["blocking", "non-blocking"].contains(&mode)
    {
        let message = "`mode` is `blocking` or `non-blocking`";
        report(linter, &codes::LOGGING, task, options.get("mode"), message);
    }
}
