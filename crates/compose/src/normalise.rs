//! What a project says without writing it: default names, the default network, dependencies that
//! other keys imply (specification: 05-services.md, 06-networks.md).

use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;

use crate::Attachment;
use crate::Condition;
use crate::Dependency;
use crate::Extensions;
use crate::Network;
use crate::Project;
use crate::Service;

const DEFAULT: &str = "default";

/// Returns the project with everything implicit written out. The loader leaves it implicit, so that
/// a reader can tell what the user wrote.
pub fn normalised(project: &Project) -> Project {
    let mut out = project.clone();
    let mut default_used = None;
    let names: Vec<String> = out.services.keys().cloned().collect();
    for service in out.services.values_mut() {
        if service.network_mode.is_none() && service.attachments.is_empty() && service.provider.is_none() {
            let span = service.name.span;
            service.networks.push(Spanned::new(DEFAULT.to_owned(), span));
            service.attachments.insert(DEFAULT.to_owned(), attachment(span));
        }
        if service.attachments.contains_key(DEFAULT) {
            default_used.get_or_insert(service.name.span);
        }
        for (target, dependency) in implied(service) {
            if names.contains(&target) {
                service.depends_on.entry(target).or_insert(dependency);
            }
        }
        if let Some(build) = &mut service.build
            && build.dockerfile.is_none()
            && build.dockerfile_inline.is_none()
        {
            build.dockerfile = Some(Spanned::new("Dockerfile".to_owned(), build.span));
        }
    }
    if let Some(span) = default_used
        && !out.networks.contains_key(DEFAULT)
    {
        out.networks.insert(DEFAULT.to_owned(), network(span));
    }
    names_of(&mut out);
    out
}

/// Everything that the engine names gets `<project>_<key>`; what is external its own key.
fn names_of(project: &mut Project) {
    let prefix = project.name.value.clone();
    let name = |key: &str, span: Span, external: bool, given: &mut Option<Spanned<String>>| {
        if given.is_none() {
            let text = if external { key.to_owned() } else { format!("{prefix}_{key}") };
            *given = Some(Spanned::new(text, span));
        }
    };
    for (key, one) in &mut project.volumes {
        name(key, one.span, one.external, &mut one.name);
    }
    for (key, one) in &mut project.networks {
        name(key, one.span, one.external, &mut one.name);
    }
    for (key, one) in project.secrets.iter_mut().chain(&mut project.configs) {
        name(key, one.span, one.external, &mut one.name);
    }
    for (key, one) in &mut project.models {
        let span = one.span;
        one.name.get_or_insert_with(|| Spanned::new(key.clone(), span));
    }
}

/// Services that must be there because another key names them.
fn implied(service: &Service) -> IndexMap<String, Dependency> {
    let mut out = IndexMap::new();
    let mut add = |name: &str, span: Span, restart: bool| {
        out.entry(name.to_owned()).or_insert(Dependency {
            span,
            condition: Condition::ServiceStarted,
            restart,
            required: true,
            extensions: Extensions::new(),
        });
    };
    for mode in [&service.network_mode, &service.ipc, &service.pid, &service.uts, &service.cgroup] {
        if let Some(mode) = mode
            && let Some(name) = mode.value.strip_prefix("service:")
        {
            add(name, mode.span, true);
        }
    }
    for link in &service.links {
        add(link.value.split(':').next().unwrap_or_default(), link.span, true);
    }
    for from in &service.volumes_from {
        if !from.value.starts_with("container:") {
            add(from.value.split(':').next().unwrap_or_default(), from.span, false);
        }
    }
    out
}

fn attachment(span: Span) -> Attachment {
    Attachment {
        span,
        aliases: Vec::new(),
        interface_name: None,
        ipv4_address: None,
        ipv6_address: None,
        link_local_ips: Vec::new(),
        mac_address: None,
        driver_opts: IndexMap::new(),
        priority: None,
        gw_priority: None,
        extensions: Extensions::new(),
    }
}

fn network(span: Span) -> Network {
    Network {
        span,
        name: None,
        external: false,
        driver: None,
        driver_opts: IndexMap::new(),
        ipam: None,
        internal: None,
        attachable: None,
        enable_ipv4: None,
        enable_ipv6: None,
        labels: IndexMap::new(),
        extensions: Extensions::new(),
    }
}
