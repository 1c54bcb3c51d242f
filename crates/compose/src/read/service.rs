//! One service.

use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Entry;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::deploy;
use super::lists;
use super::pairs;
use super::value;
use crate::Extension;
use crate::Service;
use crate::interpolate::Variables;
use crate::loader::Loader;
use crate::scalar;

/// Keys that have a field of their own, or are used up while loading.
const FIELDS: [&str; 31] = [
    "image",
    "build",
    "command",
    "entrypoint",
    "environment",
    "env_file",
    "ports",
    "expose",
    "healthcheck",
    "depends_on",
    "deploy",
    "secrets",
    "configs",
    "volumes",
    "networks",
    "network_mode",
    "labels",
    "profiles",
    "stop_grace_period",
    "stop_signal",
    "platform",
    "user",
    "working_dir",
    "init",
    "read_only",
    "restart",
    "scale",
    "cpus",
    "mem_limit",
    "mem_reservation",
    "extends",
];

/// Sections of which some keys have a field.
const NESTED: [(&str, &[&str]); 2] = [
    ("build", &["context", "dockerfile", "dockerfile_inline", "args", "target"]),
    ("healthcheck", &["disable", "test", "interval", "timeout", "retries", "start_period"]),
];

/// Reads a service; `env_file` is left to the caller.
pub(crate) fn service(entry: &Entry, variables: &Variables, loader: &Loader<'_>) -> Service {
    let empty = Map::default();
    let map = entry.value.as_map().unwrap_or(&empty);
    let list = |key| map.get(key).map(value::texts).unwrap_or_default();
    Service {
        name: Spanned::new(entry.key.text.clone(), entry.key.span),
        image: value::text(map, "image"),
        build: map.get("build").and_then(|node| deploy::build(node, variables, loader)),
        command: command(map.get("command")),
        entrypoint: command(map.get("entrypoint")),
        environment: pairs::variables(map.get("environment"), variables),
        ports: lists::ports(map),
        expose: lists::expose(map),
        healthcheck: map.get("healthcheck").and_then(deploy::healthcheck),
        depends_on: lists::depends_on(map),
        deploy: deploy::deploy(map),
        secrets: lists::grants(map, "secrets"),
        configs: lists::grants(map, "configs"),
        volumes: lists::mounts(map, loader),
        networks: networks(map.get("networks")),
        network_mode: value::text(map, "network_mode"),
        labels: pairs::labels(map.get("labels")),
        profiles: list("profiles"),
        stop_grace_period: value::duration(map, "stop_grace_period"),
        stop_signal: value::text(map, "stop_signal"),
        platform: value::text(map, "platform"),
        user: value::text(map, "user"),
        working_dir: value::text(map, "working_dir"),
        init: value::boolean(map, "init"),
        read_only: value::boolean(map, "read_only"),
        restart: value::text(map, "restart"),
        other: other(map),
        extensions: value::extensions(map),
    }
}

/// Keys without a field, those of some sections by path.
fn other(map: &Map) -> IndexMap<String, Extension> {
    let mut other = value::kept(map, |key| !key.starts_with("x-") && !FIELDS.contains(&key));
    for (section, fields) in NESTED {
        if let Some(map) = map.get(section).and_then(Node::as_map) {
            let kept = value::kept(map, |key| !fields.contains(&key));
            other.extend(kept.into_iter().map(|(key, node)| (format!("{section}.{key}"), node)));
        }
    }
    if let Some(map) = map.get("networks").and_then(Node::as_map) {
        for entry in map.iter().filter(|entry| !entry.value.is_null()) {
            let extension = Extension { key_span: entry.key.span, node: entry.value.clone() };
            other.insert(format!("networks.{}", entry.key.text), extension);
        }
    }
    other
}

fn command(node: Option<&Node>) -> Option<Spanned<Vec<String>>> {
    let node = node.filter(|node| !node.is_null())?;
    let words = match node.as_str() {
        Some(text) => scalar::words(text).ok()?,
        None => value::texts(node).into_iter().map(|text| text.value).collect(),
    };
    Some(Spanned::new(words, node.span))
}

fn networks(node: Option<&Node>) -> Vec<Spanned<String>> {
    match node {
        Some(node) => match node.as_map() {
            Some(map) => {
                map.iter().map(|entry| Spanned::new(entry.key.text.clone(), entry.key.span)).collect()
            }
            None => value::texts(node),
        },
        None => Vec::new(),
    }
}

/// Puts what the env files say below the service's own `environment`.
pub(crate) fn below(service: &mut Service, from_files: IndexMap<String, Spanned<Option<String>>>) {
    let own = std::mem::replace(&mut service.environment, from_files);
    service.environment.extend(own);
}
