//! The project as a whole.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Node;
use serde::Serialize;
use serde::Serializer;

use crate::Dotenv;
use crate::FileObject;
use crate::Model;
use crate::Network;
use crate::Service;
use crate::Volume;

/// `x-…` keys: name → place of the key and its value, uninterpreted.
pub type Extensions = IndexMap<String, Extension>;

/// The value of an `x-…` key.
#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    /// Place of the key.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// Serialises as the value.
impl Serialize for Extension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node.to_json().serialize(serializer)
    }
}

/// A Compose project.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// Project name, by the rules of the specification.
    pub name: Spanned<String>,
    /// Project directory (absolute).
    #[serde(skip)]
    pub directory: Utf8PathBuf,
    /// Compose files in the order in which they were merged, as named to the user.
    #[serde(skip)]
    pub files: Vec<String>,
    /// Variables that the project's `.env` gives; never printed.
    #[serde(skip)]
    pub dotenv: Dotenv,
    /// Text files beside the Compose file that its reader wants too, by name ([`crate::LOOKUPS`]),
    /// where they are there. Uninterpreted.
    #[serde(skip)]
    pub beside: IndexMap<String, String>,
    /// Services of the active profiles, in file order.
    pub services: IndexMap<String, Service>,
    /// Every profile that a service of the file names, whether active or not.
    #[serde(skip)]
    pub profiles: Vec<String>,
    /// Named volumes.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub volumes: IndexMap<String, Volume>,
    /// Networks.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub networks: IndexMap<String, Network>,
    /// Secrets.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub secrets: IndexMap<String, FileObject>,
    /// Configs.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub configs: IndexMap<String, FileObject>,
    /// Models.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub models: IndexMap<String, Model>,
    /// Top-level `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
