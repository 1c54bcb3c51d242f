//! A Compose project → the application in one environment.

use indexmap::IndexMap;
use seaway_compose::Condition;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::Span;

use crate::App;
use crate::Environment;
use crate::Kind;
use crate::Workload;
use crate::assemble;
use crate::assemble::Context;
use crate::codes;
use crate::environments;
use crate::extensions;
use crate::graph;
use crate::group;
use crate::group::Group;
use crate::lookups;
use crate::resources;
use crate::routes;
use crate::secrets;
use crate::unsupported;

/// Builds the application model of a project for an environment.
///
/// Everything is validated and every finding is pushed to `sink`; `None` when at least one of
/// them is an error.
pub fn build(project: &Project, environment: &str, sink: &mut Sink) -> Option<App> {
    let errors_before = sink.count(Severity::Error);
    extensions::check(project, sink);
    unsupported::check(project, sink);
    let all = environments::read(project, sink);
    let resolved = environments::resolve(&all, environment, project, sink);
    check_app_name(project, sink);
    let secrets = secrets::read(project, environment, sink);

    let groups = group::group(project, sink);
    let workload_of: IndexMap<String, String> = groups
        .iter()
        .flat_map(|group| {
            let name = &group.main().name.value;
            group.services.iter().map(move |service| (service.name.value.clone(), name.clone()))
        })
        .collect();
    let awaited: Vec<String> = project
        .services
        .values()
        .flat_map(|service| &service.depends_on)
        .filter(|(_, dependency)| dependency.condition == Condition::ServiceCompletedSuccessfully)
        .map(|(name, _)| name.clone())
        .collect();
    let context = Context { project, secrets: &secrets, workload_of: &workload_of, awaited: &awaited };
    let mut workloads: IndexMap<String, Workload> = groups
        .iter()
        .filter_map(|group| assemble::assemble(group, &context, sink))
        .map(|workload| (workload.name.clone(), workload))
        .collect();
    imply_routes(&groups, &mut workloads, sink);
    routes::settle(workloads.values_mut(), sink);
    graph::check(&workloads, sink);
    check_verify(&workloads, sink);
    check_names(environment, &all, &workloads, sink);
    warn_of_volumes(project, resolved.as_ref(), &workloads, sink);
    warn_of_jobs(resolved.as_ref(), &workloads, sink);
    let resources = resources::read(project, &group::workloads_by_name(&groups), sink);
    let lookups = lookups::read(project, environment, sink);
    let tags = read_tags(project, sink);
    let public_port = public_port(&groups, &workloads);

    if sink.count(Severity::Error) > errors_before {
        return None;
    }
    Some(App {
        name: project.name.value.clone(),
        directory: project.directory.clone(),
        environment: resolved?,
        environments: all.into_iter().map(|environment| environment.name).collect(),
        workloads,
        resources,
        secrets,
        public_port,
        tags,
        lookups,
        beside: project.beside.clone(),
    })
}

/// Returns the least port that a service with routes publishes: the order of the file changes
/// nothing.
fn public_port(groups: &[Group<'_>], workloads: &IndexMap<String, Workload>) -> Option<u16> {
    let of = |group: &Group<'_>| {
        let Kind::Service(service) = &workloads.get(&group.main().name.value)?.kind else { return None };
        let routed = |target: u16| service.routes.iter().any(|route| route.port == target);
        let ports = group.services.iter().flat_map(|service| service.ports.iter());
        ports.filter(|port| routed(port.target)).filter_map(|port| port.published).min()
    };
    groups.iter().filter_map(of).min()
}

/// A published port that could be a route.
struct Published {
    workload: String,
    container: String,
    target: u16,
    published: u16,
    app_protocol: Option<String>,
    span: Span,
}

