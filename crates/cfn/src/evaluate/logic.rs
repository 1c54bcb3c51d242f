//! Conditions, and what scalars are to CloudFormation.

use super::EvaluateError;
use super::Scope;
use super::path::Path;
use crate::Intrinsic;
use crate::Value;

/// Returns the text of a scalar, as CloudFormation converts it; `None` for anything else.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Fn(_) => None,
    }
}

/// What is known of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its evaluation has begun: meeting it again is a cycle.
    Begun,
    /// The result; `None` where it depends on something that a lenient scope does not know.
    Done(Option<bool>),
}

impl Scope<'_> {
    /// Evaluates a condition by name; `None` only in a lenient scope.
    pub(crate) fn condition(&self, path: &Path<'_>, name: &str) -> Result<Option<bool>, EvaluateError> {
        let Some(value) = self.template.conditions.get(name) else {
            return Err(EvaluateError::new(
                path.to_string(),
                format!("the condition `{name}` does not exist"),
            ));
        };
        let known = self.conditions.borrow().get(name).copied();
        match known {
            Some(Known::Done(result)) => return Ok(result),
            Some(Known::Begun) => {
                return Err(EvaluateError::new(
                    path.to_string(),
                    format!("the condition `{name}` refers to itself"),
                ));
            }
            None => {}
        }
        self.conditions.borrow_mut().insert(name.to_owned(), Known::Begun);
        let root = Path::Root("Conditions");
        let result = self.truth(&root.key(name), value);
        match &result {
            Ok(result) => {
                self.conditions.borrow_mut().insert(name.to_owned(), Known::Done(*result));
            }
            // Forgotten, so that asking again gives the same error.
            Err(_) => {
                self.conditions.borrow_mut().shift_remove(name);
            }
        }
        result
    }

    /// Evaluates a condition function. All operands are evaluated, so that a fault in one shows
    /// whatever the others are.
    pub(crate) fn truth(&self, path: &Path<'_>, value: &Value) -> Result<Option<bool>, EvaluateError> {
        let expected = || EvaluateError::new(path.to_string(), "expected a condition, such as `Fn::Equals`");
        let Value::Fn(intrinsic) = value else {
            return value.as_bool().map(Some).ok_or_else(expected);
        };
        let inner = path.key(intrinsic.name());
        match intrinsic.as_ref() {
            Intrinsic::Condition(name) => self.condition(&inner, name),
            Intrinsic::Equals(left, right) => {
                let left = self.fold(&inner.index(0), left)?;
                let right = self.fold(&inner.index(1), right)?;
                Ok(equal(left.as_ref(), right.as_ref()))
            }
            Intrinsic::Not(value) => Ok(self.truth(&inner.index(0), value)?.map(|truth| !truth)),
            Intrinsic::And(values) => self.combine(&inner, values, false),
            Intrinsic::Or(values) => self.combine(&inner, values, true),
            _ => match self.fold(path, value)? {
                Some(Value::Fn(_)) => Ok(None),
                Some(folded) => folded.as_bool().map(Some).ok_or_else(expected),
                None => Err(expected()),
            },
        }
    }

    /// `Fn::And` and `Fn::Or`: one operand that is `decisive` decides, whatever is not known.
    fn combine(
        &self,
        path: &Path<'_>,
        values: &[Value],
        decisive: bool,
    ) -> Result<Option<bool>, EvaluateError> {
        let mut result = Some(!decisive);
        for (index, value) in values.iter().enumerate() {
            match self.truth(&path.index(index), value)? {
                Some(truth) if truth == decisive => result = Some(decisive),
                None if result != Some(decisive) => result = None,
                _ => {}
            }
        }
        Ok(result)
    }
}

/// Returns whether two folded values are equal; `None` where a function remains in one of them
/// and they are not the same to the letter.
fn equal(left: Option<&Value>, right: Option<&Value>) -> Option<bool> {
    if left == right {
        return Some(true);
    }
    let (Some(left), Some(right)) = (left, right) else {
        return Some(false);
    };
    if has_function(left) || has_function(right) {
        return None;
    }
    match (scalar(left), scalar(right)) {
        (Some(left), Some(right)) => Some(left == right),
        _ => Some(false),
    }
}

/// Returns true where a function remains anywhere in a folded value.
pub(crate) fn has_function(value: &Value) -> bool {
    match value {
        Value::Fn(_) => true,
        Value::List(items) => items.iter().any(has_function),
        Value::Map(map) => map.values().any(has_function),
        _ => false,
    }
}
