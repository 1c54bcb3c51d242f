//! Compose keys that ECS or Fargate cannot do: each is reported once, with the reason.

use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::Span;

use crate::codes;

/// Key, how bad it is, why.
type Row = (&'static str, Severity, &'static str);

const REASONS: &[Row] = &[
    ("privileged", Severity::Error, "Fargate runs no privileged containers"),
    ("devices", Severity::Error, "Fargate gives no access to devices"),
    ("device_cgroup_rules", Severity::Error, "Fargate gives no access to devices"),
    ("gpus", Severity::Error, "Fargate has no GPUs"),
    ("pid", Severity::Error, "Fargate does not share the host's processes"),
    ("ipc", Severity::Error, "Fargate does not share the host's IPC"),
    ("runtime", Severity::Error, "the container runtime is Fargate's own"),
    ("userns_mode", Severity::Error, "Fargate does not share the host's users"),
    (
        "volumes_from",
        Severity::Error,
        "it is not part of the current specification; name the volume in both services",
    ),
    ("provider", Severity::Error, "providers run on this machine only"),
    ("models", Severity::Error, "models run on this machine only"),
    ("use_api_socket", Severity::Error, "there is no container engine to talk to on Fargate"),
    (
        "cap_add",
        Severity::Warning,
        "of added capabilities Fargate knows only SYS_PTRACE, and Seaway adds none yet",
    ),
    ("cap_drop", Severity::Warning, "Seaway does not carry it yet"),
    ("tmpfs", Severity::Warning, "Seaway does not carry it yet; the writable layer is there"),
    ("shm_size", Severity::Warning, "Fargate fixes the size of /dev/shm"),
    ("sysctls", Severity::Warning, "Seaway does not carry it yet"),
    ("ulimits", Severity::Warning, "Seaway does not carry it yet"),
    ("security_opt", Severity::Warning, "Fargate applies its own profile"),
    ("hostname", Severity::Warning, "tasks in awsvpc mode are named by ECS"),
    ("domainname", Severity::Warning, "tasks in awsvpc mode are named by ECS"),
    ("extra_hosts", Severity::Warning, "ECS does not write /etc/hosts in awsvpc mode"),
    ("dns", Severity::Warning, "tasks in awsvpc mode use the DNS of the VPC"),
    ("dns_search", Severity::Warning, "tasks in awsvpc mode use the DNS of the VPC"),
    ("dns_opt", Severity::Warning, "tasks in awsvpc mode use the DNS of the VPC"),
    ("links", Severity::Warning, "other services are reached by their name without it"),
    ("external_links", Severity::Warning, "only services of this file are reached by name"),
    ("mac_address", Severity::Warning, "the network interface is Fargate's own"),
    ("logging", Severity::Warning, "logs go to the workload's log group"),
    ("group_add", Severity::Warning, "ECS cannot add groups"),
    ("cgroup", Severity::Warning, "control groups are Fargate's own"),
    ("cgroup_parent", Severity::Warning, "control groups are Fargate's own"),
    ("storage_opt", Severity::Warning, "storage is Fargate's own"),
    ("isolation", Severity::Warning, "it is for Windows containers"),
    ("credential_spec", Severity::Warning, "Seaway does not carry it yet"),
    ("oom_score_adj", Severity::Warning, "it is Fargate's own"),
    ("oom_kill_disable", Severity::Warning, "it is Fargate's own"),
    ("pids_limit", Severity::Warning, "it is Fargate's own"),
    ("memswap_limit", Severity::Warning, "Fargate has no swap"),
    ("mem_swappiness", Severity::Warning, "Fargate has no swap"),
    ("blkio_config", Severity::Warning, "storage is Fargate's own"),
    ("cpuset", Severity::Warning, "CPUs are assigned by Fargate"),
    ("cpu_shares", Severity::Warning, "use `deploy.resources`"),
    ("cpu_quota", Severity::Warning, "use `deploy.resources`"),
    ("cpu_period", Severity::Warning, "use `deploy.resources`"),
    ("cpu_rt_period", Severity::Warning, "CPUs are assigned by Fargate"),
    ("cpu_rt_runtime", Severity::Warning, "CPUs are assigned by Fargate"),
    ("cpu_percent", Severity::Warning, "it is for Windows containers"),
    ("cpu_count", Severity::Warning, "it is for Windows containers"),
    ("post_start", Severity::Warning, "ECS has no hooks around a container"),
    ("pre_stop", Severity::Warning, "ECS has no hooks around a container"),
    ("mem_reservation", Severity::Warning, "use `deploy.resources.reservations.memory`"),
    ("label_file", Severity::Warning, "Seaway does not carry it yet"),
];

