//! The project.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Entry;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::pairs;
use super::service;
use super::value;
use crate::Dotenv;
use crate::FileObject;
use crate::Ipam;
use crate::IpamPool;
use crate::Model;
use crate::Network;
use crate::Project;
use crate::Volume;
use crate::interpolate::Variables;
use crate::loader::Loader;
use crate::scalar;

/// Reads the merged tree, before profiles, env files and label files.
pub(crate) fn read(
    root: &Node,
    name: Spanned<String>,
    directory: Utf8PathBuf,
    variables: &Variables,
    loader: &Loader<'_>,
) -> Project {
    let empty = Map::default();
    let map = root.as_map().unwrap_or(&empty);
    // Services are large: growing step by step would hold them twice.
    let mut services = IndexMap::with_capacity(entries(map, "services").count());
    for entry in entries(map, "services") {
        services.insert(entry.key.text.clone(), service::service(entry, variables, loader));
    }
    Project {
        name,
        directory,
        files: loader.names.clone(),
        dotenv: Dotenv::default(),
        beside: IndexMap::new(),
        services,
        profiles: Vec::new(),
        volumes: section(map, "volumes", volume),
        networks: section(map, "networks", network),
        secrets: section(map, "secrets", |key, map| file_object(key, map, loader)),
        configs: section(map, "configs", |key, map| file_object(key, map, loader)),
        models: section(map, "models", model),
        extensions: value::extensions(map),
    }
}

fn entries<'a>(map: &'a Map, key: &str) -> impl Iterator<Item = &'a Entry> {
    map.get(key).and_then(Node::as_map).into_iter().flatten()
}

fn section<T>(map: &Map, key: &str, read: impl Fn(Span, &Map) -> T) -> IndexMap<String, T> {
    let empty = Map::default();
    entries(map, key)
        .map(|entry| {
            let map = entry.value.as_map().unwrap_or(&empty);
            (entry.key.text.clone(), read(entry.key.span, map))
        })
        .collect()
}

/// `external: true`, or the older `external: {name: x}`.
fn external(map: &Map) -> bool {
    map.get("external").is_some_and(|node| match node.as_str() {
        Some(text) => scalar::boolean(text) == Some(true),
        None => node.as_map().is_some(),
    })
}

fn given_name(map: &Map) -> Option<Spanned<String>> {
    value::text(map, "name")
        .or_else(|| map.get("external").and_then(Node::as_map).and_then(|map| value::text(map, "name")))
}

fn volume(span: Span, map: &Map) -> Volume {
    Volume {
        span,
        name: given_name(map),
        external: external(map),
        driver: value::text(map, "driver"),
        driver_opts: pairs::labels(map.get("driver_opts")),
        labels: pairs::labels(map.get("labels")),
        extensions: value::extensions(map),
    }
}

fn network(span: Span, map: &Map) -> Network {
    Network {
        span,
        name: given_name(map),
        external: external(map),
        driver: value::text(map, "driver"),
        driver_opts: pairs::labels(map.get("driver_opts")),
        ipam: map.get("ipam").and_then(ipam),
        internal: value::boolean(map, "internal"),
        attachable: value::boolean(map, "attachable"),
        enable_ipv4: value::boolean(map, "enable_ipv4"),
        enable_ipv6: value::boolean(map, "enable_ipv6"),
        labels: pairs::labels(map.get("labels")),
        extensions: value::extensions(map),
    }
}

fn ipam(node: &Node) -> Option<Ipam> {
    let map = node.as_map()?;
    let pool = |item: &Node| {
        let map = item.as_map()?;
        Some(IpamPool {
            span: item.span,
            subnet: value::text(map, "subnet"),
            ip_range: value::text(map, "ip_range"),
            gateway: value::text(map, "gateway"),
            aux_addresses: pairs::labels(map.get("aux_addresses")),
            extensions: value::extensions(map),
        })
    };
    let pools = map.get("config").and_then(Node::as_seq).unwrap_or_default();
    Some(Ipam {
        span: node.span,
        driver: value::text(map, "driver"),
        config: pools.iter().filter_map(pool).collect(),
        options: pairs::labels(map.get("options")),
        extensions: value::extensions(map),
    })
}

fn file_object(span: Span, map: &Map, loader: &Loader<'_>) -> FileObject {
    FileObject {
        span,
        name: given_name(map),
        file: value::text(map, "file")
            .map(|file| Spanned::new(loader.path(&file.value, file.span), file.span)),
        environment: value::text(map, "environment"),
        content: value::text(map, "content"),
        external: external(map),
        labels: pairs::labels(map.get("labels")),
        driver: value::text(map, "driver"),
        driver_opts: pairs::labels(map.get("driver_opts")),
        template_driver: value::text(map, "template_driver"),
        extensions: value::extensions(map),
    }
}

fn model(span: Span, map: &Map) -> Model {
    Model {
        span,
        name: value::text(map, "name"),
        model: value::text(map, "model"),
        context_size: value::whole(map, "context_size"),
        runtime_flags: map.get("runtime_flags").map(value::texts).unwrap_or_default(),
        extensions: value::extensions(map),
    }
}
