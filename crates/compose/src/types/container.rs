//! Parts of a service.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use serde::Serialize;
use serde::Serializer;

use super::show;
use crate::Extensions;

/// `healthcheck`; times in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Healthcheck {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `disable`.
    #[serde(skip_serializing_if = "show::off")]
    pub disable: bool,
    /// `test` with its `CMD` or `CMD-SHELL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// `interval`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub interval: Option<Spanned<f64>>,
    /// `timeout`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub timeout: Option<Spanned<f64>>,
    /// `retries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<Spanned<u32>>,
    /// `start_period`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub start_period: Option<Spanned<f64>>,
    /// `start_interval`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
    pub start_interval: Option<Spanned<f64>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
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
    #[serde(skip_serializing_if = "show::off")]
    pub restart: bool,
    /// `required`.
    pub required: bool,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// How an env file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvFormat {
    /// Quotes and variables mean what they mean in `.env`.
    #[default]
    Compose,
    /// Everything behind `=` is the value, to the letter.
    Raw,
}

/// An entry of `env_file`; its content is in the service's `environment` already.
#[derive(Clone, Debug, Serialize)]
pub struct EnvFile {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// `path`, absolute.
    pub path: Utf8PathBuf,
    /// `required`.
    pub required: bool,
    /// `format`.
    pub format: EnvFormat,
}

/// `blkio_config`.
#[derive(Clone, Debug, Serialize)]
pub struct BlkioConfig {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `weight`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Spanned<u32>>,
    /// `weight_device`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weight_device: Vec<BlkioWeight>,
    /// `device_read_bps`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_read_bps: Vec<BlkioRate>,
    /// `device_read_iops`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_read_iops: Vec<BlkioRate>,
    /// `device_write_bps`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_write_bps: Vec<BlkioRate>,
    /// `device_write_iops`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_write_iops: Vec<BlkioRate>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A weight of a device.
#[derive(Clone, Debug, Serialize)]
pub struct BlkioWeight {
    /// `path` of the device.
    pub path: String,
    /// `weight`.
    pub weight: u32,
}

/// A limit of a device: bytes, or operations, a second.
#[derive(Clone, Debug, Serialize)]
pub struct BlkioRate {
    /// `path` of the device.
    pub path: String,
    /// `rate`.
    pub rate: u64,
}

/// `credential_spec`.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialSpec {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `config`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Spanned<String>>,
    /// `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Spanned<String>>,
    /// `registry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// An entry of `devices`.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// Device of the host, or a CDI name such as `vendor.com/class=name`.
    pub source: String,
    /// Path in the container; that of the host where none is given.
    pub target: String,
    /// Cgroup permissions, `rwm` where none are given.
    pub permissions: String,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// An entry of `gpus` or of `deploy.resources.reservations.devices`.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceRequest {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// `capabilities`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Spanned<String>>,
    /// `driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Spanned<String>>,
    /// `count`; -1 for `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// `device_ids`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_ids: Vec<Spanned<String>>,
    /// `options`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<String, Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// An entry of `post_start` or `pre_stop`, or `exec` of a watch.
#[derive(Clone, Debug, Serialize)]
pub struct Hook {
    /// Place of the entry.
    #[serde(skip)]
    pub span: Span,
    /// `command`; a string is split as a shell would.
    pub command: Vec<String>,
    /// `user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Spanned<String>>,
    /// `privileged`.
    #[serde(skip_serializing_if = "show::off")]
    pub privileged: bool,
    /// `working_dir`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<Spanned<String>>,
    /// `environment`; `None`: taken from the shell, not set there.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub environment: IndexMap<String, Spanned<Option<String>>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `logging`.
#[derive(Clone, Debug, Serialize)]
pub struct Logging {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Spanned<String>>,
    /// `options`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<String, Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// A service's use of a model.
#[derive(Clone, Debug, Serialize)]
pub struct ModelUse {
    /// Place of the name.
    #[serde(skip)]
    pub span: Span,
    /// `endpoint_var`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_var: Option<Spanned<String>>,
    /// `model_var`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_var: Option<Spanned<String>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `provider`.
#[derive(Clone, Debug, Serialize)]
pub struct Provider {
    /// Place of the section.
    #[serde(skip)]
    pub span: Span,
    /// `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `options`: each with one or several values.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<String, Vec<Spanned<String>>>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// An entry of `ulimits`; -1 stands for no limit.
#[derive(Clone, Debug)]
pub struct Ulimit {
    /// Place of the name.
    pub span: Span,
    /// `soft`.
    pub soft: i64,
    /// `hard`.
    pub hard: i64,
    /// Whether one number was given for both.
    pub single: bool,
    /// `x-…` keys.
    pub extensions: Extensions,
}

impl Serialize for Ulimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Out<'a> {
            soft: i64,
            hard: i64,
            #[serde(flatten)]
            extensions: &'a Extensions,
        }
        if self.single {
            return serializer.serialize_i64(self.hard);
        }
        Out { soft: self.soft, hard: self.hard, extensions: &self.extensions }.serialize(serializer)
    }
}
