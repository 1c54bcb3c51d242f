//! Workloads.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;

/// What runs: one task definition and how it is kept running, scheduled or requested.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Compose name of its main container.
    pub name: String,
    /// Place of that name.
    pub span: Span,
    /// Service, job or task.
    pub kind: Kind,
    /// Its containers, the main one first.
    pub containers: Vec<Container>,
    /// Fargate CPU units, rounded up to a valid pair.
    pub cpu: u32,
    /// MiB, rounded up to a valid pair.
    pub memory: u32,
    /// `X86_64` or `ARM64`.
    pub architecture: String,
    /// Workloads that go before it.
    pub depends_on: Vec<Edge>,
    /// `x-iam` of its containers.
    pub iam: Iam,
}

/// Rights of the application beyond those that its edges give (`x-iam`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iam {
    /// Inline policies of the task role: name → document.
    pub policies: IndexMap<String, serde_json::Value>,
    /// ARNs of managed policies of the task role.
    pub managed: Vec<String>,
    /// Permissions boundary of both roles: an ARN, or a policy's name in the account.
    pub boundary: Option<String>,
}

/// How a workload lives.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Keeps running.
    Service(Box<Service>),
    /// Runs on a schedule.
    Job(Job),
    /// Runs on request or at a point of a release.
    Task(Task),
}

impl Kind {
    /// Returns `service`, `job` or `task`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Kind::Service(_) => "service",
            Kind::Job(_) => "job",
            Kind::Task(_) => "task",
        }
    }
}

/// A `depends_on` edge between workloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The workload that goes before.
    pub workload: String,
    /// It must have ended with exit code 0 (`service_completed_successfully`).
    pub completed: bool,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Desired count.
    pub replicas: u32,
    /// Routes of the public load balancer; empty: not public.
    pub routes: Vec<Route>,
    /// Container ports that other workloads reach by name.
    pub internal_ports: Vec<InternalPort>,
    /// How a new revision takes over.
    pub rollout: Rollout,
    /// Seconds in which failed health checks of a new task do not count.
    pub grace_period: Option<u32>,
    /// ECS Exec is on.
    pub exec: bool,
}

/// A port that other workloads reach under the workload's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalPort {
    /// Compose name of the container that listens, and the host name that others use.
    pub container: String,
    /// Container port.
    pub port: u16,
    /// Name of the port mapping.
    pub name: String,
    /// `http`, `http2`, `grpc` or `None` for plain TCP.
    pub app_protocol: Option<String>,
}

/// A rule of the public load balancer.
#[derive(Clone, Debug)]
pub struct Route {
    /// Place where it is written (or the published port that implies it).
    pub span: Span,
    /// Host header; `None`: any.
    pub host: Option<String>,
    /// Path prefix, `/` for all.
    pub path: String,
    /// Compose name of the container that listens.
    pub container: String,
    /// Container port.
    pub port: u16,
    /// `HTTP`, `HTTP2` or `GRPC` toward the target.
    pub protocol: String,
    /// Health check of the target group.
    pub health: TargetCheck,
    /// Seconds of a load balancer cookie.
    pub stickiness: Option<u32>,
    /// CIDRs that may call.
    pub source_ranges: Vec<String>,
    /// Rule priority, computed from specificity; unique in the application.
    pub priority: u32,
    /// Seconds that draining may take.
    pub deregistration_delay: u32,
}

/// Health check of a target group; times in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetCheck {
    /// Path.
    pub path: String,
    /// Interval.
    pub interval: u32,
    /// Timeout.
    pub timeout: u32,
    /// Successes in a row.
    pub healthy: u32,
    /// Failures in a row.
    pub unhealthy: u32,
    /// HTTP codes, such as `200-299`.
    pub matcher: String,
}

