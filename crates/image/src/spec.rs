//! What to build.

use camino::Utf8PathBuf;
use indexmap::IndexMap;

/// A build as Compose's `build` section describes it, with everything from the shell filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildSpec {
    /// Application, for label and name.
    pub app: String,
    /// Compose service, for label and name.
    pub service: String,
    /// Folder with the files, absolute.
    pub context: Utf8PathBuf,
    /// Dockerfile, relative to the context or absolute; `Dockerfile` when neither this nor
    /// `dockerfile_inline` is given.
    pub dockerfile: Option<String>,
    /// The Dockerfile's text itself.
    pub dockerfile_inline: Option<String>,
    /// Build arguments. Those that the shell should give and does not are left out.
    pub args: IndexMap<String, String>,
    /// Stage to build; the last one if none is named.
    pub target: Option<String>,
    /// Such as `linux/arm64`; the engine's own if none is named.
    pub platform: Option<String>,
}
