//! The project as a whole: what names what, what contradicts what, what is on the disk.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;
use seaway_diag::nearest;
use seaway_yaml::Node;

use crate::Condition;
use crate::Dependency;
use crate::FileObject;
use crate::MountKind;
use crate::Project;
use crate::Service;
use crate::codes;
use crate::cycles;
use crate::loader::Loader;
use crate::paths;
use crate::published;
use crate::read::is_remote;
use crate::schema::SERVICE;

/// The label by which services share a task, as in ECS ComposeX; there `depends_on` may name it.
const FAMILY: &str = "ecs.task.family";

/// Replaces dependencies on a task family by its services, with a warning.
pub(crate) fn families(project: &mut Project, sink: &mut Sink) {
    let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, service) in &project.services {
        if let Some(label) = service.deploy.labels.get(FAMILY) {
            for family in label.value.split(',').map(str::trim) {
                families.entry(family.to_owned()).or_default().push(name.clone());
            }
        }
    }
    if families.is_empty() {
        return;
    }
    let names: Vec<String> = project.services.keys().cloned().collect();
    for (own, service) in &mut project.services {
        let is_family = |target: &String| !names.contains(target) && families.contains_key(target);
        if !service.depends_on.keys().any(is_family) {
            continue;
        }
        let mut out: IndexMap<String, Dependency> = IndexMap::new();
        for (target, dependency) in std::mem::take(&mut service.depends_on) {
            if !is_family(&target) {
                out.insert(target, dependency);
                continue;
            }
            let members: Vec<_> = families[&target].iter().filter(|member| *member != own).collect();
            let list: Vec<_> = members.iter().map(|member| format!("`{member}`")).collect();
            sink.push(
                Diagnostic::warning(
                    codes::UNKNOWN_SERVICE,
                    format!("`{target}` is a task family, not a service"),
                )
                .label(dependency.span, "`docker compose` refuses this")
                .help(format!("name its services: {}", list.join(", "))),
            );
            for member in members {
                out.entry(member.clone()).or_insert_with(|| dependency.clone());
            }
        }
        service.depends_on = out;
    }
}

/// Names that are not there, among all services whatever their profile.
pub(crate) fn references(project: &Project, sources: &SourceMap, sink: &mut Sink) {
    for (name, service) in &project.services {
        for (target, dependency) in &service.depends_on {
            if !project.services.contains_key(target) {
                // `required: false` is for what may be missing.
                if dependency.required {
                    unknown(sources, sink, A_SERVICE, name, target, dependency.span, project.services.keys());
                }
            } else if dependency.condition == Condition::ServiceHealthy
                && project.services[target].healthcheck.as_ref().is_some_and(|check| check.disable)
            {
                sink.push(
                    Diagnostic::error(
                        codes::CONFLICT,
                        format!("`{name}` waits until `{target}` is healthy, which has no health check"),
                    )
                    .label(dependency.span, "this can never come true")
                    .help("use `condition: service_started`, or enable the health check"),
                );
            }
        }
        for grant in &service.secrets {
            if !project.secrets.contains_key(&grant.source) {
                unknown(sources, sink, A_SECRET, name, &grant.source, grant.span, project.secrets.keys());
            }
        }
        let of_build = service.build.iter().flat_map(|build| &build.secrets);
        for grant in of_build {
            if !project.secrets.contains_key(&grant.source) {
                unknown(sources, sink, A_SECRET, name, &grant.source, grant.span, project.secrets.keys());
            }
        }
        for (target, span) in named_services(service) {
            if !project.services.contains_key(target) {
                unknown(sources, sink, A_SERVICE, name, target, span, project.services.keys());
            }
        }
        for (model, used) in &service.models {
            if !project.models.contains_key(model) {
                unknown(sources, sink, A_MODEL, name, model, used.span, project.models.keys());
            }
        }
        if let Some(config) = service.credential_spec.as_ref().and_then(|spec| spec.config.as_ref())
            && !project.configs.contains_key(&config.value)
        {
            unknown(sources, sink, A_CONFIG, name, &config.value, config.span, project.configs.keys());
        }
        for grant in &service.configs {
            if !project.configs.contains_key(&grant.source) {
                unknown(sources, sink, A_CONFIG, name, &grant.source, grant.span, project.configs.keys());
            }
        }
        for mount in service.volumes.iter().filter(|mount| mount.kind == MountKind::Volume) {
            if let Some(source) = &mount.source
                && !project.volumes.contains_key(source)
            {
                unknown(sources, sink, A_VOLUME, name, source, mount.span, project.volumes.keys());
            }
        }
        for network in &service.networks {
            if network.value != "default" && !project.networks.contains_key(&network.value) {
                unknown(
                    sources,
                    sink,
                    A_NETWORK,
                    name,
                    &network.value,
                    network.span,
                    project.networks.keys(),
                );
            }
        }
    }
}

