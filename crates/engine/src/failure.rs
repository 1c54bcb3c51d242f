//! Why a release stops.

use seaway_cloud::ServiceRef;

use crate::EngineError;
use crate::dossier::Evidence;
use crate::dossier::Trail;

/// What failed, with all that is known where it is noticed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure {
    /// Stack.
    pub(crate) stack: Option<String>,
    /// Workload.
    pub(crate) workload: Option<String>,
    /// In one line, in plain words.
    pub(crate) cause: String,
    /// Logical id and reason of the resource that failed first.
    pub(crate) resource: Option<(String, String)>,
    /// The service that did not get going.
    pub(crate) service: Option<ServiceRef>,
    /// Deployment id, or the revision, of the tasks that failed.
    pub(crate) deployment: Option<String>,
    /// The task that failed.
    pub(crate) task: Option<String>,
    /// Cluster of that task.
    pub(crate) cluster: Option<String>,
    /// Log group to look into.
    pub(crate) log_group: Option<String>,
    /// What to do next.
    pub(crate) next: Vec<String>,
    /// What was found when it was noticed.
    pub(crate) evidence: Option<Evidence>,
}

impl Failure {
    /// Returns where to look for evidence.
    pub(crate) fn trail(&self) -> Trail<'_> {
        Trail {
            service: self.service.as_ref(),
            deployment: self.deployment.as_deref(),
            task: self.cluster.as_deref().zip(self.task.as_deref()),
            log_group: self.log_group.as_deref(),
        }
    }
}

/// Why the way forward ends early.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// Something of the application failed.
    Failure(Box<Failure>),
    /// The engine cannot go on.
    Error(EngineError),
}

impl<E: Into<EngineError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Error(error.into())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failure(Box::new(failure))
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::Failure(failure) => f.write_str(&failure.cause),
            Stop::Error(error) => write!(f, "{error}"),
        }
    }
}
