//! Sections of a service that describe its container.

use indexmap::IndexMap;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::pairs;
use super::value;
use crate::BlkioConfig;
use crate::BlkioRate;
use crate::BlkioWeight;
use crate::CredentialSpec;
use crate::DeviceRequest;
use crate::Extensions;
use crate::Healthcheck;
use crate::Hook;
use crate::Logging;
use crate::Provider;
use crate::Ulimit;
use crate::interpolate::Variables;
use crate::scalar;

fn items<'a>(map: &'a Map, key: &str) -> &'a [Node] {
    map.get(key).and_then(Node::as_seq).unwrap_or_default()
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
        start_interval: value::duration(map, "start_interval"),
        extensions: value::extensions(map),
    })
}

/// Reads `blkio_config`.
pub(crate) fn blkio(node: &Node) -> Option<BlkioConfig> {
    let map = node.as_map()?;
    let rates = |key| {
        let one = |item: &Node| {
            let map = item.as_map()?;
            let rate = value::bytes(map, "rate")?.value;
            Some(BlkioRate { path: value::plain(map, "path")?, rate })
        };
        items(map, key).iter().filter_map(one).collect()
    };
    let weight = |item: &Node| {
        let map = item.as_map()?;
        let weight = value::whole(map, "weight")?.value;
        Some(BlkioWeight { path: value::plain(map, "path")?, weight })
    };
    Some(BlkioConfig {
        span: node.span,
        weight: value::whole(map, "weight"),
        weight_device: items(map, "weight_device").iter().filter_map(weight).collect(),
        device_read_bps: rates("device_read_bps"),
        device_read_iops: rates("device_read_iops"),
        device_write_bps: rates("device_write_bps"),
        device_write_iops: rates("device_write_iops"),
        extensions: value::extensions(map),
    })
}

/// Reads `credential_spec`.
pub(crate) fn credential_spec(node: &Node) -> Option<CredentialSpec> {
    let map = node.as_map()?;
    Some(CredentialSpec {
        span: node.span,
        config: value::text(map, "config"),
        file: value::text(map, "file"),
        registry: value::text(map, "registry"),
        extensions: value::extensions(map),
    })
}

/// Reads `logging`.
pub(crate) fn logging(node: &Node) -> Option<Logging> {
    let map = node.as_map()?;
    Some(Logging {
        span: node.span,
        driver: value::text(map, "driver"),
        options: pairs::labels(map.get("options")),
        extensions: value::extensions(map),
    })
}

/// Reads `provider`.
pub(crate) fn provider(node: &Node) -> Option<Provider> {
    let map = node.as_map()?;
    let options = map.get("options").and_then(Node::as_map).into_iter().flatten();
    Some(Provider {
        span: node.span,
        kind: value::plain(map, "type")?,
        options: options.map(|entry| (entry.key.text.clone(), value::texts(&entry.value))).collect(),
        extensions: value::extensions(map),
    })
}

/// Reads `post_start` or `pre_stop`.
pub(crate) fn hooks(node: Option<&Node>, variables: &Variables) -> Vec<Hook> {
    let items = node.and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter_map(|item| hook(item, variables)).collect()
}

/// Reads one hook.
pub(crate) fn hook(node: &Node, variables: &Variables) -> Option<Hook> {
    let map = node.as_map()?;
    Some(Hook {
        span: node.span,
        command: value::command(map.get("command"))?.value,
        user: value::text(map, "user"),
        privileged: value::boolean(map, "privileged").is_some_and(|privileged| privileged.value),
        working_dir: value::text(map, "working_dir"),
        environment: pairs::variables(map.get("environment"), variables),
        extensions: value::extensions(map),
    })
}

/// Reads `gpus`: `all` or a list.
pub(crate) fn gpus(node: &Node) -> Vec<DeviceRequest> {
    if node.as_str().is_some() {
        return vec![DeviceRequest {
            span: node.span,
            capabilities: Vec::new(),
            driver: None,
            count: Some(-1),
            device_ids: Vec::new(),
            options: IndexMap::new(),
            extensions: Extensions::new(),
        }];
    }
    device_requests(Some(node))
}

/// Reads the devices that are reserved. Without `count` and `device_ids` all are meant.
pub(crate) fn device_requests(node: Option<&Node>) -> Vec<DeviceRequest> {
    let items = node.and_then(Node::as_seq).unwrap_or_default();
    let one = |item: &Node| {
        let map = item.as_map()?;
        let list = |key| map.get(key).map(value::texts).unwrap_or_default();
        let count = match value::plain(map, "count").as_deref() {
            Some("all") => Some(-1),
            Some(text) => text.parse().ok(),
            None if map.get("device_ids").is_none() => Some(-1),
            None => None,
        };
        Some(DeviceRequest {
            span: item.span,
            capabilities: list("capabilities"),
            driver: value::text(map, "driver"),
            count,
            device_ids: list("device_ids"),
            options: pairs::labels(map.get("options")),
            extensions: value::extensions(map),
        })
    };
    items.iter().filter_map(one).collect()
}

/// Reads `ulimits`.
pub(crate) fn ulimits(node: Option<&Node>) -> IndexMap<String, Ulimit> {
    let entries = node.and_then(Node::as_map).into_iter().flatten();
    let one = |entry: &seaway_yaml::Entry| {
        let span = entry.key.span;
        let ulimit = match entry.value.as_map() {
            Some(map) => {
                let limit = |key| scalar::limit(&value::plain(map, key)?);
                let (soft, hard) = (limit("soft")?, limit("hard")?);
                Ulimit { span, soft, hard, single: false, extensions: value::extensions(map) }
            }
            None => {
                let both = scalar::limit(entry.value.as_str()?)?;
                Ulimit { span, soft: both, hard: both, single: true, extensions: Extensions::new() }
            }
        };
        Some((entry.key.text.clone(), ulimit))
    };
    entries.filter_map(one).collect()
}
