//! Stickiness cookies.

use http::HeaderMap;
use http::HeaderValue;
use http::header;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use sha2::Digest;
use sha2::Sha256;

/// Names the target.
pub(super) const TARGET: &str = "AWSALB";
/// Names the target when the application's own cookie decides how long.
pub(super) const APPLICATION: &str = "AWSALBAPP-0";
/// Names the target group of a weighted action.
pub(super) const GROUP: &str = "AWSALBTG";

/// Returns what stands in a cookie for a target or target group.
pub(super) fn key(id: &str) -> String {
    hex::encode(&Sha256::digest(id.as_bytes())[..16])
}

/// Returns the value of a request's cookie.
pub(super) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Returns true when a response sets the cookie.
pub(super) fn is_set(headers: &HeaderMap, name: &str) -> bool {
    headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split_once('=').is_some_and(|(key, _)| key.trim() == name))
}

/// Adds a cookie to a response; without `seconds` it ends with the browser's session.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: Option<u64>) {
    let mut text = format!("{name}={value}");
    if let Some(seconds) = seconds {
        let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(604_800));
        let until = Timestamp::now().checked_add(seconds).ok();
        if let Some(date) =
            until.and_then(|until| DateTimePrinter::new().timestamp_to_rfc9110_string(&until).ok())
        {
            text.push_str(&format!("; Expires={date}"));
        }
    }
    text.push_str("; Path=/");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}