/// Services that other keys than `depends_on` name.
fn named_services(service: &Service) -> Vec<(&str, Span)> {
    let modes = [&service.network_mode, &service.ipc, &service.pid, &service.uts];
    let modes = modes.into_iter().flatten();
    let mut out: Vec<_> =
        modes.filter_map(|mode| Some((mode.value.strip_prefix("service:")?, mode.span))).collect();
    let first = |text: &str| text.find(':').unwrap_or(text.len());
    out.extend(service.links.iter().map(|link| (&link.value[..first(&link.value)], link.span)));
    let from = service.volumes_from.iter().filter(|from| !from.value.starts_with("container:"));
    out.extend(from.map(|from| (&from.value[..first(&from.value)], from.span)));
    let contexts = service.build.iter().flat_map(|build| build.additional_contexts.values());
    out.extend(contexts.filter_map(|text| Some((text.value.strip_prefix("service:")?, text.span))));
    out
}

/// Code, word and section of something that is named.
type Kind = (&'static str, &'static str, &'static str);

const A_SERVICE: Kind = (codes::UNKNOWN_SERVICE, "service", "services");
const A_MODEL: Kind = (codes::UNKNOWN_MODEL, "model", "models");
const A_SECRET: Kind = (codes::UNKNOWN_SECRET, "secret", "secrets");
const A_CONFIG: Kind = (codes::UNKNOWN_CONFIG, "config", "configs");
const A_VOLUME: Kind = (codes::UNKNOWN_VOLUME, "volume", "volumes");
const A_NETWORK: Kind = (codes::UNKNOWN_NETWORK, "network", "networks");

fn unknown<'a>(
    sources: &SourceMap,
    sink: &mut Sink,
    (code, kind, section): Kind,
    service: &str,
    target: &str,
    span: Span,
    names: impl Iterator<Item = &'a String>,
) {
    let finding = Diagnostic::error(
        code,
        format!("service `{service}` uses the {kind} `{target}`, which is not defined"),
    )
    .label(span, format!("no such {kind}"));
    sink.push(match nearest(target, names.map(String::as_str)) {
        // Only where nothing but the name is written can it be replaced.
        Some(name) if sources.text(span).trim_matches(['"', '\'']) == target => {
            finding.help(format!("did you mean `{name}`?")).fix(span, name)
        }
        Some(name) => finding.help(format!("did you mean `{name}`?")),
        None => finding.help(format!("define `{target}` under the top-level `{section}:`")),
    });
}

/// Names of services that are wrong in a way that was reported, and that hides what runs.
pub(crate) fn broken(root: &Node) -> BTreeSet<String> {
    let services = root.as_map().and_then(|map| map.get("services")).and_then(Node::as_map);
    let hides = |node: &Node| match node.as_map() {
        Some(map) => map.iter().any(|entry| {
            let key = entry.key.text.as_str();
            // One of these that cannot be read was reported where it stands.
            matches!(key, "extends" | "image" | "build" | "provider")
                || (!SERVICE.iter().any(|(name, _)| *name == key)
                    && nearest(key, ["image", "build"]).is_some())
        }),
        None => true,
    };
    services
        .into_iter()
        .flatten()
        .filter(|entry| hides(&entry.value))
        .map(|entry| entry.key.text.clone())
        .collect()
}

/// All that concerns the services that take part; `broken` ones are spared consequences.
pub(crate) fn project(project: &Project, broken: &BTreeSet<String>, loader: &mut Loader<'_>) {
    if project.services.is_empty() && !loader.sink.has_errors() {
        let finding = Diagnostic::error(codes::NO_SERVICES, "the project has no services to run")
            .help("add a service under `services:`, or activate a profile with `--profile`");
        loader.sink.push(finding.label(project.name.span, "in this project"));
    }
    for (name, service) in &project.services {
        self::service(name, service, broken.contains(name), loader);
    }
    published::check(project, loader.sink);
    cycles::check(project, loader.sink);
    objects(project, loader);
}

