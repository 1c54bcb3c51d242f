//! Lists with a short and a long form: ports, mounts, grants, dependencies.

use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::value;
use crate::Condition;
use crate::Dependency;
use crate::Grant;
use crate::Mount;
use crate::MountKind;
use crate::Port;
use crate::loader::Loader;
use crate::mount;
use crate::port;

fn items<'a>(map: &'a Map, key: &str) -> &'a [Node] {
    map.get(key).and_then(Node::as_seq).unwrap_or_default()
}

/// Reads `ports`, ranges expanded. A range published for a single port gives its first port.
pub(crate) fn ports(service: &Map) -> Vec<Port> {
    let mut out = Vec::new();
    for item in items(service, "ports") {
        let text = |key| item.as_map().and_then(|map| value::text(map, key)).map(|text| text.value);
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
        for target in short.target {
            out.push(Port {
                span: item.span,
                target,
                published: short.published.as_ref().map(|range| range.start().saturating_add(target - first)),
                host_ip: short.host_ip.clone(),
                protocol: short.protocol.clone(),
                app_protocol: text("app_protocol"),
                name: text("name"),
                mode: text("mode"),
            });
        }
    }
    out
}

/// Reads `expose`, ranges expanded.
pub(crate) fn expose(service: &Map) -> Vec<Spanned<u16>> {
    let mut out = Vec::new();
    for item in items(service, "expose") {
        if let Some(Ok(range)) = item.as_str().map(port::range) {
            out.extend(range.map(|port| Spanned::new(port, item.span)));
        }
    }
    out
}

/// Reads `secrets` or `configs` of a service.
pub(crate) fn grants(service: &Map, key: &str) -> Vec<Grant> {
    let grant = |item: &Node| {
        let field = |key| item.as_map().and_then(|map| value::text(map, key)).map(|text| text.value);
        let source = item.as_str().map(ToOwned::to_owned).or_else(|| field("source"))?;
        Some(Grant {
            span: item.span,
            source,
            target: field("target"),
            uid: field("uid"),
            gid: field("gid"),
            mode: field("mode"),
        })
    };
    items(service, key).iter().filter_map(grant).collect()
}

/// Reads `volumes` of a service.
pub(crate) fn mounts(service: &Map, loader: &Loader<'_>) -> Vec<Mount> {
    items(service, "volumes").iter().filter_map(|item| one_mount(item, loader)).collect()
}

fn one_mount(item: &Node, loader: &Loader<'_>) -> Option<Mount> {
    if let Some(text) = item.as_str() {
        let short = mount::short(text).ok()?;
        let bind = short.is_bind();
        return Some(Mount {
            span: item.span,
            kind: if bind { MountKind::Bind } else { MountKind::Volume },
            source: short.source.map(|source| place(source, bind, item.span, loader)),
            target: short.target.to_owned(),
            read_only: short.read_only,
        });
    }
    let map = item.as_map()?;
    let kind = match value::text(map, "type")?.value.as_str() {
        "volume" => MountKind::Volume,
        "bind" => MountKind::Bind,
        "tmpfs" => MountKind::Tmpfs,
        _ => MountKind::Other,
    };
    Some(Mount {
        span: item.span,
        kind,
        source: value::text(map, "source")
            .map(|source| place(&source.value, kind == MountKind::Bind, source.span, loader)),
        target: value::text(map, "target")?.value,
        read_only: value::boolean(map, "read_only").is_some_and(|read_only| read_only.value),
    })
}

fn place(source: &str, bind: bool, span: Span, loader: &Loader<'_>) -> String {
    if bind { loader.path(source, span).into_string() } else { source.to_owned() }
}

/// Reads `depends_on`.
pub(crate) fn depends_on(service: &Map) -> IndexMap<String, Dependency> {
    let plain =
        |span| Dependency { span, condition: Condition::ServiceStarted, restart: false, required: true };
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
            }
            (entry.key.text.clone(), dependency)
        })
        .collect()
}
