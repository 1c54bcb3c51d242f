//! What can go wrong behind the port.

use serde::Deserialize;
use serde::Serialize;

/// The answer of an operation.
pub type Result<T> = std::result::Result<T, CloudError>;

/// What kind of fault it is: decides the exit code and whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The thing is not there.
    NotFound,
    /// Another operation on it is in progress.
    Conflict,
    /// The request is wrong.
    Validation,
    /// The caller may not.
    AccessDenied,
    /// There are no credentials, or they expired.
    Credentials,
    /// Too many calls; try again later.
    Throttled,
    /// Nobody answers: no container engine, no network, the background process is gone.
    Unavailable,
    /// A quota or limit is reached.
    Limit,
    /// A fault on the other side, or our own.
    Internal,
}

/// A failed operation: reads as "failed to {operation}: {message}".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("failed to {operation}: {message}")]
pub struct CloudError {
    /// What kind of fault.
    pub kind: ErrorKind,
    /// What was tried, such as `describe stack shop-local-web`.
    pub operation: String,
    /// What went wrong.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl CloudError {
    /// Returns an error without a hint.
    pub fn new(kind: ErrorKind, operation: impl Into<String>, message: impl Into<String>) -> Self {
        CloudError { kind, operation: operation.into(), message: message.into(), hint: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
