//! How typed values are written back in Compose's own forms.

use indexmap::IndexMap;
use seaway_diag::Spanned;
use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

/// Whether a flag is off, which is its default.
pub(crate) fn off(flag: &bool) -> bool {
    !flag
}

/// Writes seconds as `1m30s`.
pub(crate) fn duration<S: Serializer>(
    seconds: &Option<Spanned<f64>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    seconds.as_ref().map(|seconds| duration_text(seconds.value)).serialize(serializer)
}

/// Writes a size as a text, as a number would lose precision in some readers.
pub(crate) fn bytes<S: Serializer>(size: &Option<Spanned<u64>>, serializer: S) -> Result<S::Ok, S::Error> {
    size.as_ref().map(|size| size.value.to_string()).serialize(serializer)
}

/// Writes a number, whole ones without a point.
pub(crate) fn number<S: Serializer>(number: &Option<Spanned<f64>>, serializer: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(|number| plain(number.value)).serialize(serializer)
}

/// Writes a mapping whose empty values are null: mappings of no keys are left out elsewhere.
pub(crate) fn nullable<V: Serialize, S: Serializer>(
    map: &IndexMap<String, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_map(Some(map.len()))?;
    for (key, value) in map {
        let value = serde_json::to_value(value).map_err(serde::ser::Error::custom)?;
        let empty = value.as_object().is_some_and(serde_json::Map::is_empty);
        out.serialize_entry(key, if empty { &serde_json::Value::Null } else { &value })?;
    }
    out.end()
}

/// A number as JSON, whole ones without a point.
pub(crate) fn plain(number: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, so nothing is cut")]
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        return serde_json::Value::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// Returns seconds as Compose prints them: `1h0m5s`, `1m30s`, `1.5s`, `500ms`.
pub(crate) fn duration_text(seconds: f64) -> String {
    let mut nanos = (seconds * 1e9).round();
    if nanos <= 0.0 {
        return "0s".to_owned();
    }
    if nanos < 1e3 {
        return format!("{nanos}ns");
    }
    if nanos < 1e6 {
        return format!("{}us", nanos / 1e3);
    }
    if nanos < 1e9 {
        return format!("{}ms", nanos / 1e6);
    }
    let mut out = String::new();
    for (unit, size) in [("h", 3600e9), ("m", 60e9)] {
        let count = (nanos / size).floor();
        if count > 0.0 || !out.is_empty() {
            out.push_str(&format!("{count}{unit}"));
        }
        nanos -= count * size;
    }
    format!("{out}{}s", nanos / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for (seconds, expected) in [
            (0.0, "0s"),
            (0.000_000_5, "500ns"),
            (0.000_02, "20us"),
            (0.5, "500ms"),
            (1.5, "1.5s"),
            (20.0, "20s"),
            (90.0, "1m30s"),
            (3600.0, "1h0m0s"),
            (86_400.0, "24h0m0s"),
        ] {
            assert_eq!(duration_text(seconds), expected);
            let read = scalar::duration(expected).unwrap();
            assert!((read - seconds).abs() < 1e-12, "{expected}");
        }
    }

    #[test]
    fn whole_numbers_have_no_point() {
        assert_eq!(plain(2.0).to_string(), "2");
        assert_eq!(plain(0.25).to_string(), "0.25");
    }
}
