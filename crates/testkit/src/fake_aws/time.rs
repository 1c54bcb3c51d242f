//! The virtual clock's values on the wire.

use jiff::Timestamp;
use serde_json::Value as Json;

/// The start of the virtual time: 2026-01-01T00:00:00Z, in milliseconds.
pub(super) const START: u64 = 1_767_225_600_000;

/// Returns a time as the Query protocol and S3 write it.
pub(super) fn iso(at_ms: u64) -> String {
    let millis = i64::try_from(START + at_ms).unwrap_or(i64::MAX);
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Returns a time as an HTTP header has it.
pub(super) fn http_date(at_ms: u64) -> String {
    let millis = i64::try_from(START + at_ms).unwrap_or(i64::MAX);
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Returns a time as the JSON protocols write it: seconds with a fraction.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit into 53 bits")]
pub(super) fn seconds(at_ms: u64) -> Json {
    Json::from((START + at_ms) as f64 / 1000.0)
}

/// Returns a time as CloudWatch Logs writes it: milliseconds.
pub(super) fn millis(at_ms: u64) -> Json {
    Json::from(START + at_ms)
}