/// Keys that mean something on the developer's machine only, or that ECS does anyway.
const HARMLESS: &[&str] = &[
    "tty",
    "stdin_open",
    "container_name",
    "restart",
    "pull_policy",
    "pull_refresh_after",
    "attach",
    "develop",
    "annotations",
    "scale",
    "cpus",
    "mem_limit",
    "init",
    "env_file",
    "extends",
    "profiles",
    "platform",
];

/// Keys under `deploy` that ECS does in its own way.
const DEPLOY: &[Row] = &[
    ("placement", Severity::Warning, "Fargate places tasks itself, over all zones"),
    ("endpoint_mode", Severity::Warning, "other services are reached through Service Connect"),
    ("rollback_config", Severity::Warning, "a rollback is as fast as ECS can"),
    ("resources.limits.pids", Severity::Warning, "it is Fargate's own"),
    ("resources.reservations.devices", Severity::Error, "Fargate has no GPUs"),
    ("resources.reservations.generic_resources", Severity::Warning, "Fargate knows CPU and memory only"),
];

/// Reports what the services use and ECS does not do.
pub(crate) fn check(project: &Project, sink: &mut Sink) {
    let used = |name: &str| {
        project.services.values().any(|service| service.networks.iter().any(|network| network.value == name))
    };
    let apart: Vec<Span> =
        project.networks.iter().filter(|(name, _)| used(name)).map(|(_, network)| network.span).collect();
    if let [_, second, ..] = apart.as_slice() {
        sink.push(
            Diagnostic::info(codes::NOT_ON_ECS, "networks of the file do not separate services on ECS")
                .label(*second, "all workloads of an environment reach each other's ports by name"),
        );
    }
    for (name, service) in &project.services {
        for (key, extension) in &service.other {
            if HARMLESS.contains(&key.as_str()) || is_off(extension.node.as_str()) {
                continue;
            }
            let row = REASONS.iter().find(|(known, ..)| known == key);
            report(name, key, extension.key_span, row, sink);
        }
        for (path, extension) in &service.deploy.other {
            let row =
                DEPLOY.iter().find(|(known, ..)| path == known || path.starts_with(&format!("{known}.")));
            if row.is_some() {
                report(name, &format!("deploy.{path}"), extension.key_span, row, sink);
            }
        }
        if let Some(grant) = service.configs.first() {
            sink.push(
                Diagnostic::error(
                    codes::NOT_YET,
                    format!("`configs` of service `{name}` is not supported yet"),
                )
                .label(grant.span, "nothing would mount this file")
                .help("put the file into the image, or pass its values as environment variables"),
            );
        }
        if let Some(signal) = &service.stop_signal
            && !matches!(signal.value.as_str(), "SIGTERM" | "15")
        {
            sink.push(
                Diagnostic::warning(
                    codes::NOT_ON_ECS,
                    format!("`stop_signal` of service `{name}` has no effect"),
                )
                .label(signal.span, "ECS sends the image's own STOPSIGNAL, else SIGTERM")
                .help("write `STOPSIGNAL` into the Dockerfile"),
            );
        }
        if let Some(mode) = &service.network_mode
            && !mode.value.starts_with("service:")
            && !matches!(mode.value.as_str(), "bridge" | "default")
        {
            sink.push(
                Diagnostic::error(
                    codes::NOT_ON_ECS,
                    format!("`network_mode: {}` is not possible on ECS", mode.value),
                )
                .label(mode.span, "every task has a network interface of its own (awsvpc)")
                .help("take it out; `service:NAME` puts two services into one task"),
            );
        }
    }
}

fn is_off(text: Option<&str>) -> bool {
    text == Some("false")
}

fn report(service: &str, key: &str, span: Span, row: Option<&Row>, sink: &mut Sink) {
    let (severity, reason) = match row {
        Some((_, severity, reason)) => (*severity, *reason),
        None => (Severity::Warning, "Seaway does not carry it to ECS yet"),
    };
    let verb = if severity == Severity::Error { "is not possible on ECS" } else { "has no effect on ECS" };
    let finding =
        Diagnostic::new(severity, codes::NOT_ON_ECS, format!("`{key}` of service `{service}` {verb}"))
            .label(span, reason);
    sink.push(if severity == Severity::Error { finding.help("take it out") } else { finding });
}
