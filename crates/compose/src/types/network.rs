//! Networks and volumes.

use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;

use super::show;
use crate::Extensions;

/// A top-level volume.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Place of the key.
    #[serde(skip)]
    pub span: Span,
    /// `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Spanned<String>>,
    /// `external`.
    #[serde(skip_serializing_if = "show::off")]
    pub external: bool,
    /// `driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Spanned<String>>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub driver_opts: IndexMap<String, Spanned<String>>,
    /// `labels`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A top-level network.
#[derive(Clone, Debug, Serialize)]
pub struct Network {
    /// Place of the key.
    #[serde(skip)]
    pub span: Span,
    /// `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Spanned<String>>,
    /// `external`.
    #[serde(skip_serializing_if = "show::off")]
    pub external: bool,
    /// `driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Spanned<String>>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub driver_opts: IndexMap<String, Spanned<String>>,
    /// `ipam`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipam: Option<Ipam>,
    /// `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<Spanned<bool>>,
    /// `attachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachable: Option<Spanned<bool>>,
    /// `enable_ipv4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ipv4: Option<Spanned<bool>>,
    /// `enable_ipv6`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ipv6: Option<Spanned<bool>>,
    /// `labels`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `ipam` of a network.
#[derive(Clone, Debug, Serialize)]
pub struct Ipam {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Spanned<String>>,
    /// `config`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<IpamPool>,
    /// `options`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<String, Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// An entry of `ipam.config`.
#[derive(Clone, Debug, Serialize)]
pub struct IpamPool {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// `subnet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet: Option<Spanned<String>>,
    /// `ip_range`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_range: Option<Spanned<String>>,
    /// `gateway`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Spanned<String>>,
    /// `aux_addresses`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub aux_addresses: IndexMap<String, Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A service's use of a network.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// Place of the name.
    #[serde(skip)]
    pub span: Span,
    /// `aliases`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Spanned<String>>,
    /// `interface_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_name: Option<Spanned<String>>,
    /// `ipv4_address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4_address: Option<Spanned<String>>,
    /// `ipv6_address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_address: Option<Spanned<String>>,
    /// `link_local_ips`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_local_ips: Vec<Spanned<String>>,
    /// `mac_address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<Spanned<String>>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub driver_opts: IndexMap<String, Spanned<String>>,
    /// `priority`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub priority: Option<Spanned<f64>>,
    /// `gw_priority`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub gw_priority: Option<Spanned<f64>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
