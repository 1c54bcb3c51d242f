//! The node tree.

use seaway_diag::Span;

use crate::Map;

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// `|` or `>`.
    Block,
}

/// A node: a value, where it stands, and its tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands; of an alias: where it was defined.
    pub span: Span,
    /// Local tag such as `!reset`, without the standard `!!` ones.
    pub tag: Option<String>,
    /// The value.
    pub value: Value,
}

/// The value of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Empty, `~`, `null`.
    Null,
    /// A scalar: its text after unescaping, and how it was written.
    Scalar(String, Style),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, merge keys applied.
    Map(Map),
}

impl Node {
    /// Returns the text of a scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Returns the mapping.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the items of a sequence.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// Returns true for an empty value.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Returns `a string`, `a number`, `a list`, `a mapping`, `true or false`, `nothing`: what a
    /// reader would call it.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Scalar(..) if self.is_number() => "a number",
            Value::Scalar(..) if self.is_bool() => "true or false",
            Value::Scalar(..) => "a string",
        }
    }

    /// Returns true for a plain scalar that YAML 1.2 (core schema) reads as a number.
    pub fn is_number(&self) -> bool {
        let Value::Scalar(text, Style::Plain) = &self.value else {
            return false;
        };
        if let Some(digits) = text.strip_prefix("0x") {
            return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        }
        if let Some(digits) = text.strip_prefix("0o") {
            return !digits.is_empty() && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        }
        // Rust also reads `inf` and `nan`, which YAML writes `.inf` and `.nan`.
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok()
    }

    /// Returns true for a plain `true` or `false`, in YAML's three cases.
    pub fn is_bool(&self) -> bool {
        let Value::Scalar(text, Style::Plain) = &self.value else {
            return false;
        };
        matches!(text.as_str(), "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
    }

    /// Returns true when both hold the same data, wherever they stand and however written.
    pub fn same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|entry| b.get(&entry.key.text).is_some_and(|value| value.same(&entry.value)))
            }
            (Value::Seq(a), Value::Seq(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Value::Scalar(a, _), Value::Scalar(b, _)) => a == b,
            (a, b) => a == b,
        }
    }

    /// Returns the data as JSON: plain scalars by YAML's core schema, all others as strings.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Seq(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(map) => Json::Object(
                map.iter().map(|entry| (entry.key.text.clone(), entry.value.to_json())).collect(),
            ),
            Value::Scalar(text, _) if self.is_bool() => Json::Bool(text.starts_with(['t', 'T'])),
            Value::Scalar(text, _) if self.is_number() => number(text),
            Value::Scalar(text, _) => Json::String(text.clone()),
        }
    }
}

fn number(text: &str) -> serde_json::Value {
    let radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok().map(Into::into);
    let parsed = if let Some(digits) = text.strip_prefix("0x") {
        radix(digits, 16)
    } else if let Some(digits) = text.strip_prefix("0o") {
        radix(digits, 8)
    } else {
        let whole = text.parse::<i64>().ok().map(serde_json::Value::from);
        whole.or_else(|| {
            let number = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
            number.map(serde_json::Value::Number)
        })
    };
    parsed.unwrap_or_else(|| serde_json::Value::String(text.to_owned()))
}
