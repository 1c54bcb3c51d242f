//! What the fake does: data that a person can read.

use indexmap::IndexMap;
use seaway_cloud::Outcome;
use seaway_cloud::StackStatus;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value as Json;

use super::behaviour::BehaviourRule;
use super::fault::Fault;

/// What the fake does. Everything has a default: the empty scenario is an empty account in which
/// everything works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// In one line.
    pub title: String,
    /// What happens and why, in words.
    pub about: String,
    /// Account of credentials that no `AssumeRole` gave out; twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
    /// How time passes.
    pub clock: Clock,
    /// How long things take.
    pub timing: Timing,
    /// How containers behave; a later rule wins.
    pub containers: Vec<BehaviourRule>,
    /// Stacks that are there already.
    pub stacks: Vec<InitialStack>,
    /// Resources whose operation fails.
    pub failures: Vec<ResourceFailure>,
    /// Resources whose operation never ends.
    pub stuck: Vec<ResourceName>,
    /// Images in the registry.
    pub images: Vec<Image>,
    /// SSM parameters with their values.
    pub parameters: IndexMap<String, String>,
    /// Secrets of Secrets Manager with their values.
    pub secrets: IndexMap<String, String>,
    /// Buckets.
    pub buckets: Vec<String>,
    /// Faults in the way of calls.
    pub faults: Vec<Fault>,
    /// Items of a page of `DescribeStackEvents`, `DescribeStacks` and other lists.
    pub page_size: usize,
    /// What a release must end with; the fake itself does not look at it.
    pub expect: Option<Expect>,
}

/// How time passes: on each call, with the real clock, or only when told to. All at once if wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clock {
    /// Virtual milliseconds that pass with every call.
    pub per_request_ms: u64,
    /// Virtual milliseconds that pass with a real one.
    pub speed: u64,
}

/// How long things take, in virtual milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timing {
    /// Computing a change set.
    pub change_set_ms: u64,
    /// Creating, updating or deleting a resource.
    pub resource_ms: u64,
    /// The same for a resource type.
    pub types: IndexMap<String, u64>,
    /// A task from PROVISIONING to PENDING.
    pub provision_ms: u64,
    /// A task from PENDING to RUNNING: the image is pulled.
    pub pull_ms: u64,
    /// A container from RUNNING to healthy.
    pub healthy_ms: u64,
    /// A container that crashes, from RUNNING to its end.
    pub crash_ms: u64,
    /// A task that never gets healthy, from RUNNING to its end.
    pub unhealthy_ms: u64,
    /// A one-off task from RUNNING to its end.
    pub task_ms: u64,
    /// A task from the request to stop to STOPPED.
    pub stop_ms: u64,
    /// What the service scheduler waits after a failed task before it starts another.
    pub restart_ms: u64,
}

/// A stack that is there already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialStack {
    /// Stack name.
    pub name: String,
    /// Any of the 23 statuses.
    pub status: StackStatus,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// The template as JSON; empty for a stack in REVIEW_IN_PROGRESS.
    #[serde(default)]
    pub template: Json,
    /// Parameter values.
    #[serde(default)]
    pub parameters: IndexMap<String, String>,
    /// Tags.
    #[serde(default)]
    pub tags: IndexMap<String, String>,
    /// Termination protection.
    #[serde(default)]
    pub termination_protection: bool,
    /// Statuses of single resources that differ, such as the one that could not be deleted.
    #[serde(default)]
    pub resources: IndexMap<String, InitialResource>,
    /// A stack in progress comes to this status …
    #[serde(default)]
    pub settles_as: Option<StackStatus>,
    /// … after so many virtual milliseconds. Without `settles_as` it is stuck for ever.
    #[serde(default)]
    pub settles_after_ms: u64,
}

/// A resource of an initial stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialResource {
    /// Such as `DELETE_FAILED`.
    pub status: String,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Part of an operation on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum During {
    /// Creating or updating it.
    Apply,
    /// Going back.
    Rollback,
    /// Deleting it.
    Delete,
}

/// A resource whose operation fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceFailure {
    /// Stack name.
    pub stack: String,
    /// Logical id.
    pub resource: String,
    /// In which part.
    pub during: During,
    /// What the resource handler says.
    pub reason: String,
    /// So many operations fail; 0 is all.
    #[serde(default)]
    pub times: u64,
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceName {
    /// Stack name.
    pub stack: String,
    /// Logical id.
    pub resource: String,
}

/// An image in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Repository name.
    pub repository: String,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// `sha256:` and 64 hexadecimal digits; computed from the name where it is not given.
    #[serde(default)]
    pub digest: Option<String>,
    /// Such as `amd64`.
    #[serde(default = "amd64")]
    pub architecture: String,
}

fn amd64() -> String {
    "amd64".to_owned()
}

/// What a release must end with (design.md section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// How it ends.
    pub outcome: Outcome,
    /// Exit code of the command.
    pub exit_code: i32,
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario {
            title: String::new(),
            about: String::new(),
            account: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            clock: Clock::default(),
            timing: Timing::default(),
            containers: Vec::new(),
            stacks: Vec::new(),
            failures: Vec::new(),
            stuck: Vec::new(),
            images: Vec::new(),
            parameters: IndexMap::new(),
            secrets: IndexMap::new(),
            buckets: Vec::new(),
            faults: Vec::new(),
            page_size: 100,
            expect: None,
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock { per_request_ms: 1000, speed: 0 }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            change_set_ms: 1000,
            resource_ms: 1000,
            types: IndexMap::new(),
            provision_ms: 1000,
            pull_ms: 2000,
            healthy_ms: 2000,
            crash_ms: 1000,
            unhealthy_ms: 10_000,
            task_ms: 3000,
            stop_ms: 1000,
            restart_ms: 1000,
        }
    }
}

impl Timing {
    /// Returns what an operation on a resource of this type takes.
    pub(super) fn resource(&self, resource_type: &str) -> u64 {
        self.types.get(resource_type).copied().unwrap_or(self.resource_ms)
    }
}

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("read the scenario {path}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no scenario.
    #[error("understand the scenario {path}: {source}")]
    Parse {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Scenario {
    /// Reads `crates/testkit/scenarios/NAME.json`, such as `crash`.
    ///
    /// # Errors
    /// A file that is not there or is no scenario.
    pub fn named(name: &str) -> Result<Scenario, ScenarioError> {
        Scenario::read(&crate::root().join(format!("crates/testkit/scenarios/{name}.json")))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that is not there or is no scenario.
    pub fn read(path: &camino::Utf8Path) -> Result<Scenario, ScenarioError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ScenarioError::Read { path: path.to_string(), source })?;
        serde_json::from_str(&text).map_err(|source| ScenarioError::Parse { path: path.to_string(), source })
    }
}
