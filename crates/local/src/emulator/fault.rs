//! Errors in the shape that SDKs expect.

use http::HeaderValue;
use serde_json::Value;
use serde_json::json;
use winterbaume_core::MockResponse;

/// Makes an error of the JSON protocol.
pub(super) fn json(status: u16, code: &str, message: &str) -> MockResponse {
    complete(MockResponse::json(status, json!({"__type": code, "message": message}).to_string()))
}

/// Adds what AWS sends and winterbaume does not: the shape's name in `__type`, and the code of
/// the query protocol in a header; SDKs make their exceptions of one or the other.
pub(super) fn complete(mut response: MockResponse) -> MockResponse {
    if response.status < 400 {
        return response;
    }
    let (code, message) = read(&response);
    let shape = match code.as_str() {
        "AWS.SimpleQueueService.NonExistentQueue" => "QueueDoesNotExist",
        "QueueAlreadyExists" => "QueueNameExists",
        other => other,
    };
    let body = json!({"__type": format!("com.amazonaws.sqs#{shape}"), "message": message});
    response.body = body.to_string().into();
    let kind = if response.status >= 500 { "Receiver" } else { "Sender" };
    if let Ok(value) = HeaderValue::from_str(&format!("{code};{kind}")) {
        response.headers.insert("x-amzn-query-error", value);
    }
    response
}

/// Returns code and message of an error of the JSON protocol.
pub(super) fn read(response: &MockResponse) -> (String, String) {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let code = match response.headers.get("x-amzn-query-error").and_then(|value| value.to_str().ok()) {
        Some(header) => header.split(';').next().unwrap_or_default().to_owned(),
        None => text("__type"),
    };
    (code, text("message"))
}
