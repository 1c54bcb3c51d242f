//! A group of services → a workload.

use indexmap::IndexMap;
use seaway_compose::Condition;
use seaway_compose::Extension;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;

use crate::Container;
use crate::Edge;
use crate::InternalPort;
use crate::Job;
use crate::Kind;
use crate::Route;
use crate::RunPoint;
use crate::Secret;
use crate::Service;
use crate::Task;
use crate::Workload;
use crate::codes;
use crate::container;
use crate::group::Group;
use crate::health;
use crate::iam;
use crate::job;
use crate::rollout;
use crate::routes;
use crate::section::Section;
use crate::size;

/// Seconds in which failed health checks of a new task do not count, when `start_period` is not
/// given.
const GRACE: u32 = 30;

/// What all workloads share while they are assembled.
pub(crate) struct Context<'a> {
    pub(crate) project: &'a Project,
    pub(crate) secrets: &'a IndexMap<String, Secret>,
    /// Compose service → workload.
    pub(crate) workload_of: &'a IndexMap<String, String>,
    /// Services that others wait for with `service_completed_successfully`.
    pub(crate) awaited: &'a [String],
}

/// Returns the workload of a group.
pub(crate) fn assemble(group: &Group<'_>, context: &Context<'_>, sink: &mut Sink) -> Option<Workload> {
    let main = group.main();
    let name = main.name.value.clone();
    let containers: Vec<Container> =
        group.services.iter().filter_map(|service| container::read(service, context.secrets, sink)).collect();
    if containers.len() != group.services.len() {
        return None;
    }
    let (cpu, memory) = read_size(group, sink);
    let mut workload = Workload {
        kind: read_kind(group, context, sink),
        span: main.name.span,
        containers,
        cpu,
        memory,
        architecture: read_architecture(group, sink),
        depends_on: Vec::new(),
        iam: iam::read(group, sink),
        name,
    };
    read_dependencies(group, context, &mut workload, sink);
    Some(workload)
}

fn read_kind(group: &Group<'_>, context: &Context<'_>, sink: &mut Sink) -> Kind {
    let mut keys: Vec<(&str, &str, &Extension)> = Vec::new();
    for service in &group.services {
        for key in ["x-job", "x-task"] {
            if let Some(extension) = service.extensions.get(key) {
                keys.push((key, &service.name.value, extension));
            }
        }
    }
    if let [(first, _, earlier), (second, name, later), ..] = keys.as_slice() {
        sink.push(
            Diagnostic::error(
                codes::WORKLOAD_KIND,
                format!("the task of `{name}` has `{first}` and `{second}`"),
            )
            .label(later.key_span, "given here")
            .context(earlier.key_span, "and here")
            .help("a workload is a job (on a schedule) or a task (on request), keep one"),
        );
    }
    let main = group.main();
    let replicated_job = main.deploy.mode.as_ref().filter(|mode| mode.value.ends_with("-job"));
    let kind = match keys.first() {
        Some(("x-job", name, extension)) => Kind::Job(job::read_job(name, extension, sink)),
        Some((_, name, extension)) => Kind::Task(job::read_task(name, extension, sink)),
        None if replicated_job.is_some() => Kind::Job(Job::default()),
        None if context.awaited.contains(&main.name.value) => {
            sink.push(
                Diagnostic::info(
                    codes::WORKLOAD_KIND,
                    format!("`{}` runs as a task before each release", main.name.value),
                )
                .label(main.name.span, "others wait until it has completed")
                .help("write `x-task: { run: before }` to say so in the file"),
            );
            Kind::Task(Task { run: RunPoint::Before, confirm: false, timeout: None })
        }
        None => Kind::Service(Box::new(read_service(group, sink))),
    };
    if let Some(mode) = &main.deploy.mode
        && mode.value.starts_with("global")
    {
        sink.push(
            Diagnostic::error(
                codes::WORKLOAD_KIND,
                format!("`deploy.mode: {}` is not possible on Fargate", mode.value),
            )
            .label(mode.span, "there are no nodes to run one task on each")
            .help("use `replicated` with a number of `replicas`"),
        );
    }
    if !matches!(kind, Kind::Service(_)) {
        refuse_service_keys(group, &kind, sink);
    }
    kind
}

