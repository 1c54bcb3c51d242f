//! Every key of the Compose Specification with the shape of its value.
//!
//! Source: `schema/compose-spec.json` of the specification, revision 00655e2 (2025). Where it
//! allows a number written as a text, so does the shape. `x-…` keys are allowed in every table.

/// What a value must look like.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Not looked at.
    Any,
    /// A string.
    Text,
    /// A string, a number or a truth value.
    Scalar,
    /// A truth value.
    Bool,
    /// A whole number from 0 on.
    Whole,
    /// A number from 0 on.
    Amount,
    /// Any number, or a text with one.
    Number,
    /// A whole number from -1 on.
    Limit,
    /// A duration.
    Duration,
    /// A size in bytes.
    Bytes,
    /// A port or a range of ports.
    PortRange,
    /// The short form of a published port.
    PortEntry,
    /// The short form of a mount.
    MountEntry,
    /// A command that is split into words.
    Command,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `NAME=value`.
    Pair,
    /// A list.
    List(&'static Shape),
    /// A mapping with names of the user's choice.
    Named(&'static Shape),
    /// A mapping with these keys.
    Table(&'static [(&'static str, Shape)]),
    /// A mapping with these keys, of which the named must be there.
    Required(&'static [(&'static str, Shape)], &'static [&'static str]),
    /// The first whose kind (scalar, list, mapping) is that of the value.
    Either(&'static [Shape]),
    /// May be left empty.
    OrNull(&'static Shape),
}

use Shape::Amount;
use Shape::Any;
use Shape::Bool;
use Shape::Bytes;
use Shape::Command;
use Shape::Duration;
use Shape::Either;
use Shape::Limit;
use Shape::List;
use Shape::MountEntry;
use Shape::Named;
use Shape::Number;
use Shape::OrNull;
use Shape::Pair;
use Shape::PortEntry;
use Shape::PortRange;
use Shape::Required;
use Shape::Scalar;
use Shape::Table;
use Shape::Text;
use Shape::Whole;
use Shape::Word;

const TEXTS: Shape = List(&Text);
const TEXT_OR_LIST: Shape = Either(&[Text, TEXTS]);
const PAIRS: Shape = Either(&[Named(&OrNull(&Scalar)), List(&Pair)]);
const COMMAND: Shape = OrNull(&Either(&[Command, TEXTS]));
const OPTIONS: Shape = Named(&OrNull(&Scalar));
const EXTERNAL: Shape = Either(&[Bool, Table(&[("name", Text)])]);
const EXTRA_HOSTS: Shape = Either(&[Named(&TEXT_OR_LIST), TEXTS]);
const GRANTS: Shape = List(&Either(&[
    Text,
    Table(&[("source", Text), ("target", Text), ("uid", Scalar), ("gid", Scalar), ("mode", Number)]),
]));
const ULIMITS: Shape =
    Named(&Either(&[Limit, Required(&[("hard", Limit), ("soft", Limit)], &["soft", "hard"])]));
const HOOK: Shape = Required(
    &[
        ("command", COMMAND),
        ("user", Text),
        ("privileged", Bool),
        ("working_dir", Text),
        ("environment", PAIRS),
    ],
    &["command"],
);
const HOOKS: Shape = List(&HOOK);
const DEVICES: Shape = List(&Required(RESERVED_DEVICE, &["capabilities"]));
const GPUS: Shape = List(&Table(RESERVED_DEVICE));
const RESERVED_DEVICE: &[(&str, Shape)] = &[
    ("capabilities", TEXTS),
    ("count", Scalar),
    ("device_ids", TEXTS),
    ("driver", Text),
    ("options", PAIRS),
];
const BLKIO_LIMIT: Shape = List(&Required(&[("path", Text), ("rate", Bytes)], &["path", "rate"]));
const UPDATE: Shape = Table(&[
    ("parallelism", Whole),
    ("delay", Duration),
    ("failure_action", Word(&["continue", "pause", "rollback"])),
    ("monitor", Duration),
    ("max_failure_ratio", Amount),
    ("order", Word(&["start-first", "stop-first"])),
]);

const BUILD: Shape = Either(&[
    Text,
    Table(&[
        ("context", Text),
        ("dockerfile", Text),
        ("dockerfile_inline", Text),
        ("entitlements", TEXTS),
        ("args", PAIRS),
        ("ssh", Either(&[Text, PAIRS, List(&Text)])),
        ("labels", PAIRS),
        ("cache_from", TEXTS),
        ("cache_to", TEXTS),
        ("no_cache", Bool),
        ("no_cache_filter", TEXT_OR_LIST),
        ("additional_contexts", PAIRS),
        ("network", Text),
        ("provenance", Scalar),
        ("sbom", Scalar),
        ("pull", Bool),
        ("target", Text),
        ("shm_size", Bytes),
        ("extra_hosts", EXTRA_HOSTS),
        ("isolation", Text),
        ("privileged", Bool),
        ("secrets", GRANTS),
        ("tags", TEXTS),
        ("ulimits", ULIMITS),
        ("platforms", TEXTS),
    ]),
]);

const DEPLOY: Shape = OrNull(&Table(&[
    ("mode", Word(&["replicated", "global", "replicated-job", "global-job"])),
    ("endpoint_mode", Text),
    ("replicas", Whole),
    ("labels", PAIRS),
    ("rollback_config", UPDATE),
    ("update_config", UPDATE),
    (
        "resources",
        Table(&[
            ("limits", Table(&[("cpus", Amount), ("memory", Bytes), ("pids", Number)])),
            (
                "reservations",
                Table(&[
                    ("cpus", Amount),
                    ("memory", Bytes),
                    (
                        "generic_resources",
                        List(&Table(&[(
                            "discrete_resource_spec",
                            Table(&[("kind", Text), ("value", Number)]),
                        )])),
                    ),
                    ("devices", DEVICES),
                ]),
            ),
        ]),
    ),
    (
        "restart_policy",
        Table(&[
            ("condition", Word(&["none", "on-failure", "any"])),
            ("delay", Duration),
            ("max_attempts", Whole),
            ("window", Duration),
        ]),
    ),
    (
        "placement",
        Table(&[
            ("constraints", TEXTS),
            ("preferences", List(&Table(&[("spread", Text)]))),
            ("max_replicas_per_node", Whole),
        ]),
    ),
]));

const HEALTHCHECK: Shape = Table(&[
    ("disable", Bool),
    ("interval", Duration),
    ("retries", Whole),
    ("test", Either(&[Text, TEXTS])),
    ("timeout", Duration),
    ("start_period", Duration),
    ("start_interval", Duration),
]);

const PORTS: Shape = List(&Either(&[
    PortEntry,
    Required(
        &[
            ("name", Text),
            ("mode", Text),
            ("host_ip", Text),
            ("target", PortRange),
            ("published", PortRange),
            ("protocol", Word(&["tcp", "udp"])),
            ("app_protocol", Text),
        ],
        &["target"],
    ),
]));

const MOUNTS: Shape = List(&Either(&[
    MountEntry,
    Required(
        &[
            ("type", Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
            ("source", Text),
            ("target", Text),
            ("read_only", Bool),
            ("consistency", Text),
            (
                "bind",
                Table(&[
                    ("propagation", Text),
                    ("create_host_path", Bool),
                    ("recursive", Text),
                    ("selinux", Word(&["z", "Z"])),
                ]),
            ),
            ("volume", Table(&[("labels", PAIRS), ("nocopy", Bool), ("subpath", Text)])),
            ("tmpfs", Table(&[("size", Bytes), ("mode", Number)])),
            ("image", Table(&[("subpath", Text)])),
        ],
        &["type", "target"],
    ),
]));

const SERVICE_NETWORKS: Shape = Either(&[
    TEXTS,
    Named(&OrNull(&Table(&[
        ("aliases", TEXTS),
        ("interface_name", Text),
        ("ipv4_address", Text),
        ("ipv6_address", Text),
        ("link_local_ips", TEXTS),
        ("mac_address", Text),
        ("driver_opts", OPTIONS),
        ("priority", Number),
        ("gw_priority", Number),
    ]))),
]);

const DEPENDS_ON: Shape = Either(&[
    TEXTS,
    Named(&Table(&[
        ("restart", Bool),
        ("required", Bool),
        ("condition", Word(&["service_started", "service_healthy", "service_completed_successfully"])),
    ])),
]);

const ENV_FILE: Shape = Either(&[
    Text,
    List(&Either(&[
        Text,
        Required(&[("path", Text), ("format", Word(&["compose", "raw"])), ("required", Bool)], &["path"]),
    ])),
]);

const WATCH: Shape = List(&Required(
    &[
        ("ignore", TEXT_OR_LIST),
        ("include", TEXT_OR_LIST),
        ("path", Text),
        ("action", Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
        ("target", Text),
        ("exec", HOOK),
        ("initial_sync", Bool),
    ],
    &["path", "action"],
));

/// Keys of a service.
pub(crate) const SERVICE: &[(&str, Shape)] = &[
    ("annotations", PAIRS),
    ("attach", Bool),
    (
        "blkio_config",
        Table(&[
            ("device_read_bps", BLKIO_LIMIT),
            ("device_read_iops", BLKIO_LIMIT),
            ("device_write_bps", BLKIO_LIMIT),
            ("device_write_iops", BLKIO_LIMIT),
            ("weight", Whole),
            ("weight_device", List(&Required(&[("path", Text), ("weight", Whole)], &["path", "weight"]))),
        ]),
    ),
    ("build", BUILD),
    ("cap_add", TEXTS),
    ("cap_drop", TEXTS),
    ("cgroup", Word(&["host", "private"])),
    ("cgroup_parent", Text),
    ("command", COMMAND),
    ("configs", GRANTS),
    ("container_name", Text),
    ("cpu_count", Whole),
    ("cpu_percent", Amount),
    ("cpu_period", Scalar),
    ("cpu_quota", Scalar),
    ("cpu_rt_period", Scalar),
    ("cpu_rt_runtime", Scalar),
    ("cpu_shares", Amount),
    ("cpus", Amount),
    ("cpuset", Scalar),
    ("credential_spec", Table(&[("config", Text), ("file", Text), ("registry", Text)])),
    ("depends_on", DEPENDS_ON),
    ("deploy", DEPLOY),
    ("develop", OrNull(&Table(&[("watch", WATCH)]))),
    ("device_cgroup_rules", TEXTS),
    (
        "devices",
        List(&Either(&[
            Text,
            Required(&[("source", Text), ("target", Text), ("permissions", Text)], &["source"]),
        ])),
    ),
    ("dns", TEXT_OR_LIST),
    ("dns_opt", TEXTS),
    ("dns_search", TEXT_OR_LIST),
    ("domainname", Text),
    ("entrypoint", COMMAND),
    ("env_file", ENV_FILE),
    ("environment", PAIRS),
    ("expose", List(&PortRange)),
    ("extends", Either(&[Text, Required(&[("service", Text), ("file", Text)], &["service"])])),
    ("external_links", TEXTS),
    ("extra_hosts", EXTRA_HOSTS),
    ("gpus", Either(&[Word(&["all"]), GPUS])),
    ("group_add", List(&Scalar)),
    ("healthcheck", HEALTHCHECK),
    ("hostname", Text),
    ("image", Text),
    ("init", Bool),
    ("ipc", Text),
    ("isolation", Text),
    ("label_file", TEXT_OR_LIST),
    ("labels", PAIRS),
    ("links", TEXTS),
    ("logging", Table(&[("driver", Text), ("options", OPTIONS)])),
    ("mac_address", Text),
    ("mem_limit", Bytes),
    ("mem_reservation", Bytes),
    ("mem_swappiness", Amount),
    ("memswap_limit", Scalar),
    ("models", Either(&[TEXTS, Named(&OrNull(&Table(&[("endpoint_var", Text), ("model_var", Text)])))])),
    ("network_mode", Text),
    ("networks", SERVICE_NETWORKS),
    ("oom_kill_disable", Bool),
    ("oom_score_adj", Number),
    ("pid", OrNull(&Text)),
    ("pids_limit", Number),
    ("platform", Text),
    ("ports", PORTS),
    ("post_start", HOOKS),
    ("pre_stop", HOOKS),
    ("privileged", Bool),
    ("profiles", TEXTS),
    (
        "provider",
        Required(&[("type", Text), ("options", Named(&Either(&[Scalar, List(&Scalar)])))], &["type"]),
    ),
    ("pull_policy", Text),
    ("pull_refresh_after", Text),
    ("read_only", Bool),
    ("restart", Text),
    ("runtime", Text),
    ("scale", Whole),
    ("secrets", GRANTS),
    ("security_opt", TEXTS),
    ("shm_size", Bytes),
    ("stdin_open", Bool),
    ("stop_grace_period", Duration),
    ("stop_signal", Text),
    ("storage_opt", Named(&Scalar)),
    ("sysctls", PAIRS),
    ("tmpfs", TEXT_OR_LIST),
    ("tty", Bool),
    ("ulimits", ULIMITS),
    ("use_api_socket", Bool),
    ("user", Text),
    ("userns_mode", Text),
    ("uts", Text),
    ("volumes", MOUNTS),
    ("volumes_from", TEXTS),
    ("working_dir", Text),
];

const INCLUDE: Shape = List(&Either(&[
    Text,
    Required(&[("path", TEXT_OR_LIST), ("env_file", TEXT_OR_LIST), ("project_directory", Text)], &["path"]),
]));

const IPAM_POOL: Shape =
    Table(&[("subnet", Text), ("ip_range", Text), ("gateway", Text), ("aux_addresses", Named(&Text))]);

const NETWORK: Shape = OrNull(&Table(&[
    ("name", Text),
    ("driver", Text),
    ("driver_opts", OPTIONS),
    ("ipam", Table(&[("driver", Text), ("config", List(&IPAM_POOL)), ("options", OPTIONS)])),
    ("external", EXTERNAL),
    ("internal", Bool),
    ("enable_ipv4", Bool),
    ("enable_ipv6", Bool),
    ("attachable", Bool),
    ("labels", PAIRS),
]));

const VOLUME: Shape = OrNull(&Table(&[
    ("name", Text),
    ("driver", Text),
    ("driver_opts", OPTIONS),
    ("external", EXTERNAL),
    ("labels", PAIRS),
]));

const SECRET: Shape = Table(&[
    ("name", Text),
    ("environment", Text),
    ("file", Text),
    ("external", EXTERNAL),
    ("labels", PAIRS),
    ("driver", Text),
    ("driver_opts", OPTIONS),
    ("template_driver", Text),
]);

const CONFIG: Shape = Table(&[
    ("name", Text),
    ("content", Text),
    ("environment", Text),
    ("file", Text),
    ("external", EXTERNAL),
    ("labels", PAIRS),
    ("template_driver", Text),
]);

const MODEL: Shape = Required(
    &[("name", Text), ("model", Text), ("context_size", Whole), ("runtime_flags", TEXTS)],
    &["model"],
);

/// The whole file.
pub(crate) const FILE: Shape = Table(&[
    ("version", Any),
    ("name", Text),
    ("include", INCLUDE),
    ("services", Named(&Table(SERVICE))),
    ("models", Named(&MODEL)),
    ("networks", Named(&NETWORK)),
    ("volumes", Named(&VOLUME)),
    ("secrets", Named(&SECRET)),
    ("configs", Named(&CONFIG)),
]);

/// Returns the path of every key of the specification, in order: `services.*.ports.target` is a key
/// of the entries of a list, `*` stands for a name of the user's choice.
pub fn keys() -> Vec<String> {
    fn walk(shape: &Shape, path: &str, out: &mut Vec<String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match shape {
            Shape::OrNull(shape) | Shape::List(shape) => walk(shape, path, out),
            // Below names only tables have keys of their own.
            Shape::Named(shape) => walk(shape, &below("*"), out),
            Shape::Either(shapes) => shapes.iter().for_each(|shape| walk(shape, path, out)),
            Shape::Table(keys) | Shape::Required(keys, _) => {
                for (key, shape) in *keys {
                    let path = below(key);
                    if !out.contains(&path) {
                        out.push(path.clone());
                    }
                    walk(shape, &path, out);
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(&FILE, "", &mut out);
    out
}
