//! Log groups and streams on disk: one file of JSON lines for each stream.
//!
//! Every line gets an arrival number that only grows; a cursor is the last number that was seen,
//! so that a line which arrives late in another stream is never skipped.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Mutex;
use std::time::Duration;
use std::time::SystemTime;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use jiff::Timestamp;
use seaway_cloud::LogEvent;
use seaway_cloud::LogPage;
use seaway_cloud::LogQuery;
use serde::Deserialize;
use serde::Serialize;

use crate::lock::lock;

/// A stream keeps at most twice this many bytes: the file that is written and the one before it.
const HALF: u64 = 5 * 1024 * 1024;
/// Streams without a new line for so long are removed.
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
/// A group keeps at most so many streams.
const STREAMS: usize = 50;
/// A group that was deleted can be read for so long: a release that goes back deletes its group,
/// and its report quotes the last lines.
const GRACE: Duration = Duration::from_secs(60);
/// Marks a group as deleted; its time is that of the deletion.
const DELETED: &str = "deleted";
/// One mark in the index for so many lines.
const STRIDE: u64 = 256;

/// A line on disk.
#[derive(Serialize, Deserialize)]
struct Line {
    time: Timestamp,
    seq: u64,
    message: String,
}

/// A stream that is being written.
struct Open {
    file: File,
    size: u64,
    lines: u64,
    last_seq: u64,
    /// Arrival number → offset of its line, one for every [`STRIDE`] lines of the current file.
    index: Vec<(u64, u64)>,
}

#[derive(Default)]
struct Written {
    last_seq: u64,
    open: BTreeMap<Utf8PathBuf, Open>,
}

/// The logs.
pub(super) struct LogStore {
    dir: Utf8PathBuf,
    written: Mutex<Written>,
}

/// Where a stream ends: what continues after a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    /// Time of the last line.
    pub(super) time: Option<Timestamp>,
    /// How many lines at the end have that time.
    pub(super) same: usize,
}

impl LogStore {
    /// Opens the folder.
    pub(super) fn open(dir: &Utf8Path) -> LogStore {
        LogStore { dir: dir.join("logs"), written: Mutex::default() }
    }

    fn path(&self, group: &str, stream: &str) -> Utf8PathBuf {
        self.dir.join(escape(group)).join(format!("{}.ndjson", escape(stream)))
    }

    /// Appends lines to a stream.
    pub(super) fn append(&self, group: &str, stream: &str, lines: &[(Timestamp, String)]) -> io::Result<()> {
        let path = self.path(group, stream);
        let mut written = lock(&self.written);
        let clock = u64::try_from(Timestamp::now().as_microsecond()).unwrap_or(0);
        let mut seq = written.last_seq.max(clock);
        if !written.open.contains_key(&path) {
            if let Some(parent) = path.parent() {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
            }
            let file = open_file(&path)?;
            let mut file = file;
            let mut size = file.metadata()?.len();
            if size > 0 && !ends_with_line_feed(&path)? {
                // A line that was cut off by a crash must not swallow the next one.
                file.write_all(b"\n")?;
                size += 1;
            }
            written.open.insert(path.clone(), Open { file, size, lines: 0, last_seq: 0, index: Vec::new() });
        }
        let Some(open) = written.open.get_mut(&path) else { return Ok(()) };
        let mut bytes = Vec::new();
        for (time, message) in lines {
            seq += 1;
            if open.lines.is_multiple_of(STRIDE) {
                open.index.push((seq, open.size + bytes.len() as u64));
            }
            open.lines += 1;
            serde_json::to_writer(&mut bytes, &Line { time: *time, seq, message: message.clone() })?;
            bytes.push(b'\n');
        }
        open.file.write_all(&bytes)?;
        open.size += bytes.len() as u64;
        open.last_seq = seq;
        if open.size > HALF {
            std::fs::rename(&path, path.with_extension("old"))?;
            let last_seq = open.last_seq;
            *open = Open { file: open_file(&path)?, size: 0, lines: 0, last_seq, index: Vec::new() };
        }
        written.last_seq = seq;
        Ok(())
    }

    /// Closes a stream that gets no more lines.
    pub(super) fn close(&self, group: &str, stream: &str) {
        lock(&self.written).open.remove(&self.path(group, stream));
    }

    /// Returns where a stream ends.
    pub(super) fn tail(&self, group: &str, stream: &str) -> Tail {
        let path = self.path(group, stream);
        let mut tail = Tail::default();
        for path in [path.with_extension("old"), path] {
            for line in read_lines(&path, 0) {
                tail.same = if tail.time == Some(line.time) { tail.same + 1 } else { 1 };
                tail.time = Some(line.time);
            }
        }
        tail
    }