fn refuse_service_keys(group: &Group<'_>, kind: &Kind, sink: &mut Sink) {
    let word = kind.as_str();
    for service in &group.services {
        let name = &service.name.value;
        if let Some(replicas) = &service.deploy.replicas
            && replicas.value > 1
        {
            sink.push(
                Diagnostic::warning(
                    codes::NOT_ON_ECS,
                    format!("{word} `{name}` runs once, not {} times", replicas.value),
                )
                .label(replicas.span, "counts are for services"),
            );
        }
        if let Some(port) = service.ports.iter().find(|port| port.published.is_some()) {
            sink.push(
                Diagnostic::error(codes::PUBLISHED_PORT, format!("{word} `{name}` publishes a port"))
                    .label(port.span, "nobody could reach it")
                    .note(format!("a {word} runs and ends; the load balancer only leads to services"))
                    .help("remove `ports`, or the key that makes it no service"),
            );
        }
        for key in ["x-routes", "x-rollout"] {
            if let Some(extension) = service.extensions.get(key) {
                sink.push(
                    Diagnostic::error(codes::PUBLISHED_PORT, format!("{word} `{name}` has `{key}`"))
                        .label(extension.key_span, "it is for services only")
                        .help("remove it"),
                );
            }
        }
    }
}

fn read_service(group: &Group<'_>, sink: &mut Sink) -> Service {
    let main = group.main();
    let replicas = main.deploy.replicas.as_ref().map_or(1, |replicas| replicas.value);
    // Draining need not take longer than the task gets for its own end.
    let stop = main.stop_grace_period.as_ref().map_or(10, |period| health::whole(period.value));
    let delay = stop.clamp(5, 30);
    let mut all_routes: Vec<Route> = Vec::new();
    let mut internal_ports = Vec::new();
    for service in &group.services {
        all_routes.extend(routes::read(service, delay, sink));
        read_internal_ports(service, &mut internal_ports, sink);
    }
    let rollout = rollout::read(
        &main.name.value,
        replicas,
        main.deploy.update_config.as_ref(),
        main.extensions.get("x-rollout"),
        sink,
    );
    let grace_period = rollout.grace_period;
    let read_only = group.services.iter().any(|service| service.read_only.is_some_and(|truth| truth.value));
    let start_period = group
        .services
        .iter()
        .filter_map(|service| service.healthcheck.as_ref()?.start_period)
        .map(|period| health::whole(period.value))
        .max();
    Service {
        replicas,
        routes: all_routes,
        internal_ports,
        rollout,
        grace_period: Some(grace_period.or(start_period).unwrap_or(GRACE)),
        // ECS Exec writes into the container's file system.
        exec: !read_only && read_exec(group, sink).unwrap_or(true),
    }
}

/// Reads `x-ecs.EnableExecuteCommand`.
fn read_exec(group: &Group<'_>, sink: &mut Sink) -> Option<bool> {
    let mut exec = None;
    for service in &group.services {
        let Some(extension) = service.extensions.get("x-ecs") else { continue };
        let what = format!("`x-ecs` of service `{}`", service.name.value);
        let keys = [
            "enable_execute_command",
            "capacity_provider_strategy",
            "cpu_architecture",
            "operating_system_family",
        ];
        let Some(section) = Section::open(&extension.node, what.clone(), &keys, sink) else { continue };
        exec = section.truth("enable_execute_command", sink).or(exec);
        for key in keys.iter().skip(1) {
            if let Some(node) = section.get(key) {
                sink.push(
                    Diagnostic::error(codes::NOT_YET, format!("`{key}` in {what} is not supported yet"))
                        .label(node.span, "nothing would come of this")
                        .help("use `capacity` of the environment, and Compose's own `platform`"),
                );
            }
        }
    }
    exec
}

