//! Lists with a short and a long form: ports, mounts, grants, dependencies.

use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::pairs;
use super::value;
use crate::Attachment;
use crate::Condition;
use crate::Dependency;
use crate::Device;
use crate::EnvFile;
use crate::EnvFormat;
use crate::Exposed;
use crate::Extensions;
use crate::Grant;
use crate::ModelUse;
use crate::Mount;
use crate::MountBind;
use crate::MountImage;
use crate::MountKind;
use crate::MountTmpfs;
use crate::MountVolume;
use crate::Port;
use crate::loader::Loader;
use crate::mount;
use crate::port;

fn items<'a>(map: &'a Map, key: &str) -> &'a [Node] {
    map.get(key).and_then(Node::as_seq).unwrap_or_default()
}

/// Reads `ports`, ranges expanded. A range published for a single port stays a range.
pub(crate) fn ports(service: &Map) -> Vec<Port> {
    let mut out = Vec::new();
    for item in items(service, "ports") {
        let text = |key| item.as_map().and_then(|map| value::plain(map, key));
        let short = match (item.as_str(), item.as_map()) {
            (Some(text), _) => port::short(text).ok(),
            (_, Some(map)) => {
                let range = |key| value::text(map, key).and_then(|text| port::range(&text.value).ok());
                range("target").map(|target| port::Short {
                    host_ip: text("host_ip"),
                    published: range("published"),
                    target,
                    protocol: text("protocol").unwrap_or_else(|| "tcp".to_owned()),
                })
            }
            _ => None,
        };
        let Some(short) = short else {
            continue;
        };
        let first = *short.target.start();
        let single = short.target.len() == 1;
        for target in short.target {
            let range = short.published.as_ref();
            out.push(Port {
                span: item.span,
                target,
                published: range.map(|range| range.start().saturating_add(target - first)),
                published_to: range.filter(|range| single && range.len() > 1).map(|range| *range.end()),
                host_ip: short.host_ip.clone(),
                protocol: short.protocol.clone(),
                app_protocol: text("app_protocol"),
                name: text("name"),
                mode: text("mode"),
                extensions: item.as_map().map(value::extensions).unwrap_or_default(),
            });
        }
    }
    out
}

/// Reads `expose`, ranges expanded.
pub(crate) fn expose(service: &Map) -> Vec<Exposed> {
    let mut out = Vec::new();
    for item in items(service, "expose") {
        let text = item.as_str().unwrap_or_default();
        let protocol = text.split_once('/').map_or("tcp", |(_, protocol)| protocol);
        if let Ok(range) = port::range(text) {
            let exposed = |port| Exposed { span: item.span, port, protocol: protocol.to_owned() };
            out.extend(range.map(exposed));
        }
    }
    out
}

/// Reads `secrets` or `configs` of a service or a build.
pub(crate) fn grants(map: &Map, key: &str) -> Vec<Grant> {
    let grant = |item: &Node| {
        let field = |key| item.as_map().and_then(|map| value::plain(map, key));
        let source = item.as_str().map(ToOwned::to_owned).or_else(|| field("source"))?;
        Some(Grant {
            span: item.span,
            source,
            target: field("target"),
            uid: field("uid"),
            gid: field("gid"),
            mode: field("mode"),
            extensions: item.as_map().map(value::extensions).unwrap_or_default(),
        })
    };
    items(map, key).iter().filter_map(grant).collect()
}

/// Reads `volumes` of a service.
pub(crate) fn mounts(service: &Map, loader: &Loader<'_>) -> Vec<Mount> {
    items(service, "volumes").iter().filter_map(|item| one_mount(item, loader)).collect()
}

