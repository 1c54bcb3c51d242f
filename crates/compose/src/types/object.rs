//! Secrets, configs, models, and their use by services.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;

use super::show;
use crate::Extensions;

/// A service's use of a secret or config.
#[derive(Clone, Debug, Serialize)]
pub struct Grant {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// Key of the top-level secret or config.
    pub source: String,
    /// `target`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `uid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// `gid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<String>,
    /// `mode`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A top-level secret or config.
#[derive(Clone, Debug, Serialize)]
pub struct FileObject {
    /// Place of the key.
    #[serde(skip)]
    pub span: Span,
    /// `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Spanned<String>>,
    /// `file`, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Spanned<Utf8PathBuf>>,
    /// `environment`: name of a variable. The value is never read by this crate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Spanned<String>>,
    /// `content` (configs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Spanned<String>>,
    /// `external`.
    #[serde(skip_serializing_if = "show::off")]
    pub external: bool,
    /// `labels`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, Spanned<String>>,
    /// `driver` (secrets).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Spanned<String>>,
    /// `driver_opts` (secrets).
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub driver_opts: IndexMap<String, Spanned<String>>,
    /// `template_driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_driver: Option<Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A top-level model.
#[derive(Clone, Debug, Serialize)]
pub struct Model {
    /// Place of the key.
    #[serde(skip)]
    pub span: Span,
    /// `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Spanned<String>>,
    /// `model`: an OCI artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Spanned<String>>,
    /// `context_size` in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_size: Option<Spanned<u32>>,
    /// `runtime_flags`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime_flags: Vec<Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
