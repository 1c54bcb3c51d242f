//! AWS' times as ours.

use aws_sdk_cloudformation::primitives::DateTime;
use jiff::Timestamp;

/// Returns the same moment; `None` for none and for what no calendar holds.
pub(crate) fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_nanosecond(time?.as_nanos()).ok()
}

/// Returns the same moment, or the beginning of time where AWS gave none.
pub(crate) fn timestamp_or_epoch(time: Option<&DateTime>) -> Timestamp {
    timestamp(time).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Gives each of `times` (oldest first) a number: its microseconds since 1970, more where the one
/// before it has the same or a later time. `last` is the number of what came before them.
///
/// AWS does not number its events; the same events get the same numbers in every process.
pub(crate) fn sequence(times: impl IntoIterator<Item = Timestamp>, last: u64) -> Vec<u64> {
    let mut previous = last;
    let number = |time: Timestamp| {
        let micros = u64::try_from(time.as_microsecond()).unwrap_or(0);
        previous = micros.max(previous + 1);
        previous
    };
    times.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_only_grow() {
        let at = |micros| Timestamp::from_microsecond(micros).unwrap();
        assert_eq!(sequence([at(5), at(5), at(5), at(9), at(3)], 0), [5, 6, 7, 9, 10]);
        assert_eq!(sequence([at(5), at(50)], 20), [21, 50]);
        assert_eq!(sequence([], 20), Vec::<u64>::new());
    }
}
