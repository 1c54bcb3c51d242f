//! Where a reader of a log stands.

use std::collections::HashSet;

use sha2::Digest;
use sha2::Sha256;

/// How long an event may take from its time until it can be read, in milliseconds: streams of several
/// tasks do not arrive in order.
const LATE: i64 = 10_000;

/// Where a reader stands: the time from which it looks again, and what it saw since then. Text form:
/// `TIME:ID,ID,…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Milliseconds since 1970.
    pub(super) from: i64,
    seen: HashSet<String>,
}

/// Returns a short name of an event: its id has 56 digits.
fn short(id: &str) -> String {
    hex::encode(&Sha256::digest(id)[..6])
}

impl Cursor {
    /// Reads the text form; `None` for what is none.
    pub(super) fn parse(text: &str) -> Option<Cursor> {
        let (from, seen) = text.split_once(':')?;
        let seen = seen.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        Some(Cursor { from: from.parse().ok()?, seen })
    }

    /// Returns true when the reader had this event already.
    pub(super) fn has(&self, id: &str) -> bool {
        self.seen.contains(&short(id))
    }

    /// Returns where the reader stands after `events` (time and id); `self` stays where nothing came.
    pub(super) fn after<'a>(&self, events: impl Iterator<Item = (i64, &'a str)> + Clone) -> Cursor {
        let Some(newest) = events.clone().map(|(time, _)| time).max() else { return self.clone() };
        let from = self.from.max(newest - LATE);
        let mut seen: HashSet<String> =
            events.filter(|(time, _)| *time >= from).map(|(_, id)| short(id)).collect();
        // Those that it saw before may still be in what is looked at again.
        seen.extend(self.seen.iter().cloned());
        Cursor { from, seen }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut seen: Vec<&str> = self.seen.iter().map(String::as_str).collect();
        seen.sort_unstable();
        write!(f, "{}:{}", self.from, seen.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let cursor = Cursor::default().after([(20_000, "a"), (5_000, "b"), (12_000, "c")].into_iter());
        assert_eq!(cursor.from, 10_000);
        assert!(cursor.has("a") && cursor.has("c") && !cursor.has("b"));
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor.clone()));
        assert_eq!(cursor.after(std::iter::empty()), cursor);
        assert_eq!(Cursor::parse("5:"), Some(Cursor { from: 5, seen: HashSet::new() }));
        for text in ["", "x:", "12"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
