//! The tree.

use seaway_diag::Span;
use serde_json::Value as Json;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands; `None` for a value that was not read from a file.
    pub span: Option<Span>,
    /// A tag such as `!Sub`; none is left after [`Node::expand`].
    pub tag: Option<String>,
    /// The value.
    pub content: Content,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// An object, in file order; keys are unique.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Option<Span>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Returns a value at a place, without a tag.
    pub fn new(content: Content, span: Option<Span>) -> Self {
        Node { span, tag: None, content }
    }

    /// Returns the entry of an object.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Returns the value of an object's key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Returns the value at a path of keys (`A.B`).
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// Returns the entries of an object; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a scalar as CloudFormation's text of it; `None` for lists, objects and `null`.
    pub fn scalar(&self) -> Option<String> {
        match &self.content {
            Content::Bool(truth) => Some(truth.to_string()),
            Content::Int(number) => Some(number.to_string()),
            Content::Float(number) => Some(number.to_string()),
            Content::String(text) => Some(text.clone()),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// Returns a number, also one that is written as a string.
    pub fn as_f64(&self) -> Option<f64> {
        match &self.content {
            #[expect(clippy::cast_precision_loss, reason = "compared with limits far below 2^52")]
            Content::Int(number) => Some(*number as f64),
            Content::Float(number) => Some(*number),
            Content::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// Returns a whole number, also one that is written as a string.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.content {
            Content::Int(number) => Some(*number),
            Content::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Returns a truth value, also one that is written as a string.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.content {
            Content::Bool(truth) => Some(*truth),
            Content::String(text) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    /// Returns name and argument where this is an intrinsic function in its long form.
    pub fn function(&self) -> Option<(&str, &Node)> {
        match &self.content {
            Content::Map(entries) => match entries.as_slice() {
                [only] if only.key == "Ref" || only.key.starts_with("Fn::") => Some((&only.key, &only.value)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the name where this is `{"Ref": name}`.
    pub fn reference(&self) -> Option<&str> {
        self.function().filter(|(name, _)| *name == "Ref").and_then(|(_, argument)| argument.as_str())
    }

    /// Returns resource and attribute where this is `Fn::GetAtt` of fixed names.
    pub fn get_att(&self) -> Option<(&str, &str)> {
        let (name, argument) = self.function()?;
        if name != "Fn::GetAtt" {
            return None;
        }
        match &argument.content {
            Content::String(text) => text.split_once('.'),
            Content::List(items) => match items.as_slice() {
                [resource, attribute] => Some((resource.as_str()?, attribute.as_str()?)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the logical id that this refers to by `Ref`, `Fn::GetAtt` or an `Fn::Sub` that is
    /// nothing else.
    pub fn target(&self) -> Option<&str> {
        if let Some(name) = self.reference() {
            return Some(name);
        }
        if let Some((resource, _)) = self.get_att() {
            return Some(resource);
        }
        let (name, argument) = self.function()?;
        let inner = argument.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
        let plain = name == "Fn::Sub" && !inner.contains(['$', '{', '!']);
        plain.then(|| inner.split_once('.').map_or(inner, |(resource, _)| resource))
    }

    /// Returns true for `{"Ref": "AWS::NoValue"}`.
    pub fn is_no_value(&self) -> bool {
        self.reference() == Some("AWS::NoValue")
    }

    /// Returns the data as JSON, without places and tags.
    pub fn to_json(&self) -> Json {
        match &self.content {
            Content::Null => Json::Null,
            Content::Bool(truth) => Json::Bool(*truth),
            Content::Int(number) => Json::from(*number),
            Content::Float(number) => Json::from(*number),
            Content::String(text) => Json::from(text.as_str()),
            Content::List(items) => items.iter().map(Node::to_json).collect(),
            Content::Map(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
            }
        }
    }

    /// Returns what a reader would call it.
    pub fn describe(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "true or false",
            Content::Int(_) | Content::Float(_) => "a number",
            Content::String(_) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) => "an object",
        }
    }
}

/// A value that was not read from a file.
impl From<&Json> for Node {
    fn from(json: &Json) -> Self {
        let content = match json {
            Json::Null => Content::Null,
            Json::Bool(truth) => Content::Bool(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Content::Int(number),
                None => Content::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Content::String(text.clone()),
            Json::Array(items) => Content::List(items.iter().map(Node::from).collect()),
            Json::Object(entries) => Content::Map(
                entries
                    .iter()
                    .map(|(key, value)| Entry { key: key.clone(), key_span: None, value: Node::from(value) })
                    .collect(),
            ),
        };
        Node::new(content, None)
    }
}

#[cfg(test)]
mod tests {
    use super::Node;
    use serde_json::json;

    #[test]
    fn targets() {
        for (json, expected) in [
            (json!({"Ref": "A"}), Some("A")),
            (json!({"Fn::GetAtt": ["A", "Arn"]}), Some("A")),
            (json!({"Fn::GetAtt": "A.Arn.B"}), Some("A")),
            (json!({"Fn::Sub": "${A}"}), Some("A")),
            (json!({"Fn::Sub": "${A.Arn}"}), Some("A")),
            (json!({"Fn::Sub": "${A}-x"}), None),
            (json!({"Fn::Sub": "${A}${B}"}), None),
            (json!({"Fn::Sub": "${!A}"}), None),
            (json!({"Ref": "A", "x": 1}), None),
            (json!("A"), None),
        ] {
            assert_eq!(Node::from(&json).target(), expected, "{json}");
            assert_eq!(Node::from(&json).to_json(), json);
        }
    }

    #[test]
    fn scalars_are_read_as_cloudformation_does() {
        assert_eq!(Node::from(&json!("30")).as_i64(), Some(30));
        assert_eq!(Node::from(&json!("True")).as_bool(), Some(true));
        assert_eq!(Node::from(&json!(1.5)).scalar().as_deref(), Some("1.5"));
        assert_eq!(Node::from(&json!("nan")).as_f64(), None);
    }
}