fn read_internal_ports(service: &seaway_compose::Service, ports: &mut Vec<InternalPort>, sink: &mut Sink) {
    let name = &service.name.value;
    let mut add = |port: u16, app_protocol: Option<&str>| {
        if ports.iter().any(|known| known.port == port) {
            return;
        }
        let app_protocol =
            app_protocol.map(str::to_ascii_lowercase).and_then(|protocol| match protocol.as_str() {
                "http" | "http1" => Some("http"),
                "http2" | "h2" | "h2c" => Some("http2"),
                "grpc" => Some("grpc"),
                _ => None,
            });
        let kind = app_protocol.unwrap_or("tcp");
        ports.push(InternalPort {
            container: name.clone(),
            port,
            name: format!("{kind}-{port}"),
            app_protocol: app_protocol.map(str::to_owned),
        });
    };
    for port in &service.ports {
        if port.protocol == "tcp" {
            add(port.target, port.app_protocol.as_deref());
        } else {
            sink.push(
                Diagnostic::error(
                    codes::NOT_HTTP,
                    format!("port {} of service `{name}` speaks {}", port.target, port.protocol),
                )
                .label(port.span, "neither the load balancer nor Service Connect carries it")
                .help("only TCP ports are supported yet"),
            );
        }
    }
    for port in &service.expose {
        add(port.value, None);
    }
}

fn read_size(group: &Group<'_>, sink: &mut Sink) -> (u32, u32) {
    const MIB: u64 = 1_048_576;
    let mut cpu = 0.0;
    let mut bytes: u64 = 0;
    let mut span = None;
    for service in &group.services {
        let deploy = &service.deploy;
        if let Some(given) = deploy.cpus.as_ref().or(deploy.reserved_cpus.as_ref()) {
            cpu += given.value.max(0.0) * 1_024.0;
            span = span.or(Some(given.span));
        }
        if let Some(given) = deploy.memory.as_ref().or(deploy.reserved_memory.as_ref()) {
            bytes = bytes.saturating_add(given.value);
            span = span.or(Some(given.span));
        }
    }
    let name = &group.main().name.value;
    let (wanted_cpu, wanted_memory) = (u64::from(health::whole(cpu)), bytes.div_ceil(MIB));
    let Some(span) = span else { return (256, 512) };
    let Some((rounded_cpu, rounded_memory)) = size::round_up(wanted_cpu, wanted_memory) else {
        sink.push(
            Diagnostic::error(
                codes::SIZE_TOO_BIG,
                format!(
                    "`{name}` wants {wanted_cpu} CPU units and {wanted_memory} MiB, more than Fargate has"
                ),
            )
            .label(span, "this size")
            .note(format!("the largest task has {} CPU units and {} MiB", size::MOST_CPU, size::MOST_MEMORY))
            .help("split the work over several tasks"),
        );
        return (256, 512);
    };
    let asked = |wanted: u64, rounded: u32| wanted != 0 && wanted != u64::from(rounded);
    if asked(wanted_cpu, rounded_cpu) || asked(wanted_memory, rounded_memory) {
        sink.push(
            Diagnostic::info(
                codes::SIZE_ROUNDED,
                format!("`{name}` gets {rounded_cpu} CPU units and {rounded_memory} MiB"),
            )
            .label(span, asked_for(wanted_cpu, wanted_memory))
            .note("Fargate offers certain pairs only; this is the next one that has both"),
        );
    }
    (rounded_cpu, rounded_memory)
}

fn asked_for(cpu: u64, memory: u64) -> String {
    match (cpu, memory) {
        (0, memory) => format!("asked for {memory} MiB"),
        (cpu, 0) => format!("asked for {cpu} CPU units"),
        (cpu, memory) => format!("asked for {cpu} CPU units and {memory} MiB"),
    }
}

