//! `AWS::SQS::Queue` and `AWS::SQS::QueuePolicy`.

use std::collections::HashMap;

use async_trait::async_trait;
use indexmap::IndexMap;
use seaway_cloud::Realised;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use super::backend::ACCOUNT;
use super::backend::Backend;
use super::backend::REGION;
use super::server::Emulator;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;

const QUEUE: &str = "AWS::SQS::Queue";
const POLICY: &str = "AWS::SQS::QueuePolicy";

/// Attributes with CloudFormation's defaults, so that a property that is taken away goes back.
const DEFAULTS: [(&str, &str); 6] = [
    ("VisibilityTimeout", "30"),
    ("DelaySeconds", "0"),
    ("MaximumMessageSize", "262144"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("ContentBasedDeduplication", "false"),
];

#[async_trait]
impl Realiser for Emulator {
    fn types(&self) -> &'static [&'static str] {
        &[QUEUE, POLICY]
    }

    fn replaces(&self, resource_type: &str, old: &Value, new: &Value) -> bool {
        resource_type == QUEUE
            && ["QueueName", "FifoQueue"].iter().any(|name| scalar(&old[*name]) != scalar(&new[*name]))
    }

    async fn create(&self, context: &ResourceContext, given: &Value) -> Result<Physical, Failure> {
        if context.resource_type == POLICY {
            return put_policy(self.backend(), &format!("{}-{}", context.stack, hash(&context.token)), given);
        }
        put_queue(self.backend(), &name(context, given), Some(&context.token), given)
    }

    async fn update(
        &self,
        context: &ResourceContext,
        id: &str,
        old: &Value,
        new: &Value,
    ) -> Result<Physical, Failure> {
        if context.resource_type == POLICY {
            let kept = queues_of(new);
            for name in queues_of(old).into_iter().filter(|name| !kept.contains(name)) {
                set_policy(self.backend(), &name, "")?;
            }
            return put_policy(self.backend(), id, new);
        }
        put_queue(self.backend(), &name_in(id), None, new)
    }

    async fn delete(&self, context: &ResourceContext, id: &str, given: &Value) -> Result<(), Failure> {
        let backend = self.backend();
        if context.resource_type == POLICY {
            for name in queues_of(given) {
                set_policy(backend, &name, "")?;
            }
        } else {
            let mut queues = backend.lock();
            let name = if id.is_empty() {
                // The process was killed after it was made and before its stack knew.
                let made = queues.owners.iter().find(|(_, token)| **token == context.token);
                made.map(|(name, _)| name.clone()).unwrap_or_default()
            } else {
                name_in(id)
            };
            queues.owners.remove(&name);
            // One that is gone already is no error.
            let _ = queues.state.delete_queue(&name);
        }
        backend.save()
    }
}

