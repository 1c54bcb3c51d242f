//! What becomes of every key of the Compose Specification on ECS.
//!
//! `docs/compose.md` is generated from [`ALL`], and a test holds it against the key table of
//! `seaway-compose` and against what the model reports.

use Fate::Approximated;
use Fate::LeftOut;
use Fate::LocalOnly;
use Fate::Mapped;
use Fate::Refused;

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Means the same on ECS; to what it is mapped.
    Mapped(&'static str),
    /// Means nearly the same; how.
    Approximated(&'static str),
    /// Has no effect on ECS, and a warning says so; why.
    LeftOut(&'static str),
    /// Is an error; why.
    Refused(&'static str),
    /// Means something to the developer's machine or to the files only; what.
    LocalOnly(&'static str),
}

impl Fate {
    /// Returns the word that the documentation uses.
    pub fn word(self) -> &'static str {
        match self {
            Mapped(_) => "mapped",
            Approximated(_) => "approximated",
            LeftOut(_) => "left out",
            Refused(_) => "refused",
            LocalOnly(_) => "local only",
        }
    }

    /// Returns to what, how or why.
    pub fn detail(self) -> &'static str {
        match self {
            Mapped(text) | Approximated(text) | LeftOut(text) | Refused(text) | LocalOnly(text) => text,
        }
    }
}

/// Returns the fate of a key by its path, such as `services.*.ports.target`: that of its own row, or
/// of the nearest row above it that ends in `.**` and stands for all below.
pub fn fate(path: &str) -> Option<Fate> {
    if let Some((_, fate)) = ALL.iter().find(|(row, _)| *row == path) {
        return Some(*fate);
    }
    let mut above = Some(path);
    while let Some(prefix) = above {
        let covers = |row: &str| row.strip_suffix(".**").is_some_and(|start| start == prefix);
        if let Some((_, fate)) = ALL.iter().find(|(row, _)| covers(row)) {
            return Some(*fate);
        }
        above = prefix.rsplit_once('.').map(|(above, _)| above);
    }
    None
}

/// Returns the table as Markdown, a section for each top-level key.
pub fn markdown() -> String {
    let mut out = String::new();
    let mut section = "";
    for (path, fate) in ALL {
        let of = match path.split('.').next().unwrap_or_default() {
            top @ ("services" | "models" | "networks" | "volumes" | "secrets" | "configs") => top,
            _ => "the file",
        };
        if of != section {
            section = of;
            out.push_str(&format!("\n### {section}\n| key | fate | how, why |\n|---|---|---|\n"));
        }
        let shown = path.strip_prefix(&format!("{of}.*.")).unwrap_or(path);
        let (shown, below) = match shown.strip_suffix(".**") {
            Some(shown) => (shown, " and all below it"),
            None => (shown, ""),
        };
        out.push_str(&format!("| `{shown}`{below} | {} | {} |\n", fate.word(), fate.detail()));
    }
    out
}

/// A row: the path of a key, `.**` for it and all below, and its fate.
pub type Row = (&'static str, Fate);

const WARN_BUILD: &str = "images are built by Seaway's own drivers, which do not carry it yet";
const OWN: &str = "it is Fargate's own";

/// Every key of the specification.
pub const ALL: &[Row] = &[
    ("version", LocalOnly("obsolete in the specification: no effect anywhere")),
    ("name", Mapped("part of the names of stacks, repositories and log groups")),
    ("include.**", LocalOnly("used up while loading")),
    ("services", Mapped("workloads: a task definition and a service, schedule or task each")),
    ("services.*.annotations", LocalOnly("annotations are for the container engine; use `labels`")),
    ("services.*.attach", LocalOnly("which logs `docker compose up` shows")),
    ("services.*.blkio_config.**", LeftOut("storage is Fargate's own")),
    ("services.*.build", Mapped("an image that is built and pushed to the service's ECR repository")),
    ("services.*.build.context", Mapped("build context")),
    ("services.*.build.dockerfile", Mapped("Dockerfile of the build")),
    ("services.*.build.dockerfile_inline", Mapped("Dockerfile of the build")),
    ("services.*.build.args", Mapped("build arguments; one without a value is left out with a warning")),
    ("services.*.build.target", Mapped("stage that is built")),
    ("services.*.build.entitlements", LeftOut(WARN_BUILD)),
    ("services.*.build.ssh", LeftOut(WARN_BUILD)),
    ("services.*.build.labels", LeftOut(WARN_BUILD)),
    ("services.*.build.cache_from", LeftOut(WARN_BUILD)),
    ("services.*.build.cache_to", LeftOut(WARN_BUILD)),
    ("services.*.build.no_cache", LeftOut("what is unchanged is not built; the content hash decides")),
    ("services.*.build.no_cache_filter", LeftOut("what is unchanged is not built; the content hash decides")),
    ("services.*.build.additional_contexts", LeftOut(WARN_BUILD)),
    ("services.*.build.network", LeftOut(WARN_BUILD)),
    ("services.*.build.provenance", LeftOut(WARN_BUILD)),
    ("services.*.build.sbom", LeftOut(WARN_BUILD)),
    ("services.*.build.pull", LeftOut(WARN_BUILD)),
    ("services.*.build.shm_size", LeftOut(WARN_BUILD)),
    ("services.*.build.extra_hosts", LeftOut(WARN_BUILD)),
    ("services.*.build.isolation", LeftOut("it is for Windows containers")),
    ("services.*.build.privileged", LeftOut(WARN_BUILD)),
    ("services.*.build.secrets.**", LeftOut(WARN_BUILD)),
    ("services.*.build.tags", LeftOut("tags are those of a release; digests are deployed")),
    ("services.*.build.ulimits.**", LeftOut(WARN_BUILD)),
    ("services.*.build.platforms", LeftOut("`platform` of the service says what is built")),
    (
        "services.*.cap_add",
        LeftOut("of added capabilities Fargate knows only SYS_PTRACE, and Seaway adds none yet"),
    ),
    ("services.*.cap_drop", LeftOut("Seaway does not carry it yet")),
    ("services.*.cgroup", LeftOut("control groups are Fargate's own")),
    ("services.*.cgroup_parent", LeftOut("control groups are Fargate's own")),
    ("services.*.command", Mapped("`Command` of the container")),
    ("services.*.configs.**", Refused("not supported yet: nothing would mount the file")),
    ("services.*.container_name", LocalOnly("tasks come and go; services are reached by their Compose name")),
    ("services.*.cpu_count", LeftOut("it is for Windows containers")),
    ("services.*.cpu_percent", LeftOut("it is for Windows containers")),
    ("services.*.cpu_period", LeftOut("use `deploy.resources`")),
    ("services.*.cpu_quota", LeftOut("use `deploy.resources`")),
    ("services.*.cpu_rt_period", LeftOut("CPUs are assigned by Fargate")),
    ("services.*.cpu_rt_runtime", LeftOut("CPUs are assigned by Fargate")),
    ("services.*.cpu_shares", LeftOut("use `deploy.resources`")),
    ("services.*.cpus", Approximated("as `deploy.resources.limits.cpus`")),
    ("services.*.cpuset", LeftOut("CPUs are assigned by Fargate")),
    ("services.*.credential_spec.**", LeftOut("Seaway does not carry it yet")),
    ("services.*.depends_on", Mapped("the waves of a release; `DependsOn` between containers of one task")),
    ("services.*.depends_on.*.condition", Mapped("what a wave waits for; `Condition` within a task")),
    ("services.*.depends_on.*.restart", LocalOnly("a restart of one service does not restart others on ECS")),
    (
        "services.*.depends_on.*.required",
        LocalOnly("whether the other service may be missing from the project"),
    ),
    ("services.*.deploy", Mapped("see below")),
    (
        "services.*.deploy.mode",
        Approximated(
            "`replicated` is a service, `replicated-job` a job; `global` and `global-job` are refused: Fargate has no nodes",
        ),
    ),
    ("services.*.deploy.endpoint_mode", LeftOut("other services are reached through Service Connect")),
    ("services.*.deploy.replicas", Mapped("desired count")),
    (
        "services.*.deploy.labels",
        Approximated("`ecs.task.family` puts services into one task; others have no effect"),
    ),
    ("services.*.deploy.rollback_config.**", LeftOut("a rollback is as fast as ECS can")),
    ("services.*.deploy.update_config", Mapped("minimum and maximum healthy percent, circuit breaker")),
    (
        "services.*.deploy.update_config.parallelism",
        Mapped("the share of tasks that the healthy percents leave free"),
    ),
    (
        "services.*.deploy.update_config.order",
        Mapped("`start-first`: above the desired count; `stop-first`: below it"),
    ),
    (
        "services.*.deploy.update_config.failure_action",
        Approximated("`rollback` and `pause`; `continue` becomes a rollback, with a warning"),
    ),
    ("services.*.deploy.update_config.delay", LocalOnly("ECS paces a deployment by health, not by a clock")),
    ("services.*.deploy.update_config.monitor", LocalOnly("ECS watches until the deployment is steady")),
    (
        "services.*.deploy.update_config.max_failure_ratio",
        LocalOnly("the circuit breaker counts by its own rule"),
    ),
    ("services.*.deploy.resources", Mapped("see below")),
    ("services.*.deploy.resources.limits", Mapped("see below")),
    (
        "services.*.deploy.resources.limits.cpus",
        Approximated("CPU of the task, rounded up to a size of Fargate"),
    ),
    (
        "services.*.deploy.resources.limits.memory",
        Approximated("memory of the task, rounded up to a size of Fargate"),
    ),
    ("services.*.deploy.resources.limits.pids", LeftOut(OWN)),
    ("services.*.deploy.resources.reservations", Mapped("see below")),
    (
        "services.*.deploy.resources.reservations.cpus",
        Approximated("CPU of the task where no limit is given"),
    ),
    (
        "services.*.deploy.resources.reservations.memory",
        Approximated("memory of the task where no limit is given"),
    ),
    (
        "services.*.deploy.resources.reservations.generic_resources.**",
        LeftOut("Fargate knows CPU and memory only"),
    ),
    ("services.*.deploy.resources.reservations.devices.**", Refused("Fargate has no GPUs")),
    (
        "services.*.deploy.restart_policy.**",
        LocalOnly("ECS replaces every task that ends; a job has `x-job.retries`"),
    ),
    ("services.*.deploy.placement.**", LeftOut("Fargate places tasks itself, over all zones")),
    ("services.*.develop.**", LocalOnly("what `docker compose watch` does")),
    ("services.*.device_cgroup_rules", Refused("Fargate gives no access to devices")),
    ("services.*.devices.**", Refused("Fargate gives no access to devices")),
    ("services.*.dns", LeftOut("tasks in awsvpc mode use the DNS of the VPC")),
    ("services.*.dns_opt", LeftOut("tasks in awsvpc mode use the DNS of the VPC")),
    ("services.*.dns_search", LeftOut("tasks in awsvpc mode use the DNS of the VPC")),
    ("services.*.domainname", LeftOut("tasks in awsvpc mode are named by ECS")),
    ("services.*.entrypoint", Mapped("`EntryPoint` of the container")),
    ("services.*.env_file.**", Mapped("read while loading: `Environment` of the container")),
    (
        "services.*.environment",
        Mapped("`Environment` of the container; a name without a value is left out with a warning"),
    ),
    ("services.*.expose", Mapped("`PortMappings`, and a Service Connect name for other workloads")),
    ("services.*.extends.**", LocalOnly("used up while loading")),
    ("services.*.external_links", LeftOut("only services of this file are reached by name")),
    ("services.*.extra_hosts", LeftOut("ECS does not write /etc/hosts in awsvpc mode")),
    ("services.*.gpus.**", Refused("Fargate has no GPUs")),
    ("services.*.group_add", LeftOut("ECS cannot add groups")),
    ("services.*.healthcheck", Mapped("`HealthCheck` of the container")),
    ("services.*.healthcheck.disable", Mapped("no `HealthCheck`")),
    ("services.*.healthcheck.interval", Approximated("whole seconds from 5 to 300")),
    ("services.*.healthcheck.retries", Approximated("from 1 to 10")),
    ("services.*.healthcheck.test", Mapped("`Command`")),
    ("services.*.healthcheck.timeout", Approximated("whole seconds from 2 to 60")),
    ("services.*.healthcheck.start_period", Approximated("whole seconds up to 300")),
    ("services.*.healthcheck.start_interval", LeftOut("ECS has one interval")),
    ("services.*.hostname", LeftOut("tasks in awsvpc mode are named by ECS")),
    ("services.*.image", Mapped("`Image` of the container; beside `build` the name of the repository")),
    ("services.*.init", Mapped("`InitProcessEnabled`, on unless said otherwise")),
    ("services.*.ipc", Refused("Fargate does not share the host's IPC")),
    ("services.*.isolation", LeftOut("it is for Windows containers")),
    ("services.*.label_file", Mapped("read while loading: `DockerLabels`")),
    ("services.*.labels", Mapped("`DockerLabels`")),
    ("services.*.links", LeftOut("other services are reached by their name without it")),
    ("services.*.logging.**", LeftOut("logs go to the workload's log group")),
    ("services.*.mac_address", LeftOut("the network interface is Fargate's own")),
    ("services.*.mem_limit", Approximated("as `deploy.resources.limits.memory`")),
    ("services.*.mem_reservation", Approximated("as `deploy.resources.reservations.memory`")),
    ("services.*.mem_swappiness", LeftOut("Fargate has no swap")),
    ("services.*.memswap_limit", LeftOut("Fargate has no swap")),
    ("services.*.models.**", Refused("models run on this machine only")),
    (
        "services.*.network_mode",
        Approximated(
            "`service:NAME` puts both into one task; `bridge` is what every task has; all else is refused",
        ),
    ),
    (
        "services.*.networks",
        Approximated("names do not separate: all workloads of an environment reach each other's ports"),
    ),
    ("services.*.networks.*.aliases", LeftOut("Seaway does not carry it to ECS yet")),
    ("services.*.networks.*.interface_name", LeftOut("the network interface is Fargate's own")),
    ("services.*.networks.*.ipv4_address", LeftOut("addresses are given by the VPC")),
    ("services.*.networks.*.ipv6_address", LeftOut("addresses are given by the VPC")),
    ("services.*.networks.*.link_local_ips", LeftOut("addresses are given by the VPC")),
    ("services.*.networks.*.mac_address", LeftOut("the network interface is Fargate's own")),
    ("services.*.networks.*.driver_opts", LeftOut("the network is a VPC")),
    ("services.*.networks.*.priority", LeftOut("a task has one network interface")),
    ("services.*.networks.*.gw_priority", LeftOut("a task has one network interface")),
    ("services.*.oom_kill_disable", LeftOut(OWN)),
    ("services.*.oom_score_adj", LeftOut(OWN)),
    ("services.*.pid", Refused("Fargate does not share the host's processes")),
    ("services.*.pids_limit", LeftOut(OWN)),
    ("services.*.platform", Mapped("`CpuArchitecture` of the task, and what is built")),
    ("services.*.ports", Mapped("`PortMappings`; a published port is reachable through the load balancer")),
    ("services.*.ports.name", LocalOnly("a name for people")),
    ("services.*.ports.mode", LocalOnly("where an engine publishes the port")),
    ("services.*.ports.host_ip", LocalOnly("the load balancer has its own address")),
    ("services.*.ports.target", Mapped("`ContainerPort`")),
    (
        "services.*.ports.published",
        Approximated("the port of the listener; see `docs/local.md` for this machine"),
    ),
    ("services.*.ports.protocol", Mapped("`Protocol`")),
    ("services.*.ports.app_protocol", Mapped("whether the load balancer speaks HTTP")),
    ("services.*.post_start.**", LeftOut("ECS has no hooks around a container")),
    ("services.*.pre_stop.**", LeftOut("ECS has no hooks around a container")),
    ("services.*.privileged", Refused("Fargate runs no privileged containers")),
    ("services.*.profiles", LocalOnly("which services take part")),
    ("services.*.provider.**", Refused("providers run on this machine only")),
    ("services.*.pull_policy", LocalOnly("ECS pulls the digest that was deployed")),
    ("services.*.pull_refresh_after", LocalOnly("ECS pulls the digest that was deployed")),
    ("services.*.read_only", Mapped("`ReadonlyRootFilesystem`")),
    ("services.*.restart", LocalOnly("ECS replaces every task of a service that ends")),
    ("services.*.runtime", Refused("the container runtime is Fargate's own")),
    ("services.*.scale", Mapped("as `deploy.replicas`")),
    ("services.*.secrets", Mapped("`Secrets` of the container: an environment variable each")),
    ("services.*.secrets.source", Mapped("the secret")),
    ("services.*.secrets.target", Approximated("its last part is the name of the variable")),
    ("services.*.secrets.uid", LocalOnly("there is no file")),
    ("services.*.secrets.gid", LocalOnly("there is no file")),
    ("services.*.secrets.mode", LocalOnly("there is no file")),
    ("services.*.security_opt", LeftOut("Fargate applies its own profile")),
    ("services.*.shm_size", LeftOut("Fargate fixes the size of /dev/shm")),
    ("services.*.stdin_open", LocalOnly("`seaway exec` opens its own")),
    ("services.*.stop_grace_period", Approximated("`StopTimeout`: whole seconds from 2 to 120")),
    ("services.*.stop_signal", LeftOut("ECS sends the image's own STOPSIGNAL, else SIGTERM")),
    ("services.*.storage_opt", LeftOut("storage is Fargate's own")),
    ("services.*.sysctls", LeftOut("Seaway does not carry it yet")),
    ("services.*.tmpfs", LeftOut("Seaway does not carry it yet; the writable layer is there")),
    ("services.*.tty", LocalOnly("`seaway exec` has its own terminal")),
    ("services.*.ulimits.**", LeftOut("Seaway does not carry it yet")),
    ("services.*.use_api_socket", Refused("there is no container engine to talk to on Fargate")),
    ("services.*.user", Mapped("`User` of the container")),
    ("services.*.userns_mode", Refused("Fargate does not share the host's users")),
    ("services.*.uts", LeftOut("Seaway does not carry it to ECS yet")),
    (
        "services.*.volumes",
        Approximated("a named volume is a volume of the task; folders of this machine are refused"),
    ),
    (
        "services.*.volumes.type",
        Approximated("`volume`; `tmpfs` is left out with a warning, all else is refused"),
    ),
    ("services.*.volumes.source", Mapped("name of the volume")),
    ("services.*.volumes.target", Mapped("`ContainerPath`")),
    ("services.*.volumes.read_only", Mapped("`ReadOnly`")),
    ("services.*.volumes.consistency", LocalOnly("for folders of this machine")),
    ("services.*.volumes.bind.**", Refused("there is no such folder where Fargate runs the task")),
    ("services.*.volumes.volume.**", LocalOnly("how an engine fills a volume")),
    ("services.*.volumes.tmpfs.**", LeftOut("Seaway does not carry it yet; the writable layer is there")),
    ("services.*.volumes.image.**", Refused("only named volumes are possible")),
    (
        "services.*.volumes_from",
        Refused("it is not part of the current specification; name the volume in both services"),
    ),
    ("services.*.working_dir", Mapped("`WorkingDirectory`")),
    ("models.**", LocalOnly("models run on this machine only; a service that uses one is refused")),
    ("networks.**", Approximated("all workloads of an environment share its VPC; `x-vpc` describes it")),
    ("volumes", Approximated("a volume of the task that uses it")),
    ("volumes.*.name", LocalOnly("a volume of a task has no name outside")),
    ("volumes.*.driver", LocalOnly("the storage is Fargate's")),
    ("volumes.*.driver_opts", LocalOnly("the storage is Fargate's")),
    ("volumes.*.external.**", LocalOnly("a volume of a task is always new")),
    ("volumes.*.labels", LocalOnly("a volume of a task has none")),
    ("secrets", Mapped("parameters or secrets of the environment")),
    ("secrets.*.name", Mapped("the name in the store, with `external`")),
    ("secrets.*.environment", Mapped("where `up` takes the value from")),
    ("secrets.*.file", Mapped("where `up` takes the value from")),
    ("secrets.*.external.**", Mapped("the secret is there already")),
    ("secrets.*.labels", LocalOnly("Seaway tags what it makes with its own tags")),
    ("secrets.*.driver", LocalOnly("`x-secrets` says which store is used")),
    ("secrets.*.driver_opts", LocalOnly("`x-secrets` says which store is used")),
    ("secrets.*.template_driver", LocalOnly("values are not templates")),
    ("configs.**", LocalOnly("a service that uses one is refused: not supported yet")),
];
