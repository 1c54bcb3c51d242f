//! What synthesis returns: stacks, their edges, and what the release needs to know of them.

use indexmap::IndexMap;
use seaway_cfn::Template;

/// The stacks of an application in an environment.
#[derive(Clone, Debug)]
pub struct StackSet {
    /// Application.
    pub app: String,
    /// Environment.
    pub environment: String,
    /// The environment asks before changes.
    pub protected: bool,
    /// Stacks; every one stands after those that it depends on.
    pub stacks: Vec<StackSpec>,
}

/// What a stack holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StackKind {
    /// `<app>-<env>-network`.
    Network,
    /// `<app>-<env>-platform`.
    Platform,
    /// `<app>-<env>-resources[-N]`.
    Resources,
    /// `<app>-<env>-<workload>`.
    Workload(Box<WorkloadSpec>),
}

/// A stack.
#[derive(Clone, Debug)]
pub struct StackSpec {
    /// Stack name.
    pub name: String,
    /// What it holds.
    pub kind: StackKind,
    /// The template.
    pub template: Template,
    /// A source for every parameter that has no default.
    pub parameters: IndexMap<String, ParameterSource>,
    /// Tags.
    pub tags: IndexMap<String, String>,
    /// Names of stacks that go before, those whose outputs it takes included.
    pub depends_on: Vec<String>,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterSource {
    /// This value.
    Literal(String),
    /// An output of another stack of the set.
    Output {
        /// Stack name.
        stack: String,
        /// Output name.
        output: String,
    },
    /// The image (digest or immutable tag) of a Compose service that is built.
    Image {
        /// Compose service name.
        service: String,
    },
}

/// When a task runs in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Before the services move.
    Before,
    /// After they serve.
    After,
}

/// What the release engine knows of a workload. Every workload stack has the outputs
/// `TaskDefinitionArn`, `ClusterName`, `SubnetIds`, `SecurityGroupIds` (comma-separated), a
/// service also `ServiceName`, a job with a schedule also `ScheduleName`, a routed service also
/// `Url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadSpec {
    /// Workload name.
    pub name: String,
    /// `service`, `job` or `task`.
    pub kind: &'static str,
    /// Logical id of the `AWS::ECS::Service`, for a service.
    pub service: Option<String>,
    /// Point of the release at which a task runs.
    pub gate: Option<Gate>,
    /// Workloads that go before (waves).
    pub depends_on: Vec<String>,
    /// Workloads that must have completed before (`service_completed_successfully`).
    pub completed: Vec<String>,
    /// Name of the main container.
    pub container: String,
    /// Log group name.
    pub log_group: String,
    /// Names of the secrets that it needs in the store.
    pub secrets: Vec<String>,
    /// Compose services that are built and run in it.
    pub built: Vec<String>,
    /// Our watchdog is on.
    pub fail_fast: bool,
    /// Ask before a run by hand.
    pub confirm: bool,
    /// Seconds for a run at a point of the release, or of a job.
    pub timeout: Option<u64>,
    /// Checks after the release.
    pub verify: Vec<VerifyCheck>,
}

/// A check of the public address after the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyCheck {
    /// Path to `GET`.
    pub path: String,
    /// Expected status.
    pub status: u16,
    /// Expected text.
    pub contains: Option<String>,
}