fn service(name: &str, service: &Service, broken: bool, loader: &mut Loader<'_>) {
    if !broken && service.image.is_none() && service.build.is_none() && service.provider.is_none() {
        loader.sink.push(
            Diagnostic::error(
                codes::MISSING_KEY,
                format!("service `{name}` has neither `image` nor `build`"),
            )
            .label(service.name.span, "what should run here?")
            .help("add `image: name:tag`, or `build: folder`"),
        );
    }
    if let Some(build) = &service.build {
        let context = &build.context;
        if !is_remote(context.value.as_str()) && !loader.files.exists(&context.value) {
            let shown = paths::shown(&context.value, &loader.options.working_directory);
            loader.sink.push(
                Diagnostic::error(
                    codes::BUILD_CONTEXT_MISSING,
                    format!("the build context `{shown}` of service `{name}` is missing"),
                )
                .label(context.span, "there is no such folder")
                .note(format!("looked at `{}`", context.value))
                .help("correct the path, or create the folder"),
            );
        }
        if let (Some(_), Some(inline)) = (&build.dockerfile, &build.dockerfile_inline) {
            loader.sink.push(
                Diagnostic::error(
                    codes::CONFLICT,
                    format!("service `{name}` has both `dockerfile` and `dockerfile_inline`"),
                )
                .label(inline.span, "only one can be used")
                .help("remove one of the two"),
            );
        }
    }
    if let (Some(mode), Some(network)) = (&service.network_mode, service.networks.first()) {
        loader.sink.push(
            Diagnostic::error(
                codes::CONFLICT,
                format!("service `{name}` has both `network_mode` and `networks`"),
            )
            .label(mode.span, "this replaces all networks")
            .context(network.span, "which are named here")
            .help("remove one of the two"),
        );
    }
    if let Some(restart) = &service.restart {
        let (policy, count) = restart.value.split_once(':').unwrap_or((restart.value.as_str(), "1"));
        let known = ["no", "always", "on-failure", "unless-stopped"];
        if !known.contains(&policy) || count.parse::<u32>().is_err() {
            let finding = Diagnostic::error(
                codes::VALUE_INVALID,
                format!("service `{name}`: `{}` is not a restart policy", restart.value),
            )
            .label(restart.span, "not one of the allowed values")
            .help("allowed: `\"no\"`, `always`, `on-failure`, `on-failure:3`, `unless-stopped`");
            loader.sink.push(match nearest(policy, known) {
                Some(policy) => finding.fix(restart.span, policy),
                None => finding,
            });
        }
    }
}

/// Secrets and configs: one source each, and it is there.
fn objects(project: &Project, loader: &mut Loader<'_>) {
    for (kind, objects) in [("secret", &project.secrets), ("config", &project.configs)] {
        for (name, object) in objects {
            object_of(kind, name, object, loader);
        }
    }
}

fn object_of(kind: &str, name: &str, object: &FileObject, loader: &mut Loader<'_>) {
    let sources =
        [object.file.is_some(), object.environment.is_some(), object.content.is_some(), object.external];
    let count = sources.iter().filter(|given| **given).count();
    if count > 1 {
        loader.sink.push(
            Diagnostic::error(codes::CONFLICT, format!("the {kind} `{name}` has more than one source"))
                .label(object.span, "only one can be used")
                .help("keep one of `file`, `environment`, `content` and `external`"),
        );
    }
    // An `x-…` key may say where it comes from; that is not for this crate to judge.
    if count == 0 && object.extensions.is_empty() {
        loader.sink.push(
            Diagnostic::warning(codes::MISSING_KEY, format!("the {kind} `{name}` has no source"))
                .label(object.span, "where does its value come from?")
                .note("`docker compose` refuses this")
                .help("add `file: path`, `environment: NAME` or `external: true`"),
        );
    }
    if let Some(file) = &object.file
        && !loader.files.exists(&file.value)
    {
        let shown = paths::shown(&file.value, &loader.options.working_directory);
        loader.sink.push(
            Diagnostic::error(
                codes::SOURCE_FILE_MISSING,
                format!("the file `{shown}` of the {kind} `{name}` is missing"),
            )
            .label(file.span, "there is no such file")
            .note(format!("looked at `{}`", file.value))
            .help("correct the path, or create the file"),
        );
    }
}
