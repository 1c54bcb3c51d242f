//! One service.

use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Entry;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::build;
use super::container;
use super::deploy;
use super::lists;
use super::pairs;
use super::value;
use crate::Extension;
use crate::Service;
use crate::interpolate::Variables;
use crate::loader::Loader;

/// Keys that are not listed in [`Service::other`]: every platform does them, or they are used up
/// while loading.
const COMMON: [&str; 32] = [
    "image",
    "build",
    "command",
    "entrypoint",
    "environment",
    "env_file",
    "ports",
    "expose",
    "healthcheck",
    "depends_on",
    "deploy",
    "secrets",
    "configs",
    "volumes",
    "networks",
    "network_mode",
    "labels",
    "label_file",
    "profiles",
    "stop_grace_period",
    "stop_signal",
    "platform",
    "user",
    "working_dir",
    "init",
    "read_only",
    "restart",
    "scale",
    "cpus",
    "mem_limit",
    "mem_reservation",
    "extends",
];

/// The same below some sections.
const NESTED: [(&str, &[&str]); 2] = [
    ("build", &["context", "dockerfile", "dockerfile_inline", "args", "target"]),
    ("healthcheck", &["disable", "test", "interval", "timeout", "retries", "start_period"]),
];

/// Reads a service; the content of its env and label files is left to the caller.
pub(crate) fn service(entry: &Entry, variables: &Variables, loader: &Loader<'_>) -> Service {
    let empty = Map::default();
    let map = entry.value.as_map().unwrap_or(&empty);
    let list = |key| map.get(key).map(value::texts).unwrap_or_default();
    let section = |key: &str| map.get(key);
    let exposed = lists::expose(map);
    let attachments = lists::attachments(map);
    Service {
        name: Spanned::new(entry.key.text.clone(), entry.key.span),
        image: value::text(map, "image"),
        build: section("build").and_then(|node| build::build(node, variables, loader)).map(Box::new),
        command: value::command(section("command")),
        entrypoint: value::command(section("entrypoint")),
        environment: pairs::variables(section("environment"), variables),
        env_file: lists::env_files(map, loader),
        ports: lists::ports(map),
        expose: exposed.iter().map(|exposed| Spanned::new(exposed.port, exposed.span)).collect(),
        exposed,
        healthcheck: section("healthcheck").and_then(container::healthcheck).map(Box::new),
        depends_on: lists::depends_on(map),
        deploy: Box::new(deploy::deploy(map)),
        secrets: lists::grants(map, "secrets"),
        configs: lists::grants(map, "configs"),
        volumes: lists::mounts(map, loader),
        networks: attachments.iter().map(|(name, use_)| Spanned::new(name.clone(), use_.span)).collect(),
        attachments,
        network_mode: value::text(map, "network_mode"),
        labels: pairs::labels(section("labels")),
        label_file: value::paths(section("label_file"), loader),
        profiles: list("profiles"),
        stop_grace_period: value::duration(map, "stop_grace_period"),
        stop_signal: value::text(map, "stop_signal"),
        platform: value::text(map, "platform"),
        user: value::text(map, "user"),
        working_dir: value::text(map, "working_dir"),
        init: value::boolean(map, "init"),
        read_only: value::boolean(map, "read_only"),
        restart: value::text(map, "restart"),
        annotations: pairs::labels(section("annotations")),
        attach: value::boolean(map, "attach"),
        blkio_config: section("blkio_config").and_then(container::blkio).map(Box::new),
        cap_add: list("cap_add"),
        cap_drop: list("cap_drop"),
        cgroup: value::text(map, "cgroup"),
        cgroup_parent: value::text(map, "cgroup_parent"),
        container_name: value::text(map, "container_name"),
        cpu_count: value::whole(map, "cpu_count"),
        cpu_percent: value::amount(map, "cpu_percent"),
        cpu_period: value::text(map, "cpu_period"),
        cpu_quota: value::text(map, "cpu_quota"),
        cpu_rt_period: value::text(map, "cpu_rt_period"),
        cpu_rt_runtime: value::text(map, "cpu_rt_runtime"),
        cpu_shares: value::amount(map, "cpu_shares"),
        cpuset: value::text(map, "cpuset"),
        credential_spec: section("credential_spec").and_then(container::credential_spec).map(Box::new),
        develop: section("develop").and_then(|node| build::develop(node, variables, loader)).map(Box::new),
        device_cgroup_rules: list("device_cgroup_rules"),
        devices: lists::devices(map),
        dns: list("dns"),
        dns_opt: list("dns_opt"),
        dns_search: list("dns_search"),
        domainname: value::text(map, "domainname"),
        external_links: list("external_links"),
        extra_hosts: pairs::hosts(section("extra_hosts")),
        gpus: section("gpus").map(container::gpus).unwrap_or_default(),
        group_add: list("group_add"),
        hostname: value::text(map, "hostname"),
        ipc: value::text(map, "ipc"),
        isolation: value::text(map, "isolation"),
        links: list("links"),
        logging: section("logging").and_then(container::logging).map(Box::new),
        mac_address: value::text(map, "mac_address"),
        mem_swappiness: value::amount(map, "mem_swappiness"),
        memswap_limit: value::text(map, "memswap_limit"),
        models: lists::models(map),
        oom_kill_disable: value::boolean(map, "oom_kill_disable"),
        oom_score_adj: value::number(map, "oom_score_adj"),
        pid: value::text(map, "pid"),
        pids_limit: value::number(map, "pids_limit"),
        post_start: container::hooks(section("post_start"), variables),
        pre_stop: container::hooks(section("pre_stop"), variables),
        privileged: value::boolean(map, "privileged"),
        provider: section("provider").and_then(container::provider).map(Box::new),
        pull_policy: value::text(map, "pull_policy"),
        pull_refresh_after: value::text(map, "pull_refresh_after"),
        runtime: value::text(map, "runtime"),
        security_opt: list("security_opt"),
        shm_size: value::bytes(map, "shm_size"),
        stdin_open: value::boolean(map, "stdin_open"),
        storage_opt: pairs::labels(section("storage_opt")),
        sysctls: pairs::labels(section("sysctls")),
        tmpfs: list("tmpfs"),
        tty: value::boolean(map, "tty"),
        ulimits: container::ulimits(section("ulimits")),
        use_api_socket: value::boolean(map, "use_api_socket"),
        userns_mode: value::text(map, "userns_mode"),
        uts: value::text(map, "uts"),
        volumes_from: list("volumes_from"),
        other: other(map),
        extensions: value::extensions(map),
    }
}

