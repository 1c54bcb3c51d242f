//! A service.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Spanned;
use serde::Serialize;

use super::show;
use crate::Attachment;
use crate::BlkioConfig;
use crate::Build;
use crate::CredentialSpec;
use crate::Dependency;
use crate::Deploy;
use crate::Develop;
use crate::Device;
use crate::DeviceRequest;
use crate::EnvFile;
use crate::Exposed;
use crate::Extension;
use crate::Extensions;
use crate::Grant;
use crate::Healthcheck;
use crate::Hook;
use crate::Logging;
use crate::ModelUse;
use crate::Mount;
use crate::Port;
use crate::Provider;
use crate::Ulimit;

/// A service, with every attribute of the specification (05-services.md).
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Its key.
    #[serde(skip)]
    pub name: Spanned<String>,
    /// `image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Spanned<String>>,
    /// `build`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Box<Build>>,
    /// `command`; a string is split as a shell would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Spanned<Vec<String>>>,
    /// `entrypoint`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// `environment`, `env_file` merged below it. `None`: taken from the shell, not set there.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub environment: IndexMap<String, Spanned<Option<String>>>,
    /// `env_file`; what the files say is in `environment`.
    #[serde(skip)]
    pub env_file: Vec<EnvFile>,
    /// `ports`, ranges expanded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// `expose`: container ports, whatever their protocol.
    #[serde(skip)]
    pub expose: Vec<Spanned<u16>>,
    /// `expose` with protocols.
    #[serde(rename = "expose", skip_serializing_if = "Vec::is_empty")]
    pub exposed: Vec<Exposed>,
    /// `healthcheck`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Box<Healthcheck>>,
    /// `depends_on`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub depends_on: IndexMap<String, Dependency>,
    /// `deploy`, and the older keys of the service that mean the same.
    #[serde(skip_serializing_if = "Deploy::is_empty")]
    pub deploy: Box<Deploy>,
    /// `secrets`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Grant>,
    /// `configs`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<Grant>,
    /// `volumes`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Mount>,
    /// `networks`: names.
    #[serde(skip)]
    pub networks: Vec<Spanned<String>>,
    /// `networks` with their options.
    #[serde(
        rename = "networks",
        skip_serializing_if = "IndexMap::is_empty",
        serialize_with = "show::nullable"
    )]
    pub attachments: IndexMap<String, Attachment>,
    /// `network_mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_mode: Option<Spanned<String>>,
    /// `labels`, `label_file` merged below it.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, Spanned<String>>,
    /// `label_file`, absolute; what the files say is in `labels`.
    #[serde(skip)]
    pub label_file: Vec<Spanned<Utf8PathBuf>>,
    /// `profiles`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Spanned<String>>,
    /// `stop_grace_period` in seconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::duration")]
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
    /// `annotations`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub annotations: IndexMap<String, Spanned<String>>,
    /// `attach`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach: Option<Spanned<bool>>,
    /// `blkio_config`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blkio_config: Option<Box<BlkioConfig>>,
    /// `cap_add`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_add: Vec<Spanned<String>>,
    /// `cap_drop`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_drop: Vec<Spanned<String>>,
    /// `cgroup`: `host` or `private`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<Spanned<String>>,
    /// `cgroup_parent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup_parent: Option<Spanned<String>>,
    /// `container_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_name: Option<Spanned<String>>,
    /// `cpu_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_count: Option<Spanned<u32>>,
    /// `cpu_percent`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub cpu_percent: Option<Spanned<f64>>,
    /// `cpu_period`: microseconds, or a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_period: Option<Spanned<String>>,
    /// `cpu_quota`: microseconds, or a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_quota: Option<Spanned<String>>,
    /// `cpu_rt_period`: microseconds, or a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_rt_period: Option<Spanned<String>>,
    /// `cpu_rt_runtime`: microseconds, or a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_rt_runtime: Option<Spanned<String>>,
    /// `cpu_shares`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub cpu_shares: Option<Spanned<f64>>,
    /// `cpuset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpuset: Option<Spanned<String>>,
    /// `credential_spec`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_spec: Option<Box<CredentialSpec>>,
    /// `develop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub develop: Option<Box<Develop>>,
    /// `device_cgroup_rules`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_cgroup_rules: Vec<Spanned<String>>,
    /// `devices`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    /// `dns`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<Spanned<String>>,
    /// `dns_opt`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_opt: Vec<Spanned<String>>,
    /// `dns_search`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_search: Vec<Spanned<String>>,
    /// `domainname`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domainname: Option<Spanned<String>>,
    /// `external_links`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_links: Vec<Spanned<String>>,
    /// `extra_hosts`: name → addresses.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub extra_hosts: IndexMap<String, Vec<Spanned<String>>>,
    /// `gpus`; `all` is one request of count -1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<DeviceRequest>,
    /// `group_add`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group_add: Vec<Spanned<String>>,
    /// `hostname`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Spanned<String>>,
    /// `ipc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipc: Option<Spanned<String>>,
    /// `isolation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Spanned<String>>,
    /// `links`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Spanned<String>>,
    /// `logging`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<Box<Logging>>,
    /// `mac_address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<Spanned<String>>,
    /// `mem_swappiness`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub mem_swappiness: Option<Spanned<f64>>,
    /// `memswap_limit`: a size, or -1 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memswap_limit: Option<Spanned<String>>,
    /// `models`.
    #[serde(skip_serializing_if = "IndexMap::is_empty", serialize_with = "show::nullable")]
    pub models: IndexMap<String, ModelUse>,
    /// `oom_kill_disable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom_kill_disable: Option<Spanned<bool>>,
    /// `oom_score_adj`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub oom_score_adj: Option<Spanned<f64>>,
    /// `pid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<Spanned<String>>,
    /// `pids_limit`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::number")]
    pub pids_limit: Option<Spanned<f64>>,
    /// `post_start`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_start: Vec<Hook>,
    /// `pre_stop`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_stop: Vec<Hook>,
    /// `privileged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<Spanned<bool>>,
    /// `provider`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Box<Provider>>,
    /// `pull_policy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<Spanned<String>>,
    /// `pull_refresh_after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_refresh_after: Option<Spanned<String>>,
    /// `runtime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<Spanned<String>>,
    /// `security_opt`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_opt: Vec<Spanned<String>>,
    /// `shm_size` in bytes.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "show::bytes")]
    pub shm_size: Option<Spanned<u64>>,
    /// `stdin_open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin_open: Option<Spanned<bool>>,
    /// `storage_opt`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub storage_opt: IndexMap<String, Spanned<String>>,
    /// `sysctls`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub sysctls: IndexMap<String, Spanned<String>>,
    /// `tmpfs`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<Spanned<String>>,
    /// `tty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<Spanned<bool>>,
    /// `ulimits`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ulimits: IndexMap<String, Ulimit>,
    /// `use_api_socket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_api_socket: Option<Spanned<bool>>,
    /// `userns_mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userns_mode: Option<Spanned<String>>,
    /// `uts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uts: Option<Spanned<String>>,
    /// `volumes_from`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes_from: Vec<Spanned<String>>,
    /// Keys of the specification that say more than what every platform does: key → its node, so that
    /// whoever maps the service can say what becomes of it. Below `build`, `healthcheck` and `networks`
    /// by path: `build.secrets`, `networks.front` (its options). All have a typed field as well.
    #[serde(skip)]
    pub other: IndexMap<String, Extension>,
    /// `x-…` keys.
    #[serde(flatten)]
    pub extensions: Extensions,
}
