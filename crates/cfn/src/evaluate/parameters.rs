//! Parameter values and their rules.

use indexmap::IndexMap;

use super::EvaluateError;
use crate::Parameter;
use crate::Template;
use crate::Value;

/// Returns a value for every parameter, or everything that is wrong with them. `AllowedPattern`
/// is not checked: CloudFormation does it with Java's regular expressions.
pub(crate) fn complete(
    template: &Template,
    given: &IndexMap<String, String>,
) -> Result<IndexMap<String, String>, Vec<EvaluateError>> {
    let mut errors = Vec::new();
    let mut values = IndexMap::new();
    for (name, parameter) in &template.parameters {
        let path = format!("Parameters.{name}");
        match given.get(name).or(parameter.default.as_ref()) {
            Some(value) => {
                if let Some(message) = fault(parameter, value) {
                    errors.push(EvaluateError::new(path, message));
                }
                values.insert(name.clone(), value.clone());
            }
            None => errors.push(EvaluateError::new(path, "has no value and no default")),
        }
    }
    for name in given.keys().filter(|name| !template.parameters.contains_key(*name)) {
        errors.push(EvaluateError::new(format!("Parameters.{name}"), "not in the template"));
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Returns true when `Ref` of the parameter is a list.
pub(crate) fn is_list(kind: &str) -> bool {
    let inner = ssm(kind).unwrap_or(kind);
    inner == "CommaDelimitedList" || inner.starts_with("List<")
}

/// Returns the type inside `AWS::SSM::Parameter::Value<…>`.
pub(crate) fn ssm(kind: &str) -> Option<&str> {
    kind.strip_prefix("AWS::SSM::Parameter::Value<")?.strip_suffix('>')
}

/// Returns the value of `Ref`: text, or a list with the items trimmed. An empty text is an empty
/// list.
pub(crate) fn value(kind: &str, text: &str) -> Value {
    if !is_list(kind) {
        return Value::from(text);
    }
    if text.trim().is_empty() {
        return Value::List(Vec::new());
    }
    Value::list(text.split(',').map(str::trim))
}

/// Returns what the parameter does not allow in a value. The value itself is not repeated: it may
/// be a secret (`NoEcho`).
fn fault(parameter: &Parameter, text: &str) -> Option<String> {
    let rule = |name: &str| parameter.extra.get(name);
    let kind = parameter.kind.as_str();
    if let Some(allowed) = rule("AllowedValues").and_then(Value::as_list) {
        let allowed: Vec<String> = allowed.iter().filter_map(super::logic::scalar).collect();
        let items = if is_list(kind) { text.split(',').map(str::trim).collect() } else { vec![text] };
        if !items.iter().all(|item| allowed.iter().any(|value| value == item)) {
            return Some(format!("must be one of {}", allowed.join(", ")));
        }
    }
    if kind == "Number" || kind == "List<Number>" {
        let low = rule("MinValue").and_then(number).unwrap_or(f64::NEG_INFINITY);
        let high = rule("MaxValue").and_then(number).unwrap_or(f64::INFINITY);
        for item in text.split(',').map(str::trim) {
            match item.parse::<f64>() {
                Err(_) => return Some("must be a number".to_owned()),
                Ok(value) if value < low => return Some(format!("must be at least {low}")),
                Ok(value) if value > high => return Some(format!("must be at most {high}")),
                Ok(_) => {}
            }
        }
    }
    if kind == "String" {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if let Some(low) = rule("MinLength").and_then(Value::as_i64).filter(|low| length < *low) {
            return Some(format!("must have at least {low} characters"));
        }
        if let Some(high) = rule("MaxLength").and_then(Value::as_i64).filter(|high| length > *high) {
            return Some(format!("must have at most {high} characters"));
        }
    }
    None
}

fn number(value: &Value) -> Option<f64> {
    super::logic::scalar(value)?.parse().ok()
}
