//! Follows the output of a container into its log stream.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use futures::StreamExt;
use jiff::Timestamp;

use super::inner::Inner;
use super::log_store::Tail;

/// Skips what an earlier run stored already. The engine is asked for whole seconds only.
#[derive(Debug)]
struct Resume {
    tail: Tail,
    same: usize,
}

impl Resume {
    fn new(tail: Tail) -> Resume {
        Resume { tail, same: 0 }
    }

    /// Returns true when this line is not stored yet.
    fn is_new(&mut self, time: Timestamp) -> bool {
        match self.tail.time {
            Some(last) if time < last => false,
            Some(last) if time == last => {
                self.same += 1;
                self.same > self.tail.same
            }
            _ => true,
        }
    }
}

/// Puts the engine's frames together to lines. The engine cuts long lines at 16 KiB; each piece
/// has its own time stamp, only the last one ends with a line feed.
#[derive(Debug, Default)]
struct Assembler {
    begun: Option<(Timestamp, String)>,
}

impl Assembler {
    /// A line longer than this is given out in pieces (CloudWatch: 1 MiB an event).
    const LONGEST: usize = 256 * 1024;

    fn push(&mut self, frame: &[u8]) -> Option<(Timestamp, String)> {
        let text = String::from_utf8_lossy(frame);
        let (stamp, rest) = text.split_once(' ').unwrap_or((text.trim_end(), ""));
        let (time, rest) = match stamp.parse::<Timestamp>() {
            Ok(time) => (time, rest),
            Err(_) => (self.begun.as_ref().map_or_else(Timestamp::now, |(time, _)| *time), text.as_ref()),
        };
        let complete = rest.ends_with('\n');
        let piece = rest.trim_end_matches(['\n', '\r']);
        let (time, mut line) = self.begun.take().unwrap_or((time, String::new()));
        line.push_str(piece);
        if complete || line.len() > Self::LONGEST {
            return Some((time, line));
        }
        self.begun = Some((time, line));
        None
    }

    fn finish(&mut self) -> Option<(Timestamp, String)> {
        self.begun.take()
    }
}

/// Follows until the output ends, which it does soon after the container.
pub(super) async fn follow(inner: Arc<Inner>, container: String, group: String, stream: String) {
    let mut failures = 0;
    while failures < 20 {
        let begun = Instant::now();
        let tail = inner.logs.tail(&group, &stream);
        if follow_once(&inner, &container, &group, &stream, tail).await {
            break;
        }
        // The engine went away in between, or it is being restarted. One that worked for a while
        // has all its attempts again.
        failures = if begun.elapsed() > Duration::from_secs(60) { 1 } else { failures + 1 };
        tokio::time::sleep(Duration::from_millis(500) * failures).await;
    }
    inner.logs.close(&group, &stream);
}

/// Returns true when the output came to its end.
async fn follow_once(inner: &Inner, container: &str, group: &str, stream: &str, tail: Tail) -> bool {
    let mut options = LogsOptionsBuilder::default().follow(true).stdout(true).stderr(true).timestamps(true);
    if let Some(time) = tail.time {
        options = options.since(i32::try_from(time.as_second()).unwrap_or(0));
    }
    let mut resume = Resume::new(tail);
    // Both outputs come in one stream of frames, but a line of one may be cut by the other.
    let mut lines = [Assembler::default(), Assembler::default()];
    let mut output = std::pin::pin!(inner.docker.logs(container, Some(options.build())).ready_chunks(256));
    let mut ended_well = true;
    while let Some(frames) = output.next().await {
        let mut fresh = Vec::new();
        for frame in frames {
            let (assembler, message) = match frame {
                Ok(LogOutput::StdErr { message }) => (&mut lines[1], message),
                Ok(
                    LogOutput::StdOut { message }
                    | LogOutput::Console { message }
                    | LogOutput::StdIn { message },
                ) => (&mut lines[0], message),
                Err(bollard::errors::Error::DockerResponseServerError { .. }) => continue,
                Err(_) => {
                    ended_well = false;
                    continue;
                }
            };
            fresh.extend(assembler.push(&message).filter(|(time, _)| resume.is_new(*time)));
        }
        if !fresh.is_empty() {
            let _ = inner.logs.append(group, stream, &fresh);
        }
    }
    let rest: Vec<_> = lines
        .iter_mut()
        .filter_map(Assembler::finish)
        .filter(|(time, text)| !text.is_empty() && resume.is_new(*time))
        .collect();
    if !rest.is_empty() {
        let _ = inner.logs.append(group, stream, &rest);
    }
    ended_well
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_together() {
        let mut lines = Assembler::default();
        assert_eq!(lines.push(b"2026-11-20T10:00:00.5Z begin "), None);
        let (time, text) = lines.push(b"2026-11-20T10:00:01Z end\n").expect("line");
        assert_eq!((time.to_string().as_str(), text.as_str()), ("2026-11-20T10:00:00.5Z", "begin end"));
        assert_eq!(lines.push(b"2026-11-20T10:00:02Z \n").expect("line").1, "");
        assert_eq!(lines.push(b"2026-11-20T10:00:02Z last"), None);
        assert_eq!(lines.finish().expect("line").1, "last");
    }

    #[test]
    fn nothing_is_lost_or_doubled_after_a_restart() {
        let at = |second| Timestamp::from_second(second).expect("time");
        let mut resume = Resume::new(Tail { time: Some(at(5)), same: 2 });
        let seen: Vec<bool> = [4, 5, 5, 5, 6].into_iter().map(|second| resume.is_new(at(second))).collect();
        assert_eq!(seen, [false, false, false, true, true]);
        assert!(Resume::new(Tail::default()).is_new(at(0)));
    }
}
