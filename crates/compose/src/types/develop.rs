//! `develop`.

use camino::Utf8PathBuf;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;

use super::show;
use crate::Extensions;
use crate::Hook;

/// `develop` (specification: develop.md).
#[derive(Clone, Debug, Serialize)]
pub struct Develop {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `watch`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watch: Vec<Watch>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// An entry of `develop.watch`.
#[derive(Clone, Debug, Serialize)]
pub struct Watch {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// `path`, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Spanned<Utf8PathBuf>>,
    /// `action`: `rebuild`, `sync`, `restart`, `sync+restart` or `sync+exec`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Spanned<String>>,
    /// `target`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Spanned<String>>,
    /// `exec`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Hook>,
    /// `include`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Spanned<String>>,
    /// `ignore`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<Spanned<String>>,
    /// `initial_sync`.
    #[serde(skip_serializing_if = "show::off")]
    pub initial_sync: bool,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
