//! Release records and locks.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::StackInput;

/// How a release ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is under way, or its command died.
    InProgress,
    /// It really serves.
    Serving,
    /// It failed, and all of it went back.
    RolledBack,
    /// It failed and did not go back.
    Failed,
    /// It was still running when the time was up.
    TimedOut,
    /// Another release took its place.
    Superseded,
    /// The command was detached; the stacks go on.
    Detached,
}

impl Outcome {
    /// Returns the words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::InProgress => "in progress",
            Outcome::Serving => "serving",
            Outcome::RolledBack => "rolled back",
            Outcome::Failed => "failed",
            Outcome::TimedOut => "timed out",
            Outcome::Superseded => "superseded",
            Outcome::Detached => "detached",
        }
    }
}

/// A release without its stacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSummary {
    /// Application.
    pub app: String,
    /// Environment.
    pub env: String,
    /// Counts up from 1 within the environment.
    pub number: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was: `up`, `rollback to 3`, …
    pub action: String,
    /// Why it failed, in one line.
    pub reason: Option<String>,
    /// Who did it.
    pub who: String,
    /// Commit of the working tree, if it is one.
    pub commit: Option<String>,
    /// Service → image reference with digest.
    pub images: IndexMap<String, String>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

/// A release: what is needed to go back to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRecord {
    /// What is listed.
    #[serde(flatten)]
    pub summary: ReleaseSummary,
    /// The stacks as they were applied, in order.
    pub stacks: Vec<StackInput>,
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockOwner {
    /// Unique for each run.
    pub id: String,
    /// `user@host`.
    pub who: String,
    /// Process on that host; lets `local` see that the owner died.
    pub pid: u32,
    /// What it is doing: `up`, `down`, …
    pub action: String,
    /// Address of the CI run.
    pub run_url: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// Answer to the wish for a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// It is yours.
    Acquired,
    /// Somebody else has it.
    Held(LockOwner),
}
