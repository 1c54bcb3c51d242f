//! `build`.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;

use super::show;
use crate::Extensions;
use crate::Grant;
use crate::Ulimit;

/// `build` (specification: build.md).
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `context`, absolute.
    pub context: Spanned<Utf8PathBuf>,
    /// `dockerfile`, relative to the context or absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<Spanned<String>>,
    /// `dockerfile_inline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile_inline: Option<Spanned<String>>,
    /// `args`; `None`: taken from the shell, not set there.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub args: IndexMap<String, Spanned<Option<String>>>,
    /// `target`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Spanned<String>>,
    /// `additional_contexts`: name → path (absolute), URL, `docker-image://…`, `service:…`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub additional_contexts: IndexMap<String, Spanned<String>>,
    /// `cache_from`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cache_from: Vec<Spanned<String>>,
    /// `cache_to`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cache_to: Vec<Spanned<String>>,
    /// `entitlements`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Spanned<String>>,
    /// `extra_hosts`: name → addresses.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub extra_hosts: IndexMap<String, Vec<Spanned<String>>>,
    /// `isolation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Spanned<String>>,
    /// `labels`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, Spanned<String>>,
    /// `network`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Spanned<String>>,
    /// `no_cache`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_cache: Option<Spanned<bool>>,
    /// `no_cache_filter`: stages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_cache_filter: Vec<Spanned<String>>,
    /// `platforms`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<Spanned<String>>,
    /// `privileged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<Spanned<bool>>,
    /// `provenance`: a truth value or attestation parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Spanned<String>>,
    /// `pull`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<Spanned<bool>>,
    /// `sbom`: a truth value or attestation parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sbom: Option<Spanned<String>>,
    /// `secrets`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Grant>,
    /// `shm_size` in bytes.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::bytes")]
    pub shm_size: Option<Spanned<u64>>,
    /// `ssh`: id → path of a key or socket; `None` for the agent of the shell.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ssh: IndexMap<String, Spanned<Option<String>>>,
    /// `tags`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Spanned<String>>,
    /// `ulimits`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ulimits: IndexMap<String, Ulimit>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
