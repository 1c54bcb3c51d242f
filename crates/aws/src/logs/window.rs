//! How far to look back for the newest lines.

/// Minutes that each look reaches further back than the one before: CloudWatch gives the oldest events
/// first, and a whole group may be years long.
const MINUTES: [i64; 7] = [10, 60, 6 * 60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60, 400 * 24 * 60];

/// Returns the times from which to look, in turn, until there are enough lines. Milliseconds since
/// 1970; `since` ends it.
pub(super) fn beginnings(now: i64, since: Option<i64>) -> Vec<i64> {
    let earliest = since.unwrap_or(0);
    let mut all: Vec<i64> = MINUTES.iter().map(|minutes| now - minutes * 60_000).collect();
    all.push(0);
    let mut all: Vec<i64> = all.into_iter().map(|from| from.max(earliest)).collect();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_and_further() {
        let now = 1_000_000_000_000;
        let all = beginnings(now, None);
        assert_eq!((all.len(), all[0], all[7]), (8, now - 600_000, 0));
        assert_eq!(beginnings(now, Some(now - 100)), [now - 100]);
        assert_eq!(beginnings(now, Some(now - 700_000)), [now - 600_000, now - 700_000]);
    }
}
