//! Three operations of Amazon SQS in its JSON protocol.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html>

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use serde_json::Value;
use serde_json::json;

use crate::aws;
use crate::aws::Credentials;
use crate::settings;

/// Seconds of a long poll.
const WAIT: u64 = 10;
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// A queue.
pub struct Queue {
    url: String,
    endpoint: String,
    region: String,
    agent: ureq::Agent,
    credentials: Mutex<Option<Credentials>>,
}

/// A message that was received.
pub struct Message {
    /// What was sent.
    pub body: String,
    handle: String,
}

impl Queue {
    /// Makes a client; nothing is called yet. `AWS_ENDPOINT_URL_SQS` and `AWS_ENDPOINT_URL` lead
    /// to another endpoint, as they do for the AWS SDKs.
    pub fn new(url: String) -> Result<Self, String> {
        let endpoint = settings::variable("AWS_ENDPOINT_URL_SQS")
            .or_else(|| settings::variable("AWS_ENDPOINT_URL"))
            .or_else(|| origin(&url))
            .ok_or_else(|| format!("ORDERS_QUEUE_URL is no address: {url}"))?;
        let region = settings::variable("AWS_REGION")
            .or_else(|| settings::variable("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| "us-east-1".to_owned());
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(WAIT + 10)))
            .http_status_as_error(false)
            .build()
            .into();
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Ok(Queue { url, endpoint, region, agent, credentials: Mutex::new(None) })
    }

    /// Puts a message on the queue.
    pub fn send(&self, body: &str) -> Result<(), String> {
        self.call("SendMessage", &json!({ "QueueUrl": self.url, "MessageBody": body })).map(drop)
    }

    /// Waits up to ten seconds for messages.
    pub fn receive(&self) -> Result<Vec<Message>, String> {
        let request = json!({ "QueueUrl": self.url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": WAIT });
        let answer = self.call("ReceiveMessage", &request)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(answer["Messages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|message| Message { body: text(&message["Body"]), handle: text(&message["ReceiptHandle"]) })
            .collect())
    }

    /// Takes a message off the queue for good.
    pub fn delete(&self, message: &Message) -> Result<(), String> {
        let request = json!({ "QueueUrl": self.url, "ReceiptHandle": message.handle });
        self.call("DeleteMessage", &request).map(drop)
    }

    fn call(&self, operation: &str, request: &Value) -> Result<Value, String> {
        let credentials = self.credentials()?;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?.as_secs();
        let time = aws::timestamp(seconds);
        let target = format!("AmazonSQS.{operation}");
        let body = request.to_string();
        let host = self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, host)| host);
        let mut headers = vec![("content-type", CONTENT_TYPE), ("host", host), ("x-amz-date", &time)];
        if let Some(token) = &credentials.token {
            headers.push(("x-amz-security-token", token));
        }
        headers.push(("x-amz-target", &target));
        let authorization = credentials.authorization(&self.region, "sqs", &time, "/", &headers, &body);

        let mut call = self.agent.post(format!("{}/", self.endpoint));
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            call = call.header(*name, *value);
        }
        let mut response = call
            .header("authorization", authorization)
            .send(body)
            .map_err(|e| format!("SQS {operation} at {}: {e}", self.endpoint))?;
        let status = response.status();
        let text = response
            .body_mut()
            .read_to_string()
            .map_err(|e| format!("SQS {operation} at {}: {e}", self.endpoint))?;
        if !status.is_success() {
            return Err(format!("SQS {operation}: {status}: {text}"));
        }
        // DeleteMessage answers with nothing.
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|e| format!("SQS {operation}: {e}: {text}"))
    }

    fn credentials(&self) -> Result<Credentials, String> {
        let mut kept = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(credentials) if !credentials.stale() => Ok(credentials.clone()),
            _ => Ok(kept.insert(Credentials::find()?).clone()),
        }
    }
}

/// Returns scheme and host of an address.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    Some(format!("{scheme}://{}", rest.split('/').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_where_the_queue_is() {
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
        assert_eq!(origin(url).as_deref(), Some("https://sqs.eu-west-1.amazonaws.com"));
        assert_eq!(origin("orders"), None);
    }
}
