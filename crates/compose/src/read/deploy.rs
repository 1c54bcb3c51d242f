//! `deploy`, `healthcheck`, `build`.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::pairs;
use super::value;
use crate::Build;
use crate::Deploy;
use crate::Extension;
use crate::Healthcheck;
use crate::UpdateConfig;
use crate::interpolate::Variables;
use crate::loader::Loader;

/// Reads `deploy` together with the older keys of the service that mean the same.
pub(crate) fn deploy(service: &Map) -> Deploy {
    let empty = Map::default();
    let deploy = service.get("deploy").and_then(Node::as_map).unwrap_or(&empty);
    let below = |key: &str| -> &Map {
        let resources = deploy.get("resources").and_then(Node::as_map);
        resources.and_then(|map| map.get(key)).and_then(Node::as_map).unwrap_or(&empty)
    };
    let (limits, reservations) = (below("limits"), below("reservations"));
    Deploy {
        mode: value::text(deploy, "mode"),
        replicas: value::whole(deploy, "replicas").or_else(|| value::whole(service, "scale")),
        cpus: value::amount(limits, "cpus").or_else(|| value::amount(service, "cpus")),
        memory: value::bytes(limits, "memory").or_else(|| value::bytes(service, "mem_limit")),
        reserved_cpus: value::amount(reservations, "cpus"),
        reserved_memory: value::bytes(reservations, "memory")
            .or_else(|| value::bytes(service, "mem_reservation")),
        update_config: deploy.get("update_config").and_then(update_config),
        labels: pairs::labels(deploy.get("labels")),
        other: other(deploy, limits, reservations),
    }
}

fn other(deploy: &Map, limits: &Map, reservations: &Map) -> IndexMap<String, Extension> {
    let mut other = value::kept(deploy, |key| {
        !matches!(key, "mode" | "replicas" | "resources" | "update_config" | "labels")
    });
    for (path, map) in [("resources.limits", limits), ("resources.reservations", reservations)] {
        let kept = value::kept(map, |key| !matches!(key, "cpus" | "memory"));
        other.extend(kept.into_iter().map(|(key, node)| (format!("{path}.{key}"), node)));
    }
    if let Some(update) = deploy.get("update_config").and_then(Node::as_map) {
        let kept =
            value::kept(update, |key| !matches!(key, "parallelism" | "order" | "failure_action" | "monitor"));
        other.extend(kept.into_iter().map(|(key, node)| (format!("update_config.{key}"), node)));
    }
    other
}

fn update_config(node: &Node) -> Option<UpdateConfig> {
    let map = node.as_map()?;
    Some(UpdateConfig {
        span: node.span,
        parallelism: value::whole(map, "parallelism"),
        order: value::text(map, "order"),
        failure_action: value::text(map, "failure_action"),
        monitor: value::duration(map, "monitor"),
    })
}

/// Reads `healthcheck`; a text is run by the shell, `NONE` disables.
pub(crate) fn healthcheck(node: &Node) -> Option<Healthcheck> {
    let map = node.as_map()?;
    let test = match map.get("test") {
        Some(node) => match node.as_str() {
            Some(text) => vec!["CMD-SHELL".to_owned(), text.to_owned()],
            None => value::texts(node).into_iter().map(|text| text.value).collect(),
        },
        None => Vec::new(),
    };
    let none = test.first().is_some_and(|first| first == "NONE");
    let disable = none || value::boolean(map, "disable").is_some_and(|disable| disable.value);
    Some(Healthcheck {
        span: node.span,
        disable,
        test: if none { Vec::new() } else { test },
        interval: value::duration(map, "interval"),
        timeout: value::duration(map, "timeout"),
        retries: value::whole(map, "retries"),
        start_period: value::duration(map, "start_period"),
    })
}

/// Reads `build`.
pub(crate) fn build(node: &Node, variables: &Variables, loader: &Loader<'_>) -> Option<Build> {
    let empty = Map::default();
    let map = node.as_map().unwrap_or(&empty);
    let context = match node.as_str() {
        Some(text) => Spanned::new(text.to_owned(), node.span),
        None => value::text(map, "context").unwrap_or_else(|| Spanned::new(".".to_owned(), node.span)),
    };
    let path = if is_remote(&context.value) {
        Utf8PathBuf::from(&context.value)
    } else {
        loader.path(&context.value, context.span)
    };
    Some(Build {
        span: node.span,
        context: Spanned::new(path, context.span),
        dockerfile: value::text(map, "dockerfile"),
        dockerfile_inline: value::text(map, "dockerfile_inline"),
        args: pairs::variables(map.get("args"), variables),
        target: value::text(map, "target"),
    })
}

/// Whether a build context is a repository or an archive elsewhere.
pub(crate) fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}