fn one_mount(item: &Node, loader: &Loader<'_>) -> Option<Mount> {
    if let Some(text) = item.as_str() {
        return short_mount(text, item.span, loader);
    }
    let map = item.as_map()?;
    let type_name = value::plain(map, "type")?;
    let kind = match type_name.as_str() {
        "volume" => MountKind::Volume,
        "bind" => MountKind::Bind,
        "tmpfs" => MountKind::Tmpfs,
        _ => MountKind::Other,
    };
    let section = |key: &str| map.get(key).and_then(Node::as_map);
    let flag = |map: &Map, key| value::boolean(map, key).map(|flag| flag.value);
    Some(Mount {
        span: item.span,
        kind,
        type_name,
        source: value::text(map, "source")
            .map(|source| place(&source.value, kind == MountKind::Bind, source.span, loader)),
        target: value::plain(map, "target")?,
        read_only: flag(map, "read_only").unwrap_or(false),
        consistency: value::plain(map, "consistency"),
        bind: section("bind").map(|bind| MountBind {
            propagation: value::plain(bind, "propagation"),
            create_host_path: flag(bind, "create_host_path"),
            recursive: value::plain(bind, "recursive"),
            selinux: value::plain(bind, "selinux"),
            extensions: value::extensions(bind),
        }),
        volume: section("volume").map(|volume| MountVolume {
            labels: pairs::labels(volume.get("labels")),
            nocopy: flag(volume, "nocopy").unwrap_or(false),
            subpath: value::plain(volume, "subpath"),
            extensions: value::extensions(volume),
        }),
        tmpfs: section("tmpfs").map(|tmpfs| MountTmpfs {
            size: value::bytes(tmpfs, "size"),
            mode: value::plain(tmpfs, "mode"),
            extensions: value::extensions(tmpfs),
        }),
        image: section("image").map(|image| MountImage {
            subpath: value::plain(image, "subpath"),
            extensions: value::extensions(image),
        }),
        extensions: value::extensions(map),
    })
}

fn short_mount(text: &str, span: Span, loader: &Loader<'_>) -> Option<Mount> {
    let short = mount::short(text).ok()?;
    let is_bind = short.is_bind();
    let has = |word: &str| short.options.contains(&word);
    let one_of = |words: &[&str]| {
        let found = short.options.iter().find(|option| words.contains(option));
        found.map(|option| (*option).to_owned())
    };
    Some(Mount {
        span,
        kind: if is_bind { MountKind::Bind } else { MountKind::Volume },
        type_name: if is_bind { "bind" } else { "volume" }.to_owned(),
        source: short.source.map(|source| place(source, is_bind, span, loader)),
        target: short.target.to_owned(),
        read_only: short.read_only,
        consistency: one_of(&["cached", "delegated", "consistent"]),
        // What `docker run -v` does: the short form makes the folder.
        bind: is_bind.then(|| MountBind {
            create_host_path: Some(true),
            selinux: one_of(&["z", "Z"]),
            propagation: one_of(&["shared", "rshared", "slave", "rslave", "private", "rprivate"]),
            ..MountBind::default()
        }),
        volume: (!is_bind && (has("nocopy") || has("volume-nocopy")))
            .then(|| MountVolume { nocopy: true, ..MountVolume::default() }),
        tmpfs: None,
        image: None,
        extensions: Extensions::new(),
    })
}

fn place(source: &str, bind: bool, span: Span, loader: &Loader<'_>) -> String {
    if bind { loader.path(source, span).into_string() } else { source.to_owned() }
}

/// Reads `devices`.
pub(crate) fn devices(service: &Map) -> Vec<Device> {
    let one = |item: &Node| {
        let (source, target, permissions, extensions) = match (item.as_str(), item.as_map()) {
            (Some(text), _) => {
                let mut parts = text.split(':').map(ToOwned::to_owned);
                (parts.next()?, parts.next(), parts.next(), Extensions::new())
            }
            (_, Some(map)) => (
                value::plain(map, "source")?,
                value::plain(map, "target"),
                value::plain(map, "permissions"),
                value::extensions(map),
            ),
            _ => return None,
        };
        Some(Device {
            span: item.span,
            target: target.unwrap_or_else(|| source.clone()),
            source,
            permissions: permissions.unwrap_or_else(|| "rwm".to_owned()),
            extensions,
        })
    };
    items(service, "devices").iter().filter_map(one).collect()
}

