//! `deploy`.

use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::container;
use super::pairs;
use super::value;
use crate::Deploy;
use crate::Extension;
use crate::GenericResource;
use crate::Placement;
use crate::RestartPolicy;
use crate::UpdateConfig;

/// Reads `deploy` together with the older keys of the service that mean the same.
pub(crate) fn deploy(service: &Map) -> Deploy {
    let empty = Map::default();
    let deploy = service.get("deploy").and_then(Node::as_map).unwrap_or(&empty);
    let resources = deploy.get("resources").and_then(Node::as_map).unwrap_or(&empty);
    let below = |key: &str| -> &Map { resources.get(key).and_then(Node::as_map).unwrap_or(&empty) };
    let (limits, reservations) = (below("limits"), below("reservations"));
    Deploy {
        mode: value::text(deploy, "mode"),
        endpoint_mode: value::text(deploy, "endpoint_mode"),
        replicas: value::whole(deploy, "replicas").or_else(|| value::whole(service, "scale")),
        cpus: value::amount(limits, "cpus").or_else(|| value::amount(service, "cpus")),
        memory: value::bytes(limits, "memory").or_else(|| value::bytes(service, "mem_limit")),
        pids: value::number(limits, "pids"),
        reserved_cpus: value::amount(reservations, "cpus"),
        reserved_memory: value::bytes(reservations, "memory")
            .or_else(|| value::bytes(service, "mem_reservation")),
        devices: container::device_requests(reservations.get("devices")),
        generic_resources: generic_resources(reservations.get("generic_resources")),
        update_config: deploy.get("update_config").and_then(update_config),
        rollback_config: deploy.get("rollback_config").and_then(update_config).map(Box::new),
        restart_policy: deploy.get("restart_policy").and_then(restart_policy).map(Box::new),
        placement: deploy.get("placement").and_then(placement).map(Box::new),
        labels: pairs::labels(deploy.get("labels")),
        other: other(deploy, limits, reservations),
        extensions: value::extensions(deploy),
        resource_extensions: Box::new([resources, limits, reservations].map(value::extensions)),
    }
}

fn other(deploy: &Map, limits: &Map, reservations: &Map) -> IndexMap<String, Extension> {
    let mut other = value::kept(deploy, |key| {
        !matches!(key, "mode" | "replicas" | "resources" | "update_config" | "labels")
            && !key.starts_with("x-")
    });
    for (path, map) in [("resources.limits", limits), ("resources.reservations", reservations)] {
        let kept = value::kept(map, |key| !matches!(key, "cpus" | "memory") && !key.starts_with("x-"));
        other.extend(kept.into_iter().map(|(key, node)| (format!("{path}.{key}"), node)));
    }
    if let Some(update) = deploy.get("update_config").and_then(Node::as_map) {
        let kept = value::kept(update, |key| {
            !matches!(key, "parallelism" | "order" | "failure_action" | "monitor") && !key.starts_with("x-")
        });
        other.extend(kept.into_iter().map(|(key, node)| (format!("update_config.{key}"), node)));
    }
    other
}

fn update_config(node: &Node) -> Option<UpdateConfig> {
    let map = node.as_map()?;
    Some(UpdateConfig {
        span: node.span,
        parallelism: value::whole(map, "parallelism"),
        delay: value::duration(map, "delay"),
        failure_action: value::text(map, "failure_action"),
        monitor: value::duration(map, "monitor"),
        max_failure_ratio: value::amount(map, "max_failure_ratio"),
        order: value::text(map, "order"),
        extensions: value::extensions(map),
    })
}

fn restart_policy(node: &Node) -> Option<RestartPolicy> {
    let map = node.as_map()?;
    Some(RestartPolicy {
        span: node.span,
        condition: value::text(map, "condition"),
        delay: value::duration(map, "delay"),
        max_attempts: value::whole(map, "max_attempts"),
        window: value::duration(map, "window"),
        extensions: value::extensions(map),
    })
}

fn placement(node: &Node) -> Option<Placement> {
    let map = node.as_map()?;
    let preferences = map.get("preferences").and_then(Node::as_seq).unwrap_or_default();
    Some(Placement {
        span: node.span,
        constraints: map.get("constraints").map(value::texts).unwrap_or_default(),
        preferences: preferences
            .iter()
            .filter_map(|item| item.as_map().and_then(|map| value::text(map, "spread")))
            .collect(),
        max_replicas_per_node: value::whole(map, "max_replicas_per_node"),
        extensions: value::extensions(map),
    })
}

fn generic_resources(node: Option<&Node>) -> Vec<GenericResource> {
    let one = |item: &Node| {
        let spec = item.as_map()?.get("discrete_resource_spec")?.as_map()?;
        let amount: Spanned<f64> = value::number(spec, "value")?;
        Some(GenericResource { span: item.span, kind: value::plain(spec, "kind")?, value: amount.value })
    };
    node.and_then(Node::as_seq).unwrap_or_default().iter().filter_map(one).collect()
}
