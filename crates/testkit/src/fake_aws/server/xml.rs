//! JSON values as XML, as the Query protocol and S3 answer.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Appends `<name>value</name>`; `null` is left out. In the Query protocol (`member`) the items of a
/// list are `<member>`; in S3 a list is its element repeated.
pub(super) fn element(out: &mut String, name: &str, value: &Json, member: bool) {
    match value {
        Json::Null => {}
        Json::Array(items) if member => {
            let _ = write!(out, "<{name}>");
            for item in items {
                element(out, "member", item, member);
            }
            let _ = write!(out, "</{name}>");
        }
        Json::Array(items) => {
            for item in items {
                element(out, name, item, member);
            }
        }
        Json::Object(fields) => {
            let _ = write!(out, "<{name}>");
            for (field, value) in fields {
                element(out, field, value, member);
            }
            let _ = write!(out, "</{name}>");
        }
        Json::String(text) => {
            let _ = write!(out, "<{name}>{}</{name}>", escape(text));
        }
        Json::Bool(_) | Json::Number(_) => {
            let _ = write!(out, "<{name}>{value}</{name}>");
        }
    }
}

/// Escapes text.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::element;

    #[test]
    fn both_kinds_of_lists() {
        let value = serde_json::json!({"A": ["x<y", {"B": 1, "C": null}], "D": true});
        let mut query = String::new();
        element(&mut query, "R", &value, true);
        assert_eq!(query, "<R><A><member>x&lt;y</member><member><B>1</B></member></A><D>true</D></R>");
        let mut s3 = String::new();
        element(&mut s3, "R", &value, false);
        assert_eq!(s3, "<R><A>x&lt;y</A><A><B>1</B></A><D>true</D></R>");
    }
}
