//! The log of the background process. Never given secret values.

use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::sync::Mutex;

use camino::Utf8Path;

use crate::lock::lock;

/// Above this size in bytes the log starts anew.
const LIMIT: u64 = 5 * 1024 * 1024;

/// Where lines go; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    file: Option<Arc<Mutex<File>>>,
}

impl Log {
    /// Opens the log at `path` for appending (mode 0600).
    pub(crate) fn open(path: &Utf8Path) -> io::Result<Log> {
        let file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        if file.metadata()?.len() > LIMIT {
            file.set_len(0)?;
        }
        Ok(Log { file: Some(Arc::new(Mutex::new(file))) })
    }

    /// Writes a line; where that fails there is nobody left to tell.
    pub(crate) fn line(&self, text: &str) {
        if let Some(file) = &self.file {
            let now = jiff::Timestamp::now();
            let _ = writeln!(lock(file), "{now:.3} {text}");
        }
    }
}
