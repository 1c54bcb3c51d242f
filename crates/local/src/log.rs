//! The log of the background process. Never given secret values.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::sync::Mutex;

use camino::Utf8Path;

use crate::lock::lock;

/// Above this size in bytes the log is cut.
const LIMIT: u64 = 5 * 1024 * 1024;
/// So many bytes at its end are kept then.
const KEPT: u64 = 1024 * 1024;
/// The size is looked at once for so many lines.
const LINES: u32 = 256;

/// Where lines go; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    file: Option<Arc<Mutex<Lines>>>,
}

#[derive(Debug)]
struct Lines {
    file: File,
    /// Since the size was looked at.
    count: u32,
}

impl Log {
    /// Opens the log at `path` for appending (mode 0600).
    pub(crate) fn open(path: &Utf8Path) -> io::Result<Log> {
        let file = std::fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let mut lines = Lines { file, count: 0 };
        lines.cut(LIMIT, KEPT)?;
        Ok(Log { file: Some(Arc::new(Mutex::new(lines))) })
    }

    /// Writes a line; where that fails there is nobody left to tell.
    pub(crate) fn line(&self, text: &str) {
        if let Some(lines) = &self.file {
            let now = jiff::Timestamp::now();
            let mut lines = lock(lines);
            let _ = writeln!(lines.file, "{now:.3} {text}");
            lines.count += 1;
            if lines.count >= LINES {
                lines.count = 0;
                let _ = lines.cut(LIMIT, KEPT);
            }
        }
    }
}

impl Lines {
    /// Keeps the last complete lines within `kept` bytes of a file that is larger than `limit`.
    fn cut(&mut self, limit: u64, kept: u64) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        if size <= limit {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(size.saturating_sub(kept)))?;
        let mut end = Vec::new();
        (&self.file).take(kept).read_to_end(&mut end)?;
        let begin = end.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.file.set_len(0)?;
        self.file.write_all(&end[begin..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_keeps_its_last_lines() {
        let dir = tempfile::tempdir().expect("dir");
        let path = Utf8Path::from_path(dir.path()).expect("utf-8").join("daemon.log");
        let log = Log::open(&path).expect("open");
        for number in 0..10 {
            log.line(&format!("line {number}"));
        }
        let lines = log.file.as_ref().expect("file");
        lock(lines).cut(1000, 100).expect("short enough");
        assert_eq!(std::fs::read_to_string(&path).expect("read").lines().count(), 10);
        lock(lines).cut(100, 100).expect("cut");
        log.line("next");
        let text = std::fs::read_to_string(&path).expect("read");
        let words: Vec<&str> =
            text.lines().filter_map(|line| line.split_once(' ')).map(|(_, text)| text).collect();
        assert_eq!(words, ["line 7", "line 8", "line 9", "next"]);
    }
}
