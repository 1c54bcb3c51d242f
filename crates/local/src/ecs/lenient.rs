//! Reads CloudFormation's scalars: a template may write numbers and booleans as strings.

use serde::Deserialize;
use serde::Deserializer;
use serde_json::Value;

/// Reads a number, also one written as a string; anything else is none.
pub(super) fn number<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::Number(number)) => number.as_i64().and_then(|number| T::try_from(number).ok()),
        Some(Value::String(text)) => {
            text.trim().parse::<i64>().ok().and_then(|number| T::try_from(number).ok())
        }
        _ => None,
    })
}

/// Reads a boolean, also one written as a string; anything else is none.
pub(super) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::Bool(flag)) => Some(flag),
        Some(Value::String(text)) => match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    })
}

/// Reads a string; numbers and booleans become their text, as CloudFormation does it.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    })
}