/// Keys that are not common, those of some sections by path.
fn other(map: &Map) -> IndexMap<String, Extension> {
    let mut other = value::kept(map, |key| !key.starts_with("x-") && !COMMON.contains(&key));
    for (section, fields) in NESTED {
        if let Some(map) = map.get(section).and_then(Node::as_map) {
            let kept = value::kept(map, |key| !key.starts_with("x-") && !fields.contains(&key));
            other.extend(kept.into_iter().map(|(key, node)| (format!("{section}.{key}"), node)));
        }
    }
    if let Some(map) = map.get("networks").and_then(Node::as_map) {
        for entry in map.iter().filter(|entry| !entry.value.is_null()) {
            let extension = Extension { key_span: entry.key.span, node: entry.value.clone() };
            other.insert(format!("networks.{}", entry.key.text), extension);
        }
    }
    other
}

/// Puts what the env files say below the service's own `environment`.
pub(crate) fn below(service: &mut Service, from_files: IndexMap<String, Spanned<Option<String>>>) {
    let own = std::mem::replace(&mut service.environment, from_files);
    service.environment.extend(own);
}

/// Puts what the label files say below the service's own `labels`.
pub(crate) fn labels_below(service: &mut Service, from_files: IndexMap<String, Spanned<String>>) {
    let own = std::mem::replace(&mut service.labels, from_files);
    service.labels.extend(own);
}
