//! Merging of files and of extended services (specification: 13-merge.md).

use seaway_yaml::Entry;
use seaway_yaml::Key;
use seaway_yaml::Map;
use seaway_yaml::Node;
use seaway_yaml::Style;
use seaway_yaml::Value;

use crate::mount;
use crate::port;

/// Returns `base` with the file `over` merged on top.
pub(crate) fn files(base: Node, over: Node) -> Node {
    with_maps(base, over, |key, base, over| match key {
        "services" => with_maps(base, over, |_, base, over| service(base, over)),
        _ => generic(base, over),
    })
}

/// Returns the service `base` with `over` merged on top.
pub(crate) fn service(base: Node, over: Node) -> Node {
    with_maps(base, over, field)
}

/// Returns the value `base` of an `x-…` key with `over` merged on top.
pub(crate) fn extension(base: Node, over: Node) -> Node {
    generic(base, over)
}

/// Removes what `!reset` marks, and the tags of merging.
pub(crate) fn clean(node: &mut Node) {
    if node.tag.as_deref() == Some("!override") {
        node.tag = None;
    }
    match &mut node.value {
        Value::Map(map) => {
            if map.iter().any(|entry| is_reset(&entry.value)) {
                map.retain(|entry| !is_reset(&entry.value));
            }
            map.values_mut().for_each(clean);
        }
        Value::Seq(items) => {
            items.retain(|item| !is_reset(item));
            items.iter_mut().for_each(clean);
        }
        Value::Null | Value::Scalar(..) => {}
    }
}

fn is_reset(node: &Node) -> bool {
    node.tag.as_deref() == Some("!reset")
}

fn field(key: &str, base: Node, over: Node) -> Node {
    match key {
        "command" | "entrypoint" => over,
        "healthcheck" => with_maps(base, over, |key, base, over| match key {
            "test" => over,
            _ => generic(base, over),
        }),
        "environment" | "labels" | "annotations" | "sysctls" => with_pairs(base, over),
        "extra_hosts" => generic(base, over),
        "build" => with_maps(keyed(base, "context"), keyed(over, "context"), |key, base, over| match key {
            "args" | "labels" | "additional_contexts" => with_pairs(base, over),
            _ => generic(base, over),
        }),
        "deploy" => with_maps(base, over, |key, base, over| match key {
            "labels" => with_pairs(base, over),
            _ => generic(base, over),
        }),
        "depends_on" | "networks" | "models" => generic(named(base), named(over)),
        "env_file" | "dns" | "dns_search" | "tmpfs" | "label_file" => generic(listed(base), listed(over)),
        "ports" => unique(base, over, port_key),
        "volumes" => unique(base, over, mount_key),
        "secrets" | "configs" => unique(base, over, grant_key),
        "logging" => {
            let driver = |node: &Node| {
                node.as_map().and_then(|map| map.get("driver")).and_then(Node::as_str).map(ToOwned::to_owned)
            };
            match (driver(&base), driver(&over)) {
                (Some(a), Some(b)) if a != b => over,
                _ => generic(base, over),
            }
        }
        _ => generic(base, over),
    }
}

/// Mappings merge key by key, lists are joined, anything else is replaced.
fn generic(base: Node, over: Node) -> Node {
    match (&base.value, &over.value) {
        (Value::Seq(_), Value::Seq(_)) => unique(base, over, |_| None),
        _ => with_maps(base, over, |_, base, over| generic(base, over)),
    }
}

/// Merges two mappings with `inner` for keys of both; of two other values the later wins.
fn with_maps(base: Node, over: Node, inner: impl Fn(&str, Node, Node) -> Node) -> Node {
    if over.is_null() && over.tag.is_none() {
        return base;
    }
    if over.tag.is_some() || base.as_map().is_none() || over.as_map().is_none() {
        return over;
    }
    let (Value::Map(mut map), Value::Map(changes)) = (base.value, over.value) else {
        return Node { value: Value::Null, ..over };
    };
    let mut removed = Vec::new();
    for Entry { key, value } in changes.into_entries() {
        match value.tag.as_deref() {
            Some("!reset") => removed.push(key.text),
            Some("!override") => {
                map.insert(key, Node { tag: None, ..value });
            }
            _ => {
                let nothing = Node { span: value.span, tag: None, value: Value::Null };
                let Some(place) = map.get_mut(&key.text) else {
                    map.insert(key, value);
                    continue;
                };
                let old = std::mem::replace(place, nothing);
                let kept = value.is_null();
                let new = inner(&key.text, old, value);
                if kept {
                    *place = new;
                } else {
                    map.insert(key, new);
                }
            }
        }
    }
    if !removed.is_empty() {
        map.retain(|entry| !removed.contains(&entry.key.text));
    }
    Node { span: over.span, tag: base.tag, value: Value::Map(map) }
}

