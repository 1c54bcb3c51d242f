//! What goes over the socket: one JSON document a line. A request is answered by one response
//! before the next one is read; after the response to `exec` the connection belongs to the session:
//! [`seaway_cloud::ExecInput`] one way, [`seaway_cloud::ExecOutput`] the other.

use std::os::unix::fs::MetadataExt;

use camino::Utf8Path;
use jiff::Timestamp;
use seaway_cloud::CloudError;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// A request.
#[derive(Serialize, Deserialize)]
pub(crate) struct Request {
    /// Comes back in the response.
    pub(crate) id: u64,
    /// Name of a method of the port, or one of `ping`, `local_status`, `local_down`, `shutdown`.
    pub(crate) method: String,
    /// Its arguments, in order.
    pub(crate) params: Value,
}

/// A response.
#[derive(Serialize, Deserialize)]
pub(crate) struct Response {
    /// That of the request.
    pub(crate) id: u64,
    /// How it went.
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

/// How a request went.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The answer.
    Ok(Value),
    /// Why there is none.
    Error(CloudError),
}

/// Who answers at the socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ping {
    /// Version of Seaway.
    pub(crate) version: String,
    /// See [`build_id`].
    pub(crate) build: String,
    /// Process id.
    pub(crate) pid: u32,
    /// When it started.
    pub(crate) started: Timestamp,
}

/// Tells builds of the program apart: version, size and time of the file. A background process of
/// another build is replaced.
pub(crate) fn build_id(program: &Utf8Path) -> String {
    let file = std::fs::metadata(program)
        .map(|file| format!("{:x}-{:x}.{:x}", file.len(), file.mtime(), file.mtime_nsec()))
        .unwrap_or_else(|_| "unknown".to_owned());
    format!("{}-{file}", env!("CARGO_PKG_VERSION"))
}
