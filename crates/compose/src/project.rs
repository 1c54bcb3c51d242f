//! The loaded project: every value normalised to its long form, with the place it came from.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Node;
use serde::Serialize;

/// `x-…` keys: name → place of the key and its value, uninterpreted.
pub type Extensions = IndexMap<String, Extension>;

/// The value of an `x-…` key.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Place of the key.
    pub key_span: Span,
    /// The value.
    pub node: Node,
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
    /// Services of the active profiles, in file order.
    pub services: IndexMap<String, Service>,
    /// Named volumes.
    pub volumes: IndexMap<String, Volume>,
    /// Networks.
    pub networks: IndexMap<String, Network>,
    /// Secrets.
    pub secrets: IndexMap<String, FileObject>,
    /// Configs.
    pub configs: IndexMap<String, FileObject>,
    /// Top-level `x-…` keys.
    #[serde(skip)]
    pub extensions: Extensions,
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Its key.
    pub name: Spanned<String>,
    /// `image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Spanned<String>>,
    /// `build`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// `command`; a string is split as a shell would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Spanned<Vec<String>>>,
    /// `entrypoint`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// `environment`, `env_file` merged below it. `None`: taken from the shell, not set there.
    pub environment: IndexMap<String, Spanned<Option<String>>>,
    /// `ports`.
    pub ports: Vec<Port>,
    /// `expose`: container ports.
    pub expose: Vec<Spanned<u16>>,
    /// `healthcheck`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// `depends_on`.
    pub depends_on: IndexMap<String, Dependency>,
    /// `deploy`.
    pub deploy: Deploy,
    /// `secrets`.
    pub secrets: Vec<Grant>,
    /// `configs`.
    pub configs: Vec<Grant>,
    /// `volumes`.
    pub volumes: Vec<Mount>,
    /// `networks`: names.
    pub networks: Vec<Spanned<String>>,
    /// `network_mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_mode: Option<Spanned<String>>,
    /// `labels`.
    pub labels: IndexMap<String, Spanned<String>>,
    /// `profiles`.
    pub profiles: Vec<Spanned<String>>,
    /// `stop_grace_period` in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_grace_period: Option<Spanned<f64>>,
    /// `stop_signal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<Spanned<String>>,
    /// `platform`, such as `linux/arm64`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Spanned<String>>,
    /// `user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Spanned<String>>,
    /// `working_dir`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<Spanned<String>>,
    /// `init`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<Spanned<bool>>,
    /// `read_only`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<Spanned<bool>>,
    /// `restart`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Spanned<String>>,
    /// Keys of the specification that are understood and kept, but have no field here yet:
    /// key → its node, so that whoever maps the service can say what becomes of it. Below `build`,
    /// `healthcheck` and `networks` by path: `build.secrets`, `networks.front` (its options).
    #[serde(skip)]
    pub other: IndexMap<String, Extension>,
    /// `x-…` keys.
    #[serde(skip)]
    pub extensions: Extensions,
}

/// `build`.
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
    pub args: IndexMap<String, Spanned<Option<String>>>,
    /// `target`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Spanned<String>>,
}

/// One entry of `ports`, ranges expanded.
#[derive(Clone, Debug, Serialize)]
pub struct Port {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// Container port.
    pub target: u16,
    /// Published port, where one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<u16>,
    /// Address it is published on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_ip: Option<String>,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// `app_protocol`, such as `http`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_protocol: Option<String>,
    /// `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `mode`: `ingress` or `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// `healthcheck`; times in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Healthcheck {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `disable`.
    pub disable: bool,
    /// `test` with its `CMD` or `CMD-SHELL`.
    pub test: Vec<String>,
    /// `interval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Spanned<f64>>,
    /// `timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Spanned<f64>>,
    /// `retries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<Spanned<u32>>,
    /// `start_period`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_period: Option<Spanned<f64>>,
}

/// Condition of a `depends_on` entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It was started.
    ServiceStarted,
    /// Its health check passes.
    ServiceHealthy,
    /// It ended with exit code 0.
    ServiceCompletedSuccessfully,
}

/// An entry of `depends_on`.
#[derive(Clone, Debug, Serialize)]
pub struct Dependency {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// `condition`.
    pub condition: Condition,
    /// `restart`.
    pub restart: bool,
    /// `required`.
    pub required: bool,
}

/// `deploy`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Deploy {
    /// `mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Spanned<String>>,
    /// `replicas` (also `scale` of the service).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<Spanned<u32>>,
    /// `resources.limits.cpus` (also `cpus` of the service).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<Spanned<f64>>,
    /// `resources.limits.memory` in bytes (also `mem_limit` of the service).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Spanned<u64>>,
    /// `resources.reservations.cpus`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_cpus: Option<Spanned<f64>>,
    /// `resources.reservations.memory` in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_memory: Option<Spanned<u64>>,
    /// `update_config`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_config: Option<UpdateConfig>,
    /// `labels`.
    pub labels: IndexMap<String, Spanned<String>>,
    /// Sub-keys of the specification without a field here, by dotted path (`restart_policy`, …).
    #[serde(skip)]
    pub other: IndexMap<String, Extension>,
}

/// `deploy.update_config`.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateConfig {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `parallelism`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<Spanned<u32>>,
    /// `order`: `start-first` or `stop-first`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Spanned<String>>,
    /// `failure_action`: `continue`, `rollback` or `pause`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_action: Option<Spanned<String>>,
    /// `monitor` in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Spanned<f64>>,
}

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
}

/// Kind of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    /// A named or anonymous volume.
    Volume,
    /// A folder of the host.
    Bind,
    /// Memory.
    Tmpfs,
    /// Anything else (`npipe`, `cluster`, `image`).
    Other,
}

/// An entry of `volumes` of a service.
#[derive(Clone, Debug, Serialize)]
pub struct Mount {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: MountKind,
    /// Volume name or host path (absolute); `None` for an anonymous volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Path in the container.
    pub target: String,
    /// `read_only`.
    pub read_only: bool,
}

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
    pub external: bool,
    /// `x-…` keys.
    #[serde(skip)]
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
    pub external: bool,
    /// `x-…` keys.
    #[serde(skip)]
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
    pub external: bool,
    /// `x-…` keys.
    #[serde(skip)]
    pub extensions: Extensions,
}