/// Joins two lists. Of two items with one key the later wins, at the place of the earlier; items
/// without a key are kept unless they are the same.
fn unique(base: Node, over: Node, key: impl Fn(&Node) -> Option<String>) -> Node {
    if over.tag.is_some() || (over.is_null() && over.tag.is_none()) {
        return if over.is_null() && over.tag.is_none() { base } else { over };
    }
    match (base.value, over.value) {
        (Value::Seq(mut items), Value::Seq(more)) => {
            for item in more {
                let name = key(&item);
                let old =
                    items.iter_mut().find(|old| old.same(&item) || (name.is_some() && key(old) == name));
                match old {
                    Some(old) => *old = item,
                    None => items.push(item),
                }
            }
            Node { span: over.span, tag: base.tag, value: Value::Seq(items) }
        }
        (_, value) => Node { span: over.span, tag: None, value },
    }
}

/// Merges `NAME=value` lists or mappings. An empty value replaces too: it means "from the shell".
fn with_pairs(base: Node, over: Node) -> Node {
    if over.tag.is_some() || over.is_null() {
        return if over.tag.is_some() { over } else { base };
    }
    let (base, over) = (pairs(base), pairs(over));
    match (base.value, over.value) {
        (Value::Map(mut map), Value::Map(changes)) => {
            for entry in changes.into_entries() {
                map.insert(entry.key, entry.value);
            }
            Node { span: over.span, tag: base.tag, value: Value::Map(map) }
        }
        (_, value) => Node { span: over.span, tag: None, value },
    }
}

fn get<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.as_map().and_then(|map| map.get(key)).and_then(Node::as_str)
}

/// Address, published and container port, protocol.
fn port_key(node: &Node) -> Option<String> {
    if let Some(text) = node.as_str() {
        return port::short(text).ok().map(|port| format!("{port:?}"));
    }
    let range = |key| get(node, key).and_then(|text| port::range(text).ok());
    let port = port::Short {
        host_ip: get(node, "host_ip").map(ToOwned::to_owned),
        published: range("published"),
        target: range("target")?,
        protocol: get(node, "protocol").unwrap_or("tcp").to_owned(),
    };
    Some(format!("{port:?}"))
}

/// The path in the container.
fn mount_key(node: &Node) -> Option<String> {
    match node.as_str() {
        Some(text) => mount::short(text).ok().map(|mount| mount.target.to_owned()),
        None => get(node, "target").map(ToOwned::to_owned),
    }
}

/// The name in the container.
fn grant_key(node: &Node) -> Option<String> {
    node.as_str().or_else(|| get(node, "target")).or_else(|| get(node, "source")).map(ToOwned::to_owned)
}

/// `[A=1, B]` → `{A: 1, B: null}`.
pub(crate) fn pairs(node: Node) -> Node {
    listed_as_map(node, |text| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Value::Scalar(value.to_owned(), Style::Quoted)),
        None => (text.to_owned(), Value::Null),
    })
}

/// `[a, b]` → `{a: null, b: null}`.
fn named(node: Node) -> Node {
    listed_as_map(node, |text| (text.to_owned(), Value::Null))
}

fn listed_as_map(node: Node, split: impl Fn(&str) -> (String, Value)) -> Node {
    let Value::Seq(items) = node.value else {
        return node;
    };
    let mut map = Map::default();
    for item in items {
        if let Some(text) = item.as_str() {
            let (name, value) = split(text);
            map.insert(Key { text: name, span: item.span }, Node { span: item.span, tag: item.tag, value });
        }
    }
    Node { span: node.span, tag: node.tag, value: Value::Map(map) }
}

/// `a` → `[a]`.
fn listed(node: Node) -> Node {
    if node.as_str().is_none() {
        return node;
    }
    let (span, tag) = (node.span, node.tag.clone());
    Node { span, tag, value: Value::Seq(vec![Node { tag: None, ..node }]) }
}

