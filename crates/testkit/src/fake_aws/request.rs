//! A call as it came in.

use serde::Serialize;
use serde_json::Value as Json;

/// Beginnings of the names of operations that change something.
const MUTATING: &[&str] = &[
    "Cancel",
    "Continue",
    "Create",
    "Delete",
    "Deregister",
    "Disable",
    "Enable",
    "Execute",
    "Modify",
    "Put",
    "Register",
    "Rollback",
    "Run",
    "Send",
    "Set",
    "Start",
    "Stop",
    "Tag",
    "Untag",
    "Update",
];

/// A call as it came in. Secret values are never in it: they are `***`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// Counts up from 1.
    pub number: u64,
    /// Virtual milliseconds since the start.
    pub at_ms: u64,
    /// Such as `cloudformation`, `ecs`, `s3`.
    pub service: String,
    /// Such as `CreateChangeSet`.
    pub operation: String,
    /// Account of the credentials.
    pub account: String,
    /// Parameters as an object, in the order in which they came; the lists of the Query protocol
    /// are lists.
    pub parameters: Json,
    /// `ok`, an error code such as `ValidationError`, or the fault that was in the way.
    pub outcome: String,
}

impl Request {
    /// Returns true when the operation changes something.
    pub fn is_mutating(&self) -> bool {
        // A session changes nothing; a token is no resource.
        self.operation != "ExecuteCommand" && MUTATING.iter().any(|verb| self.operation.starts_with(verb))
    }
}

/// Calls, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Requests(pub Vec<Request>);

impl Requests {
    /// Returns those that change something.
    #[must_use]
    pub fn mutating(&self) -> Requests {
        Requests(self.0.iter().filter(|request| request.is_mutating()).cloned().collect())
    }

    /// Returns those that were answered without a fault or an error.
    #[must_use]
    pub fn answered(&self) -> Requests {
        Requests(self.0.iter().filter(|request| request.outcome == "ok").cloned().collect())
    }

    /// Returns `service:Operation` of each.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|request| format!("{}:{}", request.service, request.operation)).collect()
    }

    /// Returns how many calls of an operation there are.
    pub fn count(&self, operation: &str) -> usize {
        self.0.iter().filter(|request| request.operation == operation).count()
    }

    /// Returns the calls, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Request> {
        self.0.iter()
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Replaces what must not be recorded.
pub(super) fn mask(service: &str, parameters: &mut Json) {
    let hidden: &[&str] = match service {
        "ssm" => &["Value"],
        "secretsmanager" => &["SecretString", "SecretBinary"],
        _ => &[],
    };
    if let Json::Object(map) = parameters {
        for name in hidden {
            if let Some(value) = map.get_mut(*name) {
                *value = Json::String("***".to_owned());
            }
        }
    }
}