fn read_architecture(group: &Group<'_>, sink: &mut Sink) -> String {
    let mut architecture: Option<(&'static str, seaway_diag::Span)> = None;
    for service in &group.services {
        let Some(platform) = &service.platform else { continue };
        let mut parts = platform.value.split('/');
        let found = match (parts.next(), parts.next()) {
            (Some("linux"), Some("amd64" | "x86_64") | None) => "X86_64",
            (Some("linux"), Some("arm64" | "aarch64")) => "ARM64",
            _ => {
                sink.push(
                    Diagnostic::error(
                        codes::BAD_PLATFORM,
                        format!("Fargate does not run the platform `{}`", platform.value),
                    )
                    .label(platform.span, "this platform")
                    .help("write `linux/amd64` or `linux/arm64`"),
                );
                continue;
            }
        };
        match architecture {
            Some((other, span)) if other != found => sink.push(
                Diagnostic::error(
                    codes::BAD_PLATFORM,
                    format!(
                        "containers of the task of `{}` have different platforms",
                        group.main().name.value
                    ),
                )
                .label(platform.span, "this one")
                .context(span, "and this one")
                .help("a task runs on one platform"),
            ),
            _ => architecture = Some((found, platform.span)),
        }
    }
    architecture.map_or("X86_64", |(found, _)| found).to_owned()
}

fn read_dependencies(group: &Group<'_>, context: &Context<'_>, workload: &mut Workload, sink: &mut Sink) {
    for (index, service) in group.services.iter().enumerate() {
        for (target, dependency) in &service.depends_on {
            let Some(other) = context.workload_of.get(target) else { continue };
            if *other != workload.name {
                add_edge(workload, other, dependency.condition, context, target, dependency.span, sink);
                continue;
            }
            let condition = match dependency.condition {
                Condition::ServiceStarted => "START",
                Condition::ServiceHealthy => "HEALTHY",
                Condition::ServiceCompletedSuccessfully => "SUCCESS",
            };
            let found = workload.containers.iter_mut().find(|container| container.name == *target);
            if let Some(container) = found {
                if condition == "SUCCESS" {
                    container.essential = false;
                }
                if condition == "HEALTHY" && container.health.is_none() {
                    sink.push(
                        Diagnostic::error(
                            codes::DEPENDENCY,
                            format!(
                                "`{}` waits for `{target}` to be healthy, which has no health check",
                                service.name.value
                            ),
                        )
                        .label(dependency.span, "this would wait for ever")
                        .help(format!("add a `healthcheck` to `{target}`, or wait with `service_started`")),
                    );
                }
            }
            if let Some(container) = workload.containers.get_mut(index) {
                container.depends_on.insert(target.clone(), condition.to_owned());
            }
        }
    }
    // A job or task ends with its main container, whatever its helpers do.
    if !matches!(workload.kind, Kind::Service(_)) {
        for container in workload.containers.iter_mut().skip(1) {
            container.essential = false;
        }
    }
}

fn add_edge(
    workload: &mut Workload,
    other: &str,
    condition: Condition,
    context: &Context<'_>,
    target: &str,
    span: seaway_diag::Span,
    sink: &mut Sink,
) {
    let completed = condition == Condition::ServiceCompletedSuccessfully;
    if completed
        && let Some(service) = context.project.services.get(target)
        && service.extensions.contains_key("x-job")
    {
        sink.push(
            Diagnostic::error(
                codes::DEPENDENCY,
                format!("`{}` waits for job `{target}` to complete", workload.name),
            )
            .label(span, "a job runs on its schedule, not at a release")
            .help("make it a task with `x-task: { run: before }`, or do not wait for it"),
        );
    }
    match workload.depends_on.iter_mut().find(|edge| edge.workload == other) {
        Some(edge) => edge.completed |= completed,
        None => workload.depends_on.push(Edge { workload: other.to_owned(), completed }),
    }
}
