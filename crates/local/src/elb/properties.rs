//! Reading evaluated template properties. CloudFormation hands numbers and booleans on as text
//! where an intrinsic made them, so readers take both.

use std::str::FromStr;

use serde_json::Value;

use crate::realiser::Failure;

/// Returns a property as text; `None` when it is missing or empty.
pub(super) fn text(properties: &Value, name: &str) -> Option<String> {
    scalar(&properties[name]).filter(|text| !text.is_empty())
}

/// Returns a property as text, or says that it is missing.
pub(super) fn required(properties: &Value, name: &str) -> Result<String, Failure> {
    text(properties, name).ok_or_else(|| Failure(format!("the property {name} is missing")))
}

/// Returns a number; `None` when it is missing, a failure when it is something else.
pub(super) fn number<T: FromStr>(properties: &Value, name: &str) -> Result<Option<T>, Failure> {
    let Some(text) = text(properties, name) else { return Ok(None) };
    text.parse()
        .map(Some)
        .map_err(|_| Failure(format!("the property {name} is `{text}`, which is no valid number")))
}

/// Returns a list; missing is empty.
pub(super) fn list<'a>(properties: &'a Value, name: &str) -> &'a [Value] {
    properties[name].as_array().map_or(&[], Vec::as_slice)
}

/// Returns a list of text; missing is empty.
pub(super) fn texts(properties: &Value, name: &str) -> Vec<String> {
    list(properties, name).iter().filter_map(scalar).collect()
}

/// Returns the value of one of the `Key`/`Value` pairs of an `…Attributes` property.
pub(super) fn attribute(properties: &Value, list_name: &str, key: &str) -> Option<String> {
    list(properties, list_name)
        .iter()
        .find(|entry| entry["Key"].as_str() == Some(key))
        .and_then(|entry| scalar(&entry["Value"]))
}

/// Returns a scalar as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
