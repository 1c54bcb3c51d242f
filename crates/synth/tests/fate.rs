//! The table of fates is complete, true and documented.

use std::collections::BTreeMap;
use std::path::Path;

use camino::Utf8Path;
use seaway_compose::Files;
use seaway_compose::LoadOptions;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_synth::fate;
use seaway_synth::fate::Fate;

#[test]
fn every_key_of_the_specification_has_a_fate() {
    let keys = seaway_compose::keys();
    let missing: Vec<_> = keys.iter().filter(|key| fate::fate(key).is_none()).collect();
    assert!(missing.is_empty(), "no fate: {missing:?}");
    let of_no_key: Vec<_> = fate::ALL
        .iter()
        .map(|(path, _)| path.strip_suffix(".**").unwrap_or(path))
        .filter(|path| !keys.iter().any(|key| key == path))
        .collect();
    assert!(of_no_key.is_empty(), "not keys: {of_no_key:?}");
    let mut seen = BTreeMap::new();
    for (path, fate) in fate::ALL {
        assert!(seen.insert(path, fate).is_none(), "{path} stands twice");
    }
}

/// Set `UPDATE_DOCS=1` to write the file.
#[test]
fn the_documentation_is_up_to_date() {
    const START: &str = "<!-- generated from crates/synth/src/fate.rs -->\n";
    const END: &str = "<!-- end of the generated part -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compose.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let from = text.find(START).unwrap() + START.len();
    let to = text.find(END).unwrap();
    let expected = format!("{}{}{}", &text[..from], fate::markdown(), &text[to..]);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert!(text == expected, "docs/compose.md is old: run with UPDATE_DOCS=1");
    }
}

struct One(String);

impl Files for One {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        Ok((path == "/p/compose.yaml").then(|| self.0.clone()))
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        path == "/p/compose.yaml" || path == "/p"
    }
}

/// Findings of the model about a service with this attribute: whether one is an error or a warning.
fn findings(attribute: &str) -> (bool, bool, String) {
    let text = format!(
        "services:\n  web: {{image: x, {attribute}}}\n  other: {{image: y}}\nmodels: {{m: {{model: n}}}}\nconfigs: {{c: {{content: d}}}}\n"
    );
    let options = LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() };
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    let project = seaway_compose::load(&options, &One(text), &mut sources, &mut sink);
    let shown = seaway_diag::render::text(sink.all(), &sources, false);
    let project = project.unwrap_or_else(|| panic!("{attribute}: {shown}"));
    let mut sink = Sink::default();
    let _ = seaway_model::build(&project, "local", &mut sink);
    let has = |severity| sink.count(severity) > 0;
    (has(Severity::Error), has(Severity::Warning), seaway_diag::render::text(sink.all(), &sources, false))
}

/// What the table says of a key is what the model says of it.
#[test]
fn the_table_is_true() {
    let samples = [
        "annotations: {a: b}",
        "attach: true",
        "blkio_config: {weight: 10}",
        "cap_add: [NET_ADMIN]",
        "cap_drop: [ALL]",
        "cgroup: host",
        "cgroup_parent: a",
        "command: [a]",
        "configs: [c]",
        "container_name: a",
        "cpu_count: 1",
        "cpu_percent: 1",
        "cpu_period: 1",
        "cpu_quota: 1",
        "cpu_rt_period: 1",
        "cpu_rt_runtime: 1",
        "cpu_shares: 1",
        "cpuset: '1'",
        "credential_spec: {file: a}",
        "depends_on: [other]",
        "develop: {watch: []}",
        "device_cgroup_rules: ['c 1:3 mr']",
        "devices: [/dev/a]",
        "dns: 1.1.1.1",
        "dns_opt: [a]",
        "dns_search: a",
        "domainname: a",
        "entrypoint: [a]",
        "environment: {A: b}",
        "expose: ['80']",
        "external_links: [a]",
        "extra_hosts: ['a=1.1.1.1']",
        "gpus: all",
        "group_add: [a]",
        "healthcheck: {test: [CMD, a]}",
        "healthcheck: {test: [CMD, a], start_interval: 1s}",
        "hostname: a",
        "image: x",
        "init: true",
        "ipc: host",
        "isolation: default",
        "labels: {a: b}",
        "links: [other]",
        "logging: {driver: none}",
        "mac_address: a",
        "mem_swappiness: 1",
        "memswap_limit: 1g",
        "models: [m]",
        "oom_kill_disable: true",
        "oom_score_adj: 1",
        "pid: host",
        "pids_limit: 1",
        "platform: linux/amd64",
        "post_start: [{command: a}]",
        "pre_stop: [{command: a}]",
        "privileged: true",
        "provider: {type: a}",
        "pull_policy: always",
        "read_only: true",
        "restart: always",
        "runtime: a",
        "scale: 2",
        "security_opt: [a]",
        "shm_size: 1g",
        "stdin_open: true",
        "stop_signal: SIGINT",
        "storage_opt: {size: 1g}",
        "sysctls: {a: b}",
        "tmpfs: /t",
        "tty: true",
        "ulimits: {nproc: 1}",
        "use_api_socket: true",
        "user: root",
        "userns_mode: host",
        "uts: host",
        "volumes_from: [other]",
        "working_dir: /a",
    ];
    for sample in samples {
        let key = sample.split(':').next().unwrap();
        let path = match sample {
            _ if sample.contains("start_interval") => "services.*.healthcheck.start_interval".to_owned(),
            _ => format!("services.*.{key}"),
        };
        let found = fate::fate(&path).unwrap();
        let sample = if key == "image" { "labels: {a: b}" } else { sample };
        let (error, warning, shown) = findings(sample);
        let as_said = match found {
            Fate::Mapped(_) | Fate::LocalOnly(_) | Fate::Approximated(_) => !error && !warning,
            Fate::LeftOut(_) => !error && warning,
            Fate::Refused(_) => error,
        };
        assert!(as_said, "{path} is {}, but the model says:\n{shown}", found.word());
    }
    for (attribute, path) in [
        ("deploy: {endpoint_mode: vip}", "endpoint_mode"),
        ("deploy: {placement: {constraints: [a]}}", "placement"),
        ("deploy: {rollback_config: {order: stop-first}}", "rollback_config"),
        ("deploy: {resources: {limits: {pids: 1}}}", "resources.limits.pids"),
        ("deploy: {restart_policy: {condition: any}}", "restart_policy"),
        ("deploy: {update_config: {delay: 1s}}", "update_config.delay"),
        (
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
            "resources.reservations.devices",
        ),
    ] {
        let (error, warning, shown) = findings(attribute);
        let as_said = match fate::fate(&format!("services.*.deploy.{path}")).unwrap() {
            Fate::LeftOut(_) => !error && warning,
            Fate::Refused(_) => error,
            _ => !error && !warning,
        };
        assert!(as_said, "{path}:\n{shown}");
    }
}
