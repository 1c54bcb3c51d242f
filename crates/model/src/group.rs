//! Which services share a task: the `ecs.task.family` label and `network_mode: service:X`.

use indexmap::IndexMap;
use seaway_compose::Project;
use seaway_compose::Service;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Spanned;
use seaway_diag::nearest;

use crate::codes;

const FAMILY: &str = "ecs.task.family";

/// Services of one task, the main one first.
pub(crate) struct Group<'a> {
    /// The services.
    pub(crate) services: Vec<&'a Service>,
    /// The task family that they name.
    pub(crate) family: Option<String>,
}

impl<'a> Group<'a> {
    /// Returns the main service; a group is never empty.
    pub(crate) fn main(&self) -> &'a Service {
        self.services[0]
    }
}

fn family(service: &Service) -> Option<&Spanned<String>> {
    service.deploy.labels.get(FAMILY).or_else(|| service.labels.get(FAMILY))
}

/// Returns the workloads of every Compose service and of every task family.
pub(crate) fn workloads_by_name(groups: &[Group<'_>]) -> IndexMap<String, Vec<String>> {
    let mut names: IndexMap<String, Vec<String>> = IndexMap::new();
    let mut add = |name: &str, workload: &str| {
        let workloads = names.entry(name.to_owned()).or_default();
        if !workloads.iter().any(|known| known == workload) {
            workloads.push(workload.to_owned());
        }
    };
    for group in groups {
        let workload = &group.main().name.value;
        for service in &group.services {
            add(&service.name.value, workload);
        }
    }
    for group in groups {
        if let Some(family) = &group.family {
            add(family, &group.main().name.value);
        }
    }
    names
}

/// Returns the groups in the file order of their first service.
pub(crate) fn group<'a>(project: &'a Project, sink: &mut Sink) -> Vec<Group<'a>> {
    // Key: the family in a name space of its own, or the service that lends its network.
    let mut groups: IndexMap<(bool, String), Vec<&'a Service>> = IndexMap::new();
    for service in project.services.values() {
        let key = key_of(project, service, sink);
        groups.entry(key).or_default().push(service);
    }
    groups
        .into_iter()
        .map(|((is_family, key), mut services)| {
            let main = services
                .iter()
                .position(|service| service.name.value == key)
                .or_else(|| {
                    services
                        .iter()
                        .position(|service| service.ports.iter().any(|port| port.published.is_some()))
                })
                .unwrap_or(0);
            services[..=main].rotate_right(1);
            let group = Group { services, family: is_family.then_some(key) };
            check(&group, sink);
            group
        })
        .collect()
}

fn key_of(project: &Project, service: &Service, sink: &mut Sink) -> (bool, String) {
    if let Some(family) = family(service) {
        if family.value.contains(',') {
            sink.push(
                Diagnostic::error(
                    codes::TASK_GROUP,
                    format!("service `{}` names several task families", service.name.value),
                )
                .label(family.span, "more than one family")
                .help("name one; write the service twice, with `extends`, to run it in two tasks"),
            );
        }
        return (true, family.value.clone());
    }
    let mut current = service;
    let mut steps = 0;
    while let Some(mode) = &current.network_mode
        && let Some(target) = mode.value.strip_prefix("service:")
    {
        let Some(next) = project.services.get(target) else {
            let finding = Diagnostic::error(
                codes::TASK_GROUP,
                format!("`network_mode` names service `{target}`, which is not there"),
            )
            .label(mode.span, "no service of this file");
            sink.push(match nearest(target, project.services.keys().map(String::as_str)) {
                Some(near) => finding
                    .help(format!("did you mean `service:{near}`?"))
                    .fix(mode.span, format!("service:{near}")),
                None => finding.help("name a service of this file"),
            });
            break;
        };
        steps += 1;
        if steps > project.services.len() {
            sink.push(
                Diagnostic::error(codes::TASK_GROUP, "services lend each other their network in a circle")
                    .label(mode.span, "this leads back to itself")
                    .help("one of them must have a network of its own"),
            );
            break;
        }
        if let Some(family) = family(next) {
            return (true, family.value.clone());
        }
        current = next;
    }
    (false, current.name.value.clone())
}

fn check(group: &Group<'_>, sink: &mut Sink) {
    if group.services.len() < 2 {
        return;
    }
    let main = group.main();
    if group.services.len() > 10 {
        sink.push(
            Diagnostic::error(
                codes::TASK_GROUP,
                format!(
                    "the task of `{}` has {} containers, ECS allows 10",
                    main.name.value,
                    group.services.len()
                ),
            )
            .label(main.name.span, "main container of this task")
            .help("give some of them a task of their own"),
        );
    }
    let mut ports: Vec<(u16, &Service)> = Vec::new();
    for service in &group.services {
        let own =
            service.ports.iter().map(|port| port.target).chain(service.expose.iter().map(|port| port.value));
        for port in own {
            match ports.iter().find(|(other, _)| *other == port) {
                Some((_, other)) if !std::ptr::eq(*other, *service) => sink.push(
                    Diagnostic::error(
                        codes::TASK_GROUP,
                        format!("port {port} is used twice in the task of `{}`", main.name.value),
                    )
                    .label(service.name.span, format!("`{}` listens on it", service.name.value))
                    .context(other.name.span, format!("`{}` listens on it, too", other.name.value))
                    .note("containers of one task share a network interface")
                    .help("let one of them listen on another port"),
                ),
                Some(_) => {}
                None => ports.push((port, service)),
            }
        }
        if let (Some(own), Some(of_main)) = (&service.deploy.replicas, &main.deploy.replicas)
            && own.value != of_main.value
        {
            sink.push(
                Diagnostic::error(
                    codes::TASK_GROUP,
                    format!("containers of the task of `{}` want different counts", main.name.value),
                )
                .label(own.span, format!("{} here", own.value))
                .context(of_main.span, format!("{} in the main container", of_main.value))
                .help("containers of one task are counted together: keep one number"),
            );
        }
    }
}