/// `text` → `{key: text}`.
fn keyed(node: Node, key: &str) -> Node {
    if node.as_str().is_none() {
        return node;
    }
    let (span, tag) = (node.span, node.tag.clone());
    let mut map = Map::default();
    map.insert(Key { text: key.to_owned(), span }, Node { tag: None, ..node });
    Node { span, tag, value: Value::Map(map) }
}

#[cfg(test)]
mod tests {
    use seaway_diag::Sink;
    use seaway_diag::SourceMap;

    use super::*;

    fn parse(text: &str) -> Node {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let mut sink = Sink::default();
        let node = seaway_yaml::parse(file, &sources, &mut sink).unwrap();
        assert!(!sink.has_errors());
        node
    }

    #[test]
    fn fields_merge_by_their_rules() {
        for (base, over, expected) in [
            ("{image: a}", "{image: b}", "{image: b}"),
            ("{image: a}", "{image: }", "{image: a}"),
            ("{command: [a, b]}", "{command: [c]}", "{command: [c]}"),
            ("{command: [a]}", "{}", "{command: [a]}"),
            ("{entrypoint: a}", "{entrypoint: [c]}", "{entrypoint: [c]}"),
            (
                "{healthcheck: {test: [CMD, a], retries: 1}}",
                "{healthcheck: {test: [CMD, b]}}",
                "{healthcheck: {test: [CMD, b], retries: 1}}",
            ),
            (
                "{environment: [A=1, B=2]}",
                "{environment: {B: 3, C: 4}}",
                "{environment: {A: \"1\", B: 3, C: 4}}",
            ),
            ("{environment: {A: 1}}", "{environment: [A]}", "{environment: {A: }}"),
            ("{labels: {a: b}}", "{labels: [c=d]}", "{labels: {a: b, c: d}}"),
            ("{ports: [\"80:80\"]}", "{ports: [\"81:81\", \"80:80\"]}", "{ports: [\"80:80\", \"81:81\"]}"),
            (
                "{ports: [\"80:80\"]}",
                "{ports: [{target: 80, published: 80, app_protocol: http}]}",
                "{ports: [{target: 80, published: 80, app_protocol: http}]}",
            ),
            ("{volumes: [\"a:/x\"]}", "{volumes: [\"b:/x\", \"c:/y\"]}", "{volumes: [\"b:/x\", \"c:/y\"]}"),
            ("{secrets: [a]}", "{secrets: [b, a]}", "{secrets: [a, b]}"),
            ("{expose: [1]}", "{expose: [2, 1]}", "{expose: [1, 2]}"),
            ("{env_file: a}", "{env_file: [b]}", "{env_file: [a, b]}"),
            (
                "{depends_on: [a]}",
                "{depends_on: {b: {condition: service_healthy}}}",
                "{depends_on: {a: , b: {condition: service_healthy}}}",
            ),
            ("{build: .}", "{build: {target: x}}", "{build: {context: ., target: x}}"),
            ("{build: {args: [A=1]}}", "{build: {args: {B: 2}}}", "{build: {args: {A: \"1\", B: 2}}}"),
            ("{logging: {driver: a, options: {x: 1}}}", "{logging: {driver: b}}", "{logging: {driver: b}}"),
            (
                "{logging: {driver: a, options: {x: 1}}}",
                "{logging: {options: {y: 2}}}",
                "{logging: {driver: a, options: {x: 1, y: 2}}}",
            ),
            ("{ports: [\"80:80\"], image: a}", "{ports: !reset []}", "{image: a}"),
            ("{ports: [\"80:80\"]}", "{ports: !override [\"81:81\"]}", "{ports: [\"81:81\"]}"),
            ("{environment: {A: 1, B: 2}}", "{environment: {A: !reset null}}", "{environment: {B: 2}}"),
            (
                "{deploy: {replicas: 1, labels: [a=b]}}",
                "{deploy: {replicas: 2, labels: {c: d}}}",
                "{deploy: {replicas: 2, labels: {a: b, c: d}}}",
            ),
        ] {
            let mut merged = service(parse(base), parse(over));
            clean(&mut merged);
            assert!(merged.same(&parse(expected)), "{base} + {over} = {}", merged.to_json());
        }
    }

    #[test]
    fn a_reset_in_the_only_file_is_applied() {
        let mut node = parse("{services: {a: {image: x, ports: !reset [1]}}}");
        clean(&mut node);
        assert!(node.same(&parse("{services: {a: {image: x}}}")));
    }
}
