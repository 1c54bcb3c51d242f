//! Answers of the query protocol.

use serde_json::Value;
use winterbaume_core::MockResponse;
use winterbaume_core::xml_escape;

use super::fault;

const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
const REQUEST: &str = "<RequestId>00000000-0000-0000-0000-000000000000</RequestId>";

/// Turns an answer of the JSON protocol into one of the query protocol.
pub(super) fn answer(action: &str, response: &MockResponse) -> MockResponse {
    if response.status >= 400 {
        let (code, message) = fault::read(response);
        let (code, message) = (xml_escape(&code), xml_escape(&message));
        return MockResponse::xml(
            response.status,
            format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>{REQUEST}</ErrorResponse>"
            ),
        );
    }
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let mut result = String::new();
    members(action, &body, &mut result);
    if !result.is_empty() {
        result = format!("<{action}Result>{result}</{action}Result>");
    }
    MockResponse::xml(
        200,
        format!(
            "<?xml version=\"1.0\"?><{action}Response xmlns=\"{NAMESPACE}\">{result}<ResponseMetadata>{REQUEST}</ResponseMetadata></{action}Response>"
        ),
    )
}

fn members(action: &str, value: &Value, out: &mut String) {
    let Value::Object(members_of) = value else { return };
    for (name, value) in members_of {
        // Lists and maps are flattened: an element for each item, with a name of its own.
        let element = match name.as_str() {
            "Messages" => "Message",
            "QueueUrls" | "queueUrls" => "QueueUrl",
            "Attributes" => "Attribute",
            "MessageAttributes" => "MessageAttribute",
            "Tags" => "Tag",
            "Failed" => "BatchResultErrorEntry",
            "Successful" => &format!("{action}ResultEntry"),
            other => other,
        };
        match (name.as_str(), value) {
            ("Attributes" | "MessageAttributes" | "Tags", Value::Object(map)) => {
                let key_name = if name == "Tags" { "Key" } else { "Name" };
                for (key, value) in map {
                    let mut content = String::new();
                    text(key_name, key, &mut content);
                    item(action, "Value", value, &mut content);
                    wrap(element, &content, out);
                }
            }
            (_, Value::Array(list)) => {
                for value in list {
                    item(action, element, value, out);
                }
            }
            _ => item(action, element, value, out),
        }
    }
}

fn item(action: &str, name: &str, value: &Value, out: &mut String) {
    match value {
        Value::Object(_) => {
            let mut content = String::new();
            members(action, value, &mut content);
            wrap(name, &content, out);
        }
        Value::String(value) => text(name, value, out),
        Value::Null => (),
        other => text(name, &other.to_string(), out),
    }
}

fn text(name: &str, value: &str, out: &mut String) {
    wrap(name, &xml_escape(value), out);
}

fn wrap(name: &str, content: &str, out: &mut String) {
    out.push_str(&format!("<{name}>{content}</{name}>"));
}
