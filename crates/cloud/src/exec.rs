//! Sessions in running containers.

use serde::Deserialize;
use serde::Serialize;
use tokio::sync::mpsc;

/// Which session to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecRequest {
    /// Cluster name.
    pub cluster: String,
    /// Task id.
    pub task: String,
    /// Container name.
    pub container: String,
    /// Command and arguments.
    pub command: Vec<String>,
    /// With a terminal of this size (columns, rows).
    pub tty: Option<(u16, u16)>,
}

/// What goes into a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecInput {
    /// Bytes for standard input.
    Data(Vec<u8>),
    /// The terminal's new size (columns, rows).
    Resize(u16, u16),
    /// Standard input is at its end.
    End,
}

/// What comes out of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecOutput {
    /// Bytes of standard output (with a terminal: of both).
    Stdout(Vec<u8>),
    /// Bytes of standard error.
    Stderr(Vec<u8>),
    /// The command ended with this exit code; nothing follows.
    Exit(i64),
}

/// An open session; dropping it closes it.
#[derive(Debug)]
pub struct ExecSession {
    /// To the command.
    pub input: mpsc::Sender<ExecInput>,
    /// From the command.
    pub output: mpsc::Receiver<ExecOutput>,
}