/// Gives `/` to the one published port of an application without routes; asks when there are
/// several.
fn imply_routes(groups: &[Group<'_>], workloads: &mut IndexMap<String, Workload>, sink: &mut Sink) {
    let mut any_route = false;
    let mut without: Vec<Published> = Vec::new();
    for group in groups {
        let name = &group.main().name.value;
        let Some(Kind::Service(service)) = workloads.get(name).map(|workload| &workload.kind) else {
            continue;
        };
        let stated = group.services.iter().any(|service| service.extensions.contains_key("x-routes"));
        any_route |= stated || !service.routes.is_empty();
        if stated {
            continue;
        }
        for service in &group.services {
            for port in service.ports.iter().filter(|port| port.protocol == "tcp") {
                if let Some(published) = port.published {
                    without.push(Published {
                        workload: name.clone(),
                        container: service.name.value.clone(),
                        target: port.target,
                        published,
                        app_protocol: port.app_protocol.clone(),
                        span: port.span,
                    });
                }
            }
        }
    }
    for port in &without {
        if routes::protocol_of(port.app_protocol.as_deref()).is_none() {
            let protocol = port.app_protocol.as_deref().unwrap_or_default();
            sink.push(
                Diagnostic::error(
                    codes::NOT_HTTP,
                    format!(
                        "service `{}` publishes port {}, which speaks {protocol}",
                        port.container, port.published
                    ),
                )
                .label(port.span, "the public load balancer speaks HTTP")
                .help(format!("other services reach it without publishing: write \"{}\"", port.target)),
            );
        }
    }
    let [only] = without.as_slice() else {
        ask_for_routes(&without, sink);
        return;
    };
    if any_route {
        ask_for_routes(&without, sink);
        return;
    }
    if !matches!(only.published, 80 | 443) {
        sink.push(
            Diagnostic::info(
                codes::PORT_MAPPED,
                format!("`{}` is public at `/`; on AWS on port 80 of the load balancer", only.container),
            )
            .label(only.span, format!("port {} is for this machine", only.published)),
        );
    }
    let protocol = routes::protocol_of(only.app_protocol.as_deref()).unwrap_or("HTTP");
    if let Some(workload) = workloads.get_mut(&only.workload) {
        let delay = workload.containers.first().map_or(10, |container| container.stop_timeout).clamp(5, 30);
        if let Kind::Service(service) = &mut workload.kind {
            service.routes.push(routes::implied(&only.container, only.target, only.span, protocol, delay));
        }
    }
}

fn ask_for_routes(without: &[Published], sink: &mut Sink) {
    for port in without {
        sink.push(
            Diagnostic::error(
                codes::ROUTES_MISSING,
                format!("service `{}` publishes port {}, but no route leads to it", port.container, port.published),
            )
            .label(port.span, "which requests belong to it?")
            .note("all published services share one load balancer, so each says which host or path is its own")
            .help(format!(
                "add to `{0}`:\n    x-routes:\n      - {{ path: /{0}, port: {1} }}\nor `{{ host: {0}.example.com, port: {1} }}`; for other services only, write the port as \"{1}\"",
                port.container, port.target
            )),
        );
    }
}

fn check_verify(workloads: &IndexMap<String, Workload>, sink: &mut Sink) {
    for workload in workloads.values() {
        if let Kind::Service(service) = &workload.kind
            && service.routes.is_empty()
            && !service.rollout.verify.is_empty()
        {
            sink.push(
                Diagnostic::error(
                    codes::VERIFY,
                    format!("`verify` of service `{}` has no address to ask", workload.name),
                )
                .label(workload.span, "this service is not public")
                .help("publish a port, or remove `verify`: its health check tells whether it serves"),
            );
        }
    }
}

fn check_app_name(project: &Project, sink: &mut Sink) {
    if project.name.value.len() > 40 {
        sink.push(
            Diagnostic::error(
                codes::BAD_NAME,
                format!("the project name `{}` is too long", project.name.value),
            )
            .label(project.name.span, "it begins the name of every stack")
            .help("use up to 40 characters: `name: …` at the top of the file"),
        );
    }
}

/// Refuses names that would give two stacks one name: environment `prod` with workload `eu-web`
/// and environment `prod-eu` with workload `web`.
fn check_names(
    environment: &str,
    all: &[Environment],
    workloads: &IndexMap<String, Workload>,
    sink: &mut Sink,
) {
    let tails: Vec<(&str, String)> = all
        .iter()
        .filter_map(|other| {
            let tail = other.name.strip_prefix(environment)?.strip_prefix('-')?;
            Some((other.name.as_str(), format!("{tail}-")))
        })
        .collect();
    for workload in workloads.values() {
        if workload.name.len() > 60 {
            sink.push(
                Diagnostic::error(codes::BAD_NAME, format!("the name `{}` is too long", workload.name))
                    .label(workload.span, "it becomes a part of stack and family names")
                    .help("use up to 60 characters"),
            );
        }
        if let Some((other, _)) = tails.iter().find(|(_, tail)| workload.name.starts_with(tail.as_str())) {
            sink.push(
                Diagnostic::error(
                    codes::BAD_NAME,
                    format!("`{}` in environment `{environment}` would have the stack name of another in `{other}`", workload.name),
                )
                .label(workload.span, "this service")
                .note("stacks are named APP-ENVIRONMENT-WORKLOAD")
                .help("rename the service or one of the two environments"),
            );
        }
    }
}

fn warn_of_volumes(
    project: &Project,
    environment: Option<&Environment>,
    workloads: &IndexMap<String, Workload>,
    sink: &mut Sink,
) {
    if environment.is_none_or(Environment::is_local) {
        return;
    }
    let used: Vec<&str> = workloads
        .values()
        .flat_map(|workload| &workload.containers)
        .flat_map(|container| &container.mounts)
        .map(|mount| mount.volume.as_str())
        .collect();
    for (name, volume) in &project.volumes {
        if used.contains(&name.as_str()) {
            sink.push(
                Diagnostic::warning(
                    codes::VOLUME_LIFETIME,
                    format!("data in volume `{name}` does not outlive its task on ECS"),
                )
                .label(volume.span, "storage of the task (20 GiB of Fargate's own)")
                .note("every task has its own, and it goes with the task; on `local` the volume stays")
                .help("keep state that must last in a database or bucket"),
            );
        }
    }
}

/// Says which parts of a job only `local` keeps.
fn warn_of_jobs(environment: Option<&Environment>, workloads: &IndexMap<String, Workload>, sink: &mut Sink) {
    if environment.is_none_or(Environment::is_local) {
        return;
    }
    for workload in workloads.values() {
        let Kind::Job(job) = &workload.kind else { continue };
        let mut parts = Vec::new();
        if job.timeout.is_some() {
            parts.push("`timeout`");
        }
        if job.retries > 0 {
            parts.push("`retries` of runs that started and failed");
        }
        if !job.overlap {
            parts.push("`overlap: false`");
        }
        if !parts.is_empty() {
            sink.push(
                Diagnostic::warning(
                    codes::NOT_YET,
                    format!("job `{}`: {} not kept on AWS yet", workload.name, is_are(&parts)),
                )
                .label(workload.span, "this job")
                .note("EventBridge Scheduler starts a task and does not look after it; `local` does")
                .help("let the program itself hold to it for now"),
            );
        }
    }
}

fn is_are(parts: &[&str]) -> String {
    match parts {
        [one] => format!("{one} is"),
        [rest @ .., last] => format!("{} and {last} are", rest.join(", ")),
        [] => String::new(),
    }
}

fn in_tags(letter: char) -> bool {
    letter.is_alphanumeric() || letter == ' ' || "+-=._:/@".contains(letter)
}

/// Reads `x-tags`: a mapping, or a list of `Key` and `Value` as CloudFormation writes it.
fn read_tags(project: &Project, sink: &mut Sink) -> IndexMap<String, String> {
    let mut tags = IndexMap::new();
    let Some(extension) = project.extensions.get("x-tags") else { return tags };
    let mut pairs = Vec::new();
    let node = &extension.node;
    if let Some(map) = node.as_map() {
        pairs.extend(
            map.iter().map(|entry| {
                (entry.key.text.clone(), entry.value.as_str().map(str::to_owned), entry.key.span)
            }),
        );
    } else if let Some(items) = node.as_seq() {
        for item in items {
            let text = |key: &str| {
                item.as_map().and_then(|map| map.get(key)).and_then(|value| value.as_str()).map(str::to_owned)
            };
            pairs.push((text("Key").unwrap_or_default(), text("Value"), item.span));
        }
    } else if !node.is_null() {
        sink.push(
            Diagnostic::error(
                codes::BAD_VALUE,
                format!("`x-tags` must be a mapping, not {}", node.describe()),
            )
            .label(node.span, "key: value is expected here"),
        );
    }
    for (key, value, span) in pairs {
        let lower = key.to_ascii_lowercase();
        let reason = if key.is_empty() || key.len() > 128 {
            "a key has 1 to 128 characters"
        } else if lower.starts_with("aws:") || lower.starts_with("seaway:") {
            "this prefix is kept"
        } else if value.as_ref().is_none_or(|value| value.len() > 256) {
            "a value is text of up to 256 characters"
        } else if !key.chars().chain(value.iter().flat_map(|value| value.chars())).all(in_tags) {
            "letters, digits, spaces and `+ - = . _ : / @` are allowed"
        } else {
            tags.insert(key, value.unwrap_or_default());
            continue;
        };
        sink.push(
            Diagnostic::error(codes::BAD_VALUE, format!("the tag `{key}` cannot be used"))
                .label(span, reason)
                .help("choose another key or value"),
        );
    }
    tags
}
