//! `deploy`.

use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;
use serde::Serializer;

use super::show;
use crate::DeviceRequest;
use crate::Extension;
use crate::Extensions;

/// `deploy` (specification: deploy.md), with the older keys of the service that mean the same.
#[derive(Clone, Debug, Default)]
pub struct Deploy {
    /// `mode`.
    pub mode: Option<Spanned<String>>,
    /// `endpoint_mode`.
    pub endpoint_mode: Option<Spanned<String>>,
    /// `replicas` (also `scale` of the service).
    pub replicas: Option<Spanned<u32>>,
    /// `resources.limits.cpus` (also `cpus` of the service).
    pub cpus: Option<Spanned<f64>>,
    /// `resources.limits.memory` in bytes (also `mem_limit` of the service).
    pub memory: Option<Spanned<u64>>,
    /// `resources.limits.pids` (also `pids_limit` of the service).
    pub pids: Option<Spanned<f64>>,
    /// `resources.reservations.cpus`.
    pub reserved_cpus: Option<Spanned<f64>>,
    /// `resources.reservations.memory` in bytes.
    pub reserved_memory: Option<Spanned<u64>>,
    /// `resources.reservations.devices`.
    pub devices: Vec<DeviceRequest>,
    /// `resources.reservations.generic_resources`.
    pub generic_resources: Vec<GenericResource>,
    /// `update_config`.
    pub update_config: Option<UpdateConfig>,
    /// `rollback_config`.
    pub rollback_config: Option<Box<UpdateConfig>>,
    /// `restart_policy`.
    pub restart_policy: Option<Box<RestartPolicy>>,
    /// `placement`.
    pub placement: Option<Box<Placement>>,
    /// `labels`.
    pub labels: IndexMap<String, Spanned<String>>,
    /// Sub-keys that say more than the first fields of this section, by dotted path
    /// (`restart_policy`, `resources.limits.pids`, …), so that whoever maps the service can say
    /// what becomes of each.
    pub other: IndexMap<String, Extension>,
    /// `x-…` keys of the section.
    pub extensions: Extensions,
    /// `x-…` keys of `resources`, `resources.limits` and `resources.reservations`.
    pub resource_extensions: Box<[Extensions; 3]>,
}

#[derive(Serialize)]
struct Out<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint_mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<u32>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    labels: &'a IndexMap<String, Spanned<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_config: Option<&'a UpdateConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_config: Option<&'a UpdateConfig>,
    #[serde(skip_serializing_if = "Resources::is_empty")]
    resources: Resources<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_policy: Option<&'a RestartPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placement: Option<&'a Placement>,
    #[serde(flatten)]
    extensions: &'a Extensions,
}

#[derive(Serialize)]
struct Resources<'a> {
    #[serde(skip_serializing_if = "Part::is_empty")]
    limits: Part<'a>,
    #[serde(skip_serializing_if = "Part::is_empty")]
    reservations: Part<'a>,
    #[serde(flatten)]
    extensions: &'a Extensions,
}

impl Resources<'_> {
    fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.reservations.is_empty() && self.extensions.is_empty()
    }
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    cpus: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::bytes")]
    memory: Option<Spanned<u64>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pids: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "<[DeviceRequest]>::is_empty")]
    devices: &'a [DeviceRequest],
    #[serde(skip_serializing_if = "<[GenericResource]>::is_empty")]
    generic_resources: &'a [GenericResource],
    #[serde(flatten)]
    extensions: &'a Extensions,
}

impl Part<'_> {
    fn is_empty(&self) -> bool {
        self.cpus.is_none()
            && self.memory.is_none()
            && self.pids.is_none()
            && self.devices.is_empty()
            && self.generic_resources.is_empty()
            && self.extensions.is_empty()
    }
}

impl Deploy {
    /// Returns true when neither the section nor the older keys say anything.
    pub fn is_empty(&self) -> bool {
        serde_json::to_value(self).is_ok_and(|value| value.as_object().is_some_and(serde_json::Map::is_empty))
    }
}

impl Serialize for Deploy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [of_resources, of_limits, of_reservations] = &*self.resource_extensions;
        let limits = Part {
            cpus: self.cpus,
            memory: self.memory,
            pids: self.pids,
            devices: &[],
            generic_resources: &[],
            extensions: of_limits,
        };
        let reservations = Part {
            cpus: self.reserved_cpus,
            memory: self.reserved_memory,
            pids: None,
            devices: &self.devices,
            generic_resources: &self.generic_resources,
            extensions: of_reservations,
        };
        Out {
            mode: self.mode.as_ref().map(|mode| mode.value.as_str()),
            endpoint_mode: self.endpoint_mode.as_ref().map(|mode| mode.value.as_str()),
            replicas: self.replicas.map(|replicas| replicas.value),
            labels: &self.labels,
            update_config: self.update_config.as_ref(),
            rollback_config: self.rollback_config.as_deref(),
            resources: Resources { limits, reservations, extensions: of_resources },
            restart_policy: self.restart_policy.as_deref(),
            placement: self.placement.as_deref(),
            extensions: &self.extensions,
        }
        .serialize(serializer)
    }
}

/// `deploy.update_config` or `deploy.rollback_config`.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateConfig {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `parallelism`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<Spanned<u32>>,
    /// `delay` in seconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub delay: Option<Spanned<f64>>,
    /// `failure_action`: `continue`, `rollback` or `pause`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_action: Option<Spanned<String>>,
    /// `monitor` in seconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub monitor: Option<Spanned<f64>>,
    /// `max_failure_ratio`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub max_failure_ratio: Option<Spanned<f64>>,
    /// `order`: `start-first` or `stop-first`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `deploy.restart_policy`.
#[derive(Clone, Debug, Serialize)]
pub struct RestartPolicy {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `condition`: `none`, `on-failure` or `any`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Spanned<String>>,
    /// `delay` in seconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub delay: Option<Spanned<f64>>,
    /// `max_attempts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<Spanned<u32>>,
    /// `window` in seconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub window: Option<Spanned<f64>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `deploy.placement`.
#[derive(Clone, Debug, Serialize)]
pub struct Placement {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `constraints`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Spanned<String>>,
    /// `preferences`: the `spread` of each.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "spreads")]
    pub preferences: Vec<Spanned<String>>,
    /// `max_replicas_per_node`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_replicas_per_node: Option<Spanned<u32>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

fn spreads<S: Serializer>(preferences: &[Spanned<String>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(preferences.iter().map(|spread| serde_json::json!({ "spread": spread.value })))
}

/// An entry of `generic_resources`.
#[derive(Clone, Debug)]
pub struct GenericResource {
    /// Place of the entry.
    pub span: Span,
    /// `discrete_resource_spec.kind`.
    pub kind: String,
    /// `discrete_resource_spec.value`.
    pub value: f64,
}

impl Serialize for GenericResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::json!({
            "discrete_resource_spec": { "kind": self.kind, "value": show::plain(self.value) }
        })
        .serialize(serializer)
    }
}
