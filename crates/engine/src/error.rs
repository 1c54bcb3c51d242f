//! What keeps the engine from doing its work.

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::LockOwner;
use serde::Serialize;

/// What keeps the engine from doing its work: nothing was changed, or not because of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum EngineError {
    /// The cloud refused or did not answer.
    #[error("{0}")]
    Cloud(#[from] CloudError),
    /// Something that must be there before a release is not.
    #[error("{}", findings.join("; "))]
    Preflight {
        /// What is missing, each with what to do.
        findings: Vec<String>,
    },
    /// Somebody else has the lock.
    #[error("the environment is locked by {} ({}) since {}", .0.who, .0.action, .0.since)]
    Locked(LockOwner),
    /// Data would be lost in a protected environment.
    #[error("this would lose data: {}", resources.join(", "))]
    DataLoss {
        /// `stack/LogicalId` each.
        resources: Vec<String>,
    },
    /// There is no such thing.
    #[error("{message}")]
    NotFound {
        /// What is missing.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// The stacks contradict each other: a fault of ours.
    #[error("{0}")]
    Inconsistent(String),
}

impl EngineError {
    /// Returns the exit code of design.md section 9.
    pub fn exit_code(&self) -> i32 {
        match self {
            EngineError::Cloud(error) => match error.kind {
                ErrorKind::Credentials | ErrorKind::AccessDenied => 11,
                ErrorKind::Validation | ErrorKind::NotFound => 2,
                // Nobody answers, or not now: what has to be there before anything is touched.
                ErrorKind::Limit | ErrorKind::Throttled | ErrorKind::Unavailable => 3,
                ErrorKind::Conflict => 10,
                ErrorKind::Internal => 1,
            },
            EngineError::Preflight { .. } => 3,
            EngineError::Locked(_) => 10,
            EngineError::DataLoss { .. } => 5,
            EngineError::NotFound { .. } => 2,
            EngineError::Inconsistent(_) => 1,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            EngineError::Cloud(error) => error.hint.clone(),
            EngineError::NotFound { hint, .. } => hint.clone(),
            EngineError::Locked(owner) => Some(match &owner.run_url {
                Some(url) => format!("wait for {url}, or give more time with --lock-wait"),
                None => "wait until it is done, or give more time with --lock-wait".to_owned(),
            }),
            EngineError::DataLoss { resources } => Some(format!(
                "allow each by its name, such as --allow replace:{}",
                resources.first().and_then(|name| name.rsplit('/').next()).unwrap_or_default()
            )),
            EngineError::Preflight { .. } | EngineError::Inconsistent(_) => None,
        }
    }
}