/// Creates a queue, or changes its attributes.
fn put_queue(backend: &Backend, name: &str, token: Option<&str>, given: &Value) -> Result<Physical, Failure> {
    let fifo = scalar(&given["FifoQueue"]).as_deref() == Some("true");
    if fifo != name.ends_with(".fifo") {
        return Err(Failure(
            "The name of a FIFO queue, and only of one, must end with .fifo (SQS InvalidParameterValue)"
                .to_owned(),
        ));
    }
    let mut attributes: HashMap<String, String> = HashMap::new();
    for (property, default) in DEFAULTS {
        let value = scalar(&given[property]).unwrap_or_else(|| default.to_owned());
        if property != "ContentBasedDeduplication" && value.parse::<u32>().is_err() {
            return Err(Failure(format!(
                "Invalid value for the parameter {property}: `{value}` (SQS InvalidAttributeValue)"
            )));
        }
        attributes.insert(property.to_owned(), value);
    }
    let mut queues = backend.lock();
    attributes.insert(
        "RedrivePolicy".to_owned(),
        read_redrive(&given["RedrivePolicy"], |dead_letters| queues.state.queues.contains_key(dead_letters))?,
    );
    let wrong = |error: winterbaume_sqs::state::SqsError| Failure(format!("{error} (SQS, queue {name})"));
    if queues.state.queues.contains_key(name) {
        if token.is_some_and(|token| queues.owners.get(name).is_none_or(|owner| owner != token)) {
            return Err(Failure(format!(
                "A queue named {name} already exists and belongs to another resource (SQS QueueAlreadyExists)"
            )));
        }
    } else {
        let mut initial = attributes.clone();
        initial.retain(|_, value| !value.is_empty());
        backend.create(&mut queues, name, &initial, None).map_err(wrong)?;
        if let Some(token) = token {
            queues.owners.insert(name.to_owned(), token.to_owned());
        }
    }
    queues.state.set_queue_attributes(name, &attributes).map_err(wrong)?;
    let url = queues.state.get_queue_url(name).map_err(wrong)?.to_owned();
    drop(queues);
    backend.save()?;
    let attributes: IndexMap<String, String> = [
        ("Arn", format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")),
        ("QueueName", name.to_owned()),
        ("QueueUrl", url.clone()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    Ok(Physical { id: url, attributes, realised: Realised::Live })
}

/// Returns the redrive policy as text, empty when there is none. The dead letter queue is found
/// by its name: its ARN may have been composed with another region.
fn read_redrive(policy: &Value, exists: impl Fn(&str) -> bool) -> Result<String, Failure> {
    let mut policy = match policy {
        Value::String(text) => serde_json::from_str(text).map_err(|error| {
            Failure(format!("RedrivePolicy is no JSON: {error} (SQS InvalidAttributeValue)"))
        })?,
        other => other.clone(),
    };
    if policy.as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok(String::new());
    }
    let arn = scalar(&policy["deadLetterTargetArn"]).ok_or_else(|| {
        Failure("RedrivePolicy has no deadLetterTargetArn (SQS InvalidParameterValue)".to_owned())
    })?;
    let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
    if !exists(&name) {
        return Err(Failure(format!("Dead letter target does not exist: {arn} (SQS InvalidParameterValue)")));
    }
    policy["deadLetterTargetArn"] = Value::String(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"));
    Ok(policy.to_string())
}

/// Sets a policy on its queues. It is kept and shown, not enforced: declared only.
fn put_policy(backend: &Backend, id: &str, given: &Value) -> Result<Physical, Failure> {
    for name in queues_of(given) {
        if !set_policy(backend, &name, &given["PolicyDocument"].to_string())? {
            return Err(Failure(format!(
                "The specified queue does not exist: {name} (SQS QueueDoesNotExist)"
            )));
        }
    }
    backend.save()?;
    let attributes = [("Id".to_owned(), id.to_owned())].into_iter().collect();
    Ok(Physical { id: id.to_owned(), attributes, realised: Realised::DeclaredOnly })
}

/// Returns false when there is no such queue.
fn set_policy(backend: &Backend, name: &str, policy: &str) -> Result<bool, Failure> {
    let attributes = HashMap::from([("Policy".to_owned(), policy.to_owned())]);
    Ok(backend.lock().state.set_queue_attributes(name, &attributes).is_ok())
}

fn queues_of(given: &Value) -> Vec<String> {
    given["Queues"].as_array().into_iter().flatten().filter_map(Value::as_str).map(name_in).collect()
}

fn name_in(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Returns the name that is given, or one as CloudFormation makes it, at most 80 characters.
fn name(context: &ResourceContext, given: &Value) -> String {
    if let Some(name) = scalar(&given["QueueName"]) {
        return name;
    }
    let fifo = scalar(&given["FifoQueue"]).as_deref() == Some("true");
    let part = |text: &str, length: usize| -> String { text.chars().take(length).collect() };
    let (stack, logical_id) = (part(&context.stack, 30), part(&context.logical_id, 30));
    format!("{stack}-{logical_id}-{}{}", &hash(&context.token)[..8], if fifo { ".fifo" } else { "" })
}

fn hash(token: &str) -> String {
    hex::encode(&Sha256::digest(token.as_bytes())[..8])
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
