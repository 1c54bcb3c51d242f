//! Why a command ends with a code other than 0.

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;

/// The exit codes of the command (documented in `docs/exit-codes.md`).
pub(crate) mod exit {
    /// Done, or nothing to do.
    pub(crate) const OK: i32 = 0;
    /// Internal error.
    pub(crate) const INTERNAL: i32 = 1;
    /// Usage or input file.
    pub(crate) const INPUT: i32 = 2;
    /// Preflight failed.
    pub(crate) const PREFLIGHT: i32 = 3;
    /// Differences found (`--exit-code`).
    pub(crate) const DIFFERENT: i32 = 4;
    /// Declined, or approval missing.
    pub(crate) const DECLINED: i32 = 5;
    /// Locked by somebody else.
    pub(crate) const LOCKED: i32 = 10;
    /// Credentials or permission.
    pub(crate) const CREDENTIALS: i32 = 11;
    /// `run`: the container never started.
    pub(crate) const NEVER_STARTED: i32 = 125;
}

/// A command that failed. What is already on the terminal is not said again: `message` is then
/// `None`.
#[derive(Clone, Debug)]
pub(crate) struct CommandError {
    /// Exit code.
    pub(crate) code: i32,
    /// What went wrong.
    pub(crate) message: Option<String>,
    /// What to do next.
    pub(crate) hint: Option<String>,
}

impl CommandError {
    /// Returns an error with a message.
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        CommandError { code, message: Some(message.into()), hint: None }
    }

    /// Returns the error of a name that is none of `known`, with the nearest or all of them.
    pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        let error = CommandError::new(exit::INPUT, format!("there is no {what} `{name}`."));
        match seaway_diag::nearest(name, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => error,
            None => error.hint(format!("there are: {}", known.join(", "))),
        }
    }

    /// Adds what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<CloudError> for CommandError {
    fn from(error: CloudError) -> Self {
        let code = match error.kind {
            ErrorKind::Credentials | ErrorKind::AccessDenied => exit::CREDENTIALS,
            ErrorKind::Limit | ErrorKind::Throttled | ErrorKind::Unavailable => exit::PREFLIGHT,
            ErrorKind::Conflict => exit::LOCKED,
            ErrorKind::Validation | ErrorKind::NotFound => exit::INPUT,
            _ => exit::INTERNAL,
        };
        CommandError { code, message: Some(error.to_string()), hint: error.hint }
    }
}

/// The answer of a command.
pub(crate) type CommandResult = Result<i32, CommandError>;
