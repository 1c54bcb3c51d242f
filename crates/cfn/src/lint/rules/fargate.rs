//! Task definitions for Fargate (Amazon ECS developer guide, "Task definition differences for
//! Fargate").

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::help;
use super::super::model::Resource;
use super::select::report;
use super::select::values;
use crate::source::Node;

/// Memory in MiB: first, last, step.
type Steps = (i64, i64, i64);

/// cpu units → memory.
const SIZES: &[(i64, &[Steps])] = &[
    (256, &[(512, 512, 1), (1024, 2048, 1024)]),
    (512, &[(1024, 4096, 1024)]),
    (1024, &[(2048, 8192, 1024)]),
    (2048, &[(4096, 16384, 1024)]),
    (4096, &[(8192, 30720, 1024)]),
    (8192, &[(16384, 61440, 4096)]),
    (16384, &[(32768, 122_880, 8192)]),
    (32768, &[(61440, 61440, 1), (122_880, 122_880, 1), (249_856, 249_856, 1)]),
];

pub(super) fn check(linter: &mut Linter<'_>) {
    for task in linter.model.of_type("AWS::ECS::TaskDefinition") {
        let fargate =
            values(&task, "RequiresCompatibilities").iter().any(|node| node.as_str() == Some("FARGATE"));
        if fargate {
            size(linter, &task);
            features(linter, &task);
        }
    }
}

fn size(linter: &mut Linter<'_>, task: &Resource<'_>) {
    for name in ["Cpu", "Memory"] {
        if task.get(name).is_none() {
            report(linter, &codes::FARGATE_SIZE, task, None, format!("Fargate needs `{name}` of the task"));
        }
    }
    let Some((cpu, memory)) = task.get("Cpu").zip(task.get("Memory")) else { return };
    let (Some(units), Some(mebibytes)) = (units(cpu, 1024.0), units(memory, 1024.0)) else { return };
    match SIZES.iter().find(|(size, _)| *size == units) {
        None => {
            let all: Vec<String> = SIZES.iter().map(|(size, _)| size.to_string()).collect();
            let message = format!("Fargate has no size of {units} cpu units: {}", all.join(", "));
            report(linter, &codes::FARGATE_SIZE, task, Some(cpu), message);
        }
        Some((_, ranges)) => {
            let fits = |(first, last, step): &Steps| {
                (*first..=*last).contains(&mebibytes) && (mebibytes - first) % step == 0
            };
            if !ranges.iter().any(fits) {
                let words: Vec<String> = ranges
                    .iter()
                    .map(|(first, last, step)| match first == last {
                        true => first.to_string(),
                        false => format!("{first} to {last} in steps of {step}"),
                    })
                    .collect();
                let message = format!("Fargate does not pair {units} cpu units with {mebibytes} MiB");
                let finding = report(linter, &codes::FARGATE_SIZE, task, Some(memory), message);
                help(finding, format!("with {units}: {}", words.join(", ")));
            }
        }
    }
}

/// `1024`, `1 vCPU` and `2 GB`.
fn units(node: &Node, factor: f64) -> Option<i64> {
    if let Some(number) = node.as_i64() {
        return Some(number);
    }
    let text = node.as_str()?.to_ascii_lowercase();
    let number = text.strip_suffix("vcpu").or_else(|| text.strip_suffix("gb"))?;
    let value: f64 = number.trim().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "sizes are far below 2^63")]
    Some((value * factor) as i64)
}

/// Paths below the task that Fargate does not take.
const REFUSED: [(&str, &str); 8] = [
    ("PlacementConstraints", "placement constraints"),
    ("ContainerDefinitions.Privileged", "privileged containers"),
    ("ContainerDefinitions.Links", "links"),
    ("ContainerDefinitions.Hostname", "host names of containers"),
    ("ContainerDefinitions.ExtraHosts", "extra hosts"),
    ("ContainerDefinitions.LinuxParameters.Devices", "devices"),
    ("ContainerDefinitions.LinuxParameters.Tmpfs", "tmpfs"),
    ("Volumes.DockerVolumeConfiguration", "Docker volumes"),
];

fn features(linter: &mut Linter<'_>, task: &Resource<'_>) {
    match task.get("NetworkMode") {
        None => {
            report(linter, &codes::FARGATE, task, None, "Fargate needs `NetworkMode: awsvpc`");
        }
        Some(mode) if mode.as_str().is_some_and(|mode| mode != "awsvpc") => {
            report(linter, &codes::FARGATE, task, Some(mode), "Fargate only has the network mode `awsvpc`");
        }
        Some(_) => {}
    }
    for (path, noun) in REFUSED {
        for node in values(task, path) {
            if node.as_bool() != Some(false) && !(node.items().is_empty() && node.describe() == "a list") {
                report(linter, &codes::FARGATE, task, Some(node), format!("Fargate has no {noun}"));
            }
        }
    }
    for (path, allowed) in [
        ("PidMode", &["task"] as &[&str]),
        ("ContainerDefinitions.LogConfiguration.LogDriver", &["awslogs", "splunk", "awsfirelens"]),
    ] {
        for node in values(task, path) {
            if node.as_str().is_some_and(|text| !allowed.contains(&text)) {
                let name = path.rsplit('.').next().unwrap_or(path);
                let message = format!("on Fargate `{name}` can only be {}", allowed.join(", "));
                report(linter, &codes::FARGATE, task, Some(node), message);
            }
        }
    }
    for node in values(task, "ContainerDefinitions.PortMappings") {
        if let (Some(container), Some(host)) = (node.get("ContainerPort"), node.get("HostPort"))
            && let (Some(from), Some(to)) = (container.as_i64(), host.as_i64())
            && from != to
            && to != 0
        {
            let message = format!("with `awsvpc` the host port is the container's: {to} is not {from}");
            report(linter, &codes::FARGATE, task, Some(host), message);
        }
    }
}
