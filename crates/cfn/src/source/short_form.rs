//! `!Sub x` → `{"Fn::Sub": "x"}` (CloudFormation user guide, "Intrinsic function reference").

use seaway_diag::Span;

use super::Content;
use super::Entry;
use super::Node;

/// A tag that is no function of CloudFormation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTag {
    /// The tag, such as `!GetAttr`.
    pub tag: String,
    /// Where the tagged value stands.
    pub span: Option<Span>,
}

/// Functions with a short form whose name is `Fn::` and the tag.
const FUNCTIONS: [&str; 18] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "ForEach",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
];
const MORE: [&str; 2] = ["ToJsonString", "Transform"];

impl Node {
    /// Replaces every tag by the long form of its function. Unknown tags are dropped from the
    /// tree and added to `unknown`.
    pub fn expand(&mut self, unknown: &mut Vec<UnknownTag>) {
        match &mut self.content {
            Content::List(items) => items.iter_mut().for_each(|item| item.expand(unknown)),
            Content::Map(entries) => entries.iter_mut().for_each(|entry| entry.value.expand(unknown)),
            _ => {}
        }
        let Some(tag) = self.tag.take() else { return };
        let name = tag.trim_start_matches('!');
        let key = match name {
            "Ref" | "Condition" => name.to_owned(),
            _ if FUNCTIONS.contains(&name) || MORE.contains(&name) => format!("Fn::{name}"),
            _ => {
                unknown.push(UnknownTag { tag, span: self.span });
                return;
            }
        };
        let mut argument = Node::new(std::mem::replace(&mut self.content, Content::Null), self.span);
        if let Content::String(text) = &argument.content
            && name == "GetAtt"
            && let Some((resource, attribute)) = text.split_once('.')
        {
            let part = |text: &str| Node::new(Content::String(text.to_owned()), argument.span);
            argument.content = Content::List(vec![part(resource), part(attribute)]);
        }
        self.content = Content::Map(vec![Entry { key, key_span: self.span, value: argument }]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tagged(tag: &str, json: serde_json::Value) -> Node {
        Node { tag: Some(tag.to_owned()), ..Node::from(&json) }
    }

    #[test]
    fn short_forms() {
        for (tag, argument, expected) in [
            ("!Ref", json!("A"), json!({"Ref": "A"})),
            ("!Condition", json!("A"), json!({"Condition": "A"})),
            ("!GetAtt", json!("A.B.C"), json!({"Fn::GetAtt": ["A", "B.C"]})),
            ("!GetAtt", json!(["A", "B"]), json!({"Fn::GetAtt": ["A", "B"]})),
            ("!Sub", json!("${A}"), json!({"Fn::Sub": "${A}"})),
            ("!GetAZs", json!(""), json!({"Fn::GetAZs": ""})),
            ("!If", json!(["C", 1, 2]), json!({"Fn::If": ["C", 1, 2]})),
        ] {
            let mut node = tagged(tag, argument);
            let mut unknown = Vec::new();
            node.expand(&mut unknown);
            assert_eq!(node.to_json(), expected, "{tag}");
            assert!(unknown.is_empty());
        }
    }

    #[test]
    fn nested_and_unknown() {
        let mut node = tagged("!Join", json!([",", [0]]));
        let Content::List(items) = &mut node.content else { unreachable!() };
        items[1] =
            Node::new(Content::List(vec![tagged("!Ref", json!("A")), tagged("!Rf", json!("B"))]), None);
        let mut unknown = Vec::new();
        node.expand(&mut unknown);
        assert_eq!(node.to_json(), json!({"Fn::Join": [",", [{"Ref": "A"}, "B"]]}));
        assert_eq!(unknown, [UnknownTag { tag: "!Rf".to_owned(), span: None }]);
    }
}