/// Reads `env_file`.
pub(crate) fn env_files(service: &Map, loader: &Loader<'_>) -> Vec<EnvFile> {
    let Some(node) = service.get("env_file") else {
        return Vec::new();
    };
    let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
    let one = |item: &Node| {
        let (path, required, raw) = match item.as_map() {
            Some(map) => (
                value::text(map, "path")?,
                value::boolean(map, "required").is_none_or(|required| required.value),
                value::plain(map, "format").is_some_and(|format| format == "raw"),
            ),
            None => (Spanned::new(item.as_str()?.to_owned(), item.span), true, false),
        };
        Some(EnvFile {
            path: loader.path(&path.value, path.span),
            span: path.span,
            required,
            format: if raw { EnvFormat::Raw } else { EnvFormat::Compose },
        })
    };
    items.iter().filter_map(one).collect()
}

/// Names of a list, or keys of a mapping with what is below them.
fn named<'a>(service: &'a Map, key: &str) -> Vec<(String, Span, Option<&'a Map>)> {
    let Some(node) = service.get(key) else {
        return Vec::new();
    };
    match node.as_map() {
        Some(map) => {
            map.iter().map(|entry| (entry.key.text.clone(), entry.key.span, entry.value.as_map())).collect()
        }
        None => value::texts(node).into_iter().map(|text| (text.value, text.span, None)).collect(),
    }
}

/// Reads `networks` of a service.
pub(crate) fn attachments(service: &Map) -> IndexMap<String, Attachment> {
    let empty = Map::default();
    named(service, "networks")
        .into_iter()
        .map(|(name, span, map)| {
            let map = map.unwrap_or(&empty);
            let list = |key| map.get(key).map(value::texts).unwrap_or_default();
            let attachment = Attachment {
                span,
                aliases: list("aliases"),
                interface_name: value::text(map, "interface_name"),
                ipv4_address: value::text(map, "ipv4_address"),
                ipv6_address: value::text(map, "ipv6_address"),
                link_local_ips: list("link_local_ips"),
                mac_address: value::text(map, "mac_address"),
                driver_opts: pairs::labels(map.get("driver_opts")),
                priority: value::number(map, "priority"),
                gw_priority: value::number(map, "gw_priority"),
                extensions: value::extensions(map),
            };
            (name, attachment)
        })
        .collect()
}

/// Reads `models` of a service.
pub(crate) fn models(service: &Map) -> IndexMap<String, ModelUse> {
    let empty = Map::default();
    named(service, "models")
        .into_iter()
        .map(|(name, span, map)| {
            let map = map.unwrap_or(&empty);
            let use_ = ModelUse {
                span,
                endpoint_var: value::text(map, "endpoint_var"),
                model_var: value::text(map, "model_var"),
                extensions: value::extensions(map),
            };
            (name, use_)
        })
        .collect()
}

/// Reads `depends_on`.
pub(crate) fn depends_on(service: &Map) -> IndexMap<String, Dependency> {
    let plain = |span| Dependency {
        span,
        condition: Condition::ServiceStarted,
        restart: false,
        required: true,
        extensions: Extensions::new(),
    };
    let Some(node) = service.get("depends_on") else {
        return IndexMap::new();
    };
    let Some(map) = node.as_map() else {
        return value::texts(node).into_iter().map(|name| (name.value, plain(name.span))).collect();
    };
    map.iter()
        .map(|entry| {
            let mut dependency = plain(entry.key.span);
            if let Some(map) = entry.value.as_map() {
                let condition = value::text(map, "condition").map(|condition| condition.value);
                dependency.condition = match condition.as_deref() {
                    Some("service_healthy") => Condition::ServiceHealthy,
                    Some("service_completed_successfully") => Condition::ServiceCompletedSuccessfully,
                    _ => Condition::ServiceStarted,
                };
                let flag = |key| value::boolean(map, key).map(|flag| flag.value);
                dependency.restart = flag("restart").unwrap_or(false);
                dependency.required = flag("required").unwrap_or(true);
                dependency.extensions = value::extensions(map);
            }
            (entry.key.text.clone(), dependency)
        })
        .collect()
}
