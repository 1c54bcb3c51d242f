//! Mounts of a service.

use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;

use super::show;
use crate::Extensions;

/// Kind of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// A named or anonymous volume.
    Volume,
    /// A folder of the host.
    Bind,
    /// Memory.
    Tmpfs,
    /// Anything else (`npipe`, `cluster`, `image`); see [`Mount::type_name`].
    Other,
}

/// An entry of `volumes` of a service.
#[derive(Clone, Debug, Serialize)]
pub struct Mount {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// Its kind.
    #[serde(skip)]
    pub kind: MountKind,
    /// Its kind as the specification names it.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Volume name, image or host path (absolute); `None` for an anonymous volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Path in the container.
    pub target: String,
    /// `read_only`.
    #[serde(skip_serializing_if = "show::off")]
    pub read_only: bool,
    /// `consistency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<String>,
    /// `bind`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<MountBind>,
    /// `volume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<MountVolume>,
    /// `tmpfs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmpfs: Option<MountTmpfs>,
    /// `image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<MountImage>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `bind` of a mount.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MountBind {
    /// `propagation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation: Option<String>,
    /// `create_host_path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_host_path: Option<bool>,
    /// `recursive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recursive: Option<String>,
    /// `selinux`: `z` or `Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selinux: Option<String>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `volume` of a mount.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MountVolume {
    /// `labels`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, Spanned<String>>,
    /// `nocopy`.
    #[serde(skip_serializing_if = "show::off")]
    pub nocopy: bool,
    /// `subpath`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subpath: Option<String>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `tmpfs` of a mount.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MountTmpfs {
    /// `size` in bytes.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::bytes")]
    pub size: Option<Spanned<u64>>,
    /// `mode`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `image` of a mount.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MountImage {
    /// `subpath`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subpath: Option<String>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
