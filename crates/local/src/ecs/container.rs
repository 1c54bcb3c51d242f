//! The container that the engine gets for a container of a task.

use std::collections::BTreeMap;
use std::collections::HashMap;

use bollard::models::ContainerCreateBody;
use bollard::models::EndpointSettings;
use bollard::models::HostConfig;
use bollard::models::HostConfigLogConfig;
use bollard::models::NetworkingConfig;
use bollard::models::PortBinding;
use bollard::models::ResourcesUlimits;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use super::state::ContainerOverride;
use super::state::TaskRecord;
use super::task_definition::ContainerDefinition;
use super::task_definition::Properties;

/// How a container is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// In the cluster's network, with the names and published ports of the task.
    Owner {
        /// Name at the engine.
        network: String,
        /// `8080/tcp`, …
        ports: Vec<String>,
    },
    /// In the cluster's network, reachable by nobody.
    Alone {
        /// Name at the engine.
        network: String,
    },
    /// Shares the network of this container.
    Joined {
        /// Name at the engine.
        owner: String,
    },
}

/// Everything that goes into a container.
#[derive(Debug)]
pub(super) struct ContainerParts<'a> {
    pub(super) instance: &'a str,
    pub(super) task: &'a TaskRecord,
    pub(super) definition: &'a ContainerDefinition,
    pub(super) properties: &'a Properties,
    pub(super) network: Network,
    /// For every container: addresses and credentials of the emulated APIs.
    pub(super) environment: &'a [(String, String)],
    pub(super) secrets: &'a [(String, SecretString)],
    /// Volume name in the task definition → name or folder at the engine.
    pub(super) volumes: &'a BTreeMap<String, String>,
}

/// Returns the name of a container at the engine.
pub(super) fn engine_name(cluster: &str, family: &str, task: &str, container: &str) -> String {
    format!("seaway-{cluster}-{family}-{}-{container}", &task[..task.len().min(8)])
}

/// Returns the labels of everything that belongs to a task.
pub(super) fn labels(instance: &str, task: &TaskRecord, container: &str) -> HashMap<String, String> {
    let mut labels = HashMap::from([
        ("seaway.instance".to_owned(), instance.to_owned()),
        ("seaway.cluster".to_owned(), task.cluster.clone()),
        ("seaway.task".to_owned(), task.id.clone()),
        ("seaway.container".to_owned(), container.to_owned()),
    ]);
    for (key, value) in &task.tags {
        if key.starts_with("seaway:") {
            labels.insert(key.clone(), value.clone());
        }
    }
    labels
}

/// Returns the environment: what the definition says wins over what we add, the override over
/// both, and secrets over all, as on ECS.
pub(super) fn environment(parts: &ContainerParts<'_>, over: Option<&ContainerOverride>) -> Vec<String> {
    let mut all = BTreeMap::<&str, &str>::new();
    for (name, value) in parts.environment {
        all.insert(name, value);
    }
    for pair in &parts.definition.environment {
        all.insert(&pair.name, &pair.value);
    }
    for (name, value) in over.into_iter().flat_map(|over| &over.environment) {
        all.insert(name, value);
    }
    for (name, value) in parts.secrets {
        all.insert(name, value.expose_secret());
    }
    all.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// Builds the body of the engine's "create a container".
pub(super) fn body(parts: &ContainerParts<'_>) -> ContainerCreateBody {
    let definition = parts.definition;
    let over = parts.task.overrides.get(&definition.name);
    let command = over.and_then(|over| over.command.clone()).or_else(|| some(&definition.command));
    let mut labels: HashMap<String, String> =
        definition.docker_labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    labels.extend(self::labels(parts.instance, parts.task, &definition.name));
    let mut body = ContainerCreateBody {
        image: Some(definition.image.clone()),
        cmd: command,
        entrypoint: some(&definition.entry_point),
        env: Some(environment(parts, over)),
        user: definition.user.clone(),
        working_dir: definition.working_directory.clone(),
        labels: Some(labels),
        open_stdin: definition.interactive,
        tty: definition.pseudo_terminal,
        ..ContainerCreateBody::default()
    };
    let mut host = host_config(parts);
    match &parts.network {
        Network::Joined { owner } => host.network_mode = Some(format!("container:{owner}")),
        Network::Alone { network } => {
            host.network_mode = Some(network.clone());
            host.extra_hosts = Some(extra_hosts(definition));
        }
        Network::Owner { network, ports } => {
            host.network_mode = Some(network.clone());
            host.extra_hosts = Some(extra_hosts(definition));
            let any = || {
                // Only this machine may reach it; the engine chooses a free port.
                Some(vec![PortBinding {
                    host_ip: Some("127.0.0.1".to_owned()),
                    host_port: Some(String::new()),
                }])
            };
            host.port_bindings = Some(ports.iter().map(|port| (port.clone(), any())).collect());
            body.exposed_ports = Some(ports.clone());
            let endpoint =
                EndpointSettings { aliases: Some(parts.task.aliases.clone()), ..EndpointSettings::default() };
            body.networking_config = Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(network.clone(), endpoint)])),
            });
        }
    }
    body.host_config = Some(host);
    body
}

fn host_config(parts: &ContainerParts<'_>) -> HostConfig {
    let definition = parts.definition;
    let linux = &definition.linux_parameters;
    let memory = definition.memory.or(parts.properties.memory).map(|mib| mib * 1024 * 1024);
    // CPU is a share, not a limit: a laptop that is idle should not be slow.
    let cpu = definition.cpu.filter(|units| *units > 0).or(parts.properties.cpu);
    let binds: Vec<String> = definition
        .mount_points
        .iter()
        .filter_map(|mount| {
            let source = parts.volumes.get(&mount.source_volume)?;
            let mode = if mount.read_only == Some(true) { "ro" } else { "rw" };
            Some(format!("{source}:{}:{mode}", mount.container_path))
        })
        .collect();
    let tmpfs: HashMap<String, String> = linux
        .tmpfs
        .iter()
        .map(|one| {
            let mut options = one.mount_options.clone();
            options.extend(one.size.map(|size| format!("size={size}m")));
            (one.container_path.clone(), options.join(","))
        })
        .collect();
    HostConfig {
        memory,
        memory_swap: memory,
        cpu_shares: cpu.map(|units| units.max(2)),
        init: linux.init_process_enabled,
        readonly_rootfs: definition.readonly_root_filesystem,
        shm_size: linux.shared_memory_size.map(|mib| mib * 1024 * 1024),
        binds: some(&binds),
        tmpfs: Some(tmpfs).filter(|tmpfs| !tmpfs.is_empty()),
        cap_add: some(&linux.capabilities.add),
        cap_drop: some(&linux.capabilities.drop),
        ulimits: some(
            &definition
                .ulimits
                .iter()
                .map(|limit| ResourcesUlimits {
                    name: Some(limit.name.clone()),
                    soft: limit.soft_limit,
                    hard: limit.hard_limit,
                })
                .collect::<Vec<_>>(),
        ),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(HashMap::from([
                ("max-size".to_owned(), "10m".to_owned()),
                ("max-file".to_owned(), "2".to_owned()),
            ])),
        }),
        ..HostConfig::default()
    }
}

fn extra_hosts(definition: &ContainerDefinition) -> Vec<String> {
    let mut hosts = vec!["host.docker.internal:host-gateway".to_owned()];
    hosts.extend(definition.extra_hosts.iter().map(|host| format!("{}:{}", host.hostname, host.ip_address)));
    hosts
}

fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}