    /// Answers a query.
    pub(super) fn query(&self, query: &LogQuery) -> LogPage {
        let after = query.after.as_deref().and_then(|text| text.parse::<u64>().ok());
        let floor = after.unwrap_or(0);
        // Nothing is written while it is read: the cursor covers all that was there.
        let written = lock(&self.written);
        let mut found: Vec<(u64, LogEvent)> = Vec::new();
        let mut newest = floor;
        for (stream, path) in self.streams(&query.group) {
            let wanted =
                query.stream_prefix.as_ref().is_none_or(|prefix| stream.starts_with(prefix.as_str()))
                    && query.stream_suffix.as_ref().is_none_or(|suffix| stream.ends_with(suffix.as_str()));
            if !wanted {
                continue;
            }
            let open = written.open.get(&path);
            if open.is_some_and(|open| open.last_seq != 0 && open.last_seq <= floor) {
                continue;
            }
            let mut files = vec![(path.clone(), 0)];
            match open.and_then(|open| start_of(&open.index, floor)) {
                Some(offset) if after.is_some() => files[0].1 = offset,
                _ => files.insert(0, (path.with_extension("old"), 0)),
            }
            for (path, offset) in files {
                for line in read_lines(&path, offset) {
                    newest = newest.max(line.seq);
                    if line.seq > floor && query.since.is_none_or(|since| line.time >= since) {
                        let event =
                            LogEvent { time: line.time, stream: stream.clone(), message: line.message };
                        found.push((line.seq, event));
                    }
                }
            }
        }
        drop(written);
        let mut cursor = newest;
        if let Some(limit) = query.limit.filter(|limit| found.len() > *limit) {
            if after.is_some() {
                found.sort_by_key(|(seq, _)| *seq);
                found.truncate(limit);
                cursor = found.last().map_or(floor, |(seq, _)| *seq);
            } else {
                found.sort_by_key(|(seq, event)| (event.time, *seq));
                found.drain(..found.len() - limit);
            }
        }
        found.sort_by_key(|(seq, event)| (event.time, *seq));
        LogPage {
            events: found.into_iter().map(|(_, event)| event).collect(),
            cursor: Some(cursor.to_string()),
        }
    }

    fn streams(&self, group: &str) -> Vec<(String, Utf8PathBuf)> {
        let Ok(entries) = self.dir.join(escape(group)).read_dir_utf8() else { return Vec::new() };
        let mut streams: Vec<(String, Utf8PathBuf)> = entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.path().extension() == Some("ndjson"))
            .filter_map(|entry| Some((unescape(entry.path().file_stem()?), entry.path().to_owned())))
            .collect();
        streams.sort();
        streams
    }

    /// Deletes a group: its lines go a minute later, or when there is a group of that name again.
    pub(super) fn delete_group(&self, group: &str) {
        let _written = lock(&self.written);
        let folder = self.dir.join(escape(group));
        if folder.is_dir() {
            // Where the disk refuses, the lines go when they are old.
            let _ = std::fs::write(folder.join(DELETED), "");
        }
    }

    /// Creates a group. What one of that name left that was deleted is not in it.
    pub(super) fn create_group(&self, group: &str) {
        let folder = self.dir.join(escape(group));
        if folder.join(DELETED).exists() {
            self.remove_folder(&mut lock(&self.written), &folder);
        }
    }

    fn remove_folder(&self, written: &mut Written, folder: &Utf8Path) {
        written.open.retain(|path, _| path.parent() != Some(folder));
        let _ = std::fs::remove_dir_all(folder);
    }

    /// Removes groups that were deleted, and streams that are old or too many.
    pub(super) fn prune(&self) {
        self.prune_deleted(GRACE);
        let written = lock(&self.written);
        let Ok(groups) = self.dir.read_dir_utf8() else { return };
        for group in groups.filter_map(|entry| entry.ok()) {
            let Ok(entries) = group.path().read_dir_utf8() else { continue };
            let mut files: Vec<(SystemTime, Utf8PathBuf)> = entries
                .filter_map(|entry| entry.ok())
                .filter(|entry| entry.path().extension() == Some("ndjson"))
                .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path().to_owned())))
                .collect();
            files.sort();
            files.reverse();
            for (place, (time, path)) in files.iter().enumerate() {
                let old = time.elapsed().is_ok_and(|age| age > KEEP);
                if (old || place >= STREAMS) && !written.open.contains_key(path) {
                    let _ = std::fs::remove_file(path);
                    let _ = std::fs::remove_file(path.with_extension("old"));
                }
            }
            // Only an empty one goes.
            let _ = std::fs::remove_dir(group.path());
        }
    }

    fn prune_deleted(&self, grace: Duration) {
        let mut written = lock(&self.written);
        let Ok(groups) = self.dir.read_dir_utf8() else { return };
        for group in groups.filter_map(|entry| entry.ok()) {
            let deleted = std::fs::metadata(group.path().join(DELETED)).and_then(|mark| mark.modified());
            if deleted.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= grace)) {
                self.remove_folder(&mut written, group.path());
            }
        }
    }

    /// Removes everything.
    pub(super) fn clear(&self) {
        lock(&self.written).open.clear();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn open_file(path: &Utf8Path) -> io::Result<File> {
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn ends_with_line_feed(path: &Utf8Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Returns where to begin reading for what came after `floor`; none when that is not in this file.
fn start_of(index: &[(u64, u64)], floor: u64) -> Option<u64> {
    let later = index.partition_point(|(seq, _)| *seq <= floor + 1);
    later.checked_sub(1).and_then(|place| index.get(place)).map(|(_, offset)| *offset)
}

/// Reads the complete lines of a file; a last line that was cut off by a crash is left out.
fn read_lines(path: &Utf8Path, offset: u64) -> Vec<Line> {
    let Ok(mut file) = File::open(path) else { return Vec::new() };
    if file.seek(SeekFrom::Start(offset)).is_err() {
        return Vec::new();
    }
    BufReader::new(file)
        .split(b'\n')
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_slice(&line).ok())
        .collect()
}

/// Makes one file name of a name with slashes.
fn escape(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unescape(name: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'%' && tail.len() >= 2)
            .then(|| hex::decode(&tail[..2]).ok().and_then(|bytes| bytes.first().copied()))
            .flatten();
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
#[path = "log_store_tests.rs"]
mod tests;
