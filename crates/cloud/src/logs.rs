//! CloudWatch logs.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Which log events to return.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogQuery {
    /// Log group name.
    pub group: String,
    /// Only streams whose name begins with this.
    pub stream_prefix: Option<String>,
    /// Only streams whose name ends with this: `…/TASKID`.
    pub stream_suffix: Option<String>,
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// The cursor of an earlier page: only what came later.
    pub after: Option<String>,
    /// At most so many; the newest ones win when there is no cursor.
    pub limit: Option<usize>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEvent {
    /// When it was written.
    pub time: Timestamp,
    /// Log stream: `PREFIX/CONTAINER/TASKID`.
    pub stream: String,
    /// The text without its line end.
    pub message: String,
}

/// Some log events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// Oldest first.
    pub events: Vec<LogEvent>,
    /// Pass as `after` to get what comes next.
    pub cursor: Option<String>,
}