/// `x-rollout` and `deploy.update_config`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Minimum healthy percent.
    pub minimum_healthy: u32,
    /// Maximum percent.
    pub maximum: u32,
    /// Circuit breaker rolls back.
    pub rollback: bool,
    /// Our watchdog stops a doomed deployment at once.
    pub fail_fast: bool,
    /// Seconds in which failed health checks of a new task do not count.
    pub grace_period: Option<u32>,
    /// Checks after the release.
    pub verify: Vec<Verify>,
}

/// A check after a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Verify {
    /// `GET` this path of the workload's public address …
    pub path: String,
    /// … expect this status …
    pub status: u16,
    /// … and this text in the body.
    pub contains: Option<String>,
}

/// `x-job`.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// EventBridge Scheduler expression; `None`: `schedule: none`, only on request.
    pub schedule: Option<String>,
    /// IANA name.
    pub timezone: String,
    /// Seconds after which it is stopped.
    pub timeout: Option<u64>,
    /// How often it is tried again.
    pub retries: u32,
    /// A new run may begin while an old one runs.
    pub overlap: bool,
}

/// Point of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunPoint {
    /// Only on request.
    Request,
    /// Before the services move.
    Before,
    /// After they serve.
    After,
}

/// `x-task`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// When it runs.
    pub run: RunPoint,
    /// Ask before it runs by hand.
    pub confirm: bool,
    /// Seconds after which a run at a point of a release counts as failed.
    pub timeout: Option<u64>,
}

/// A container of a workload.
#[derive(Clone, Debug)]
pub struct Container {
    /// Compose name.
    pub name: String,
    /// Place of that name.
    pub span: Span,
    /// The image.
    pub image: Image,
    /// Command.
    pub command: Option<Vec<String>>,
    /// Entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Environment, sorted as written.
    pub environment: IndexMap<String, String>,
    /// Environment variable → Compose name of the secret.
    pub secrets: IndexMap<String, String>,
    /// Container ports.
    pub ports: Vec<u16>,
    /// Health check.
    pub health: Option<ContainerCheck>,
    /// The task stops with it.
    pub essential: bool,
    /// Containers of the same task that go before it: name → ECS condition.
    pub depends_on: IndexMap<String, String>,
    /// Seconds between SIGTERM and SIGKILL.
    pub stop_timeout: u32,
    /// User.
    pub user: Option<String>,
    /// Working directory.
    pub working_directory: Option<String>,
    /// Root file system is read-only.
    pub read_only: bool,
    /// Run a small init process as PID 1.
    pub init: bool,
    /// Named volumes: (volume, path, read-only).
    pub mounts: Vec<Mount>,
    /// `labels`, without those that Seaway reads.
    pub labels: IndexMap<String, String>,
}

/// A named volume in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Compose name of the volume.
    pub volume: String,
    /// Path in the container.
    pub path: String,
    /// Read-only.
    pub read_only: bool,
}

/// An image.
#[derive(Clone, Debug)]
pub enum Image {
    /// A reference.
    Reference(String),
    /// Built from source.
    Build(Build),
}

/// How an image is built.
#[derive(Clone, Debug)]
pub struct Build {
    /// Context folder (absolute).
    pub context: Utf8PathBuf,
    /// Dockerfile, relative to the context or absolute.
    pub dockerfile: Option<String>,
    /// Text of the Dockerfile.
    pub dockerfile_inline: Option<String>,
    /// Build arguments.
    pub args: IndexMap<String, String>,
    /// Target stage.
    pub target: Option<String>,
    /// `image:` beside `build:`: the repository name to use.
    pub repository: Option<String>,
}

/// Health check of a container; times in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerCheck {
    /// `CMD` or `CMD-SHELL` and what follows.
    pub command: Vec<String>,
    /// Interval, 5–300.
    pub interval: u32,
    /// Timeout, 2–60.
    pub timeout: u32,
    /// Retries, 1–10.
    pub retries: u32,
    /// Start period, 0–300.
    pub start_period: u32,
}
