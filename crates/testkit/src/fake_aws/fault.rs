//! Faults in the way of a call.

use serde::Deserialize;
use serde::Serialize;

use super::request::Request;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// `Throttling`, `ThrottlingException`, `SlowDown`: as the service says it.
    Throttled,
    /// HTTP 500, `InternalFailure`.
    InternalError,
    /// HTTP 503, `ServiceUnavailable`.
    Unavailable,
    /// No answer ever comes; the connection stays open.
    Timeout,
    /// The connection is reset.
    Reset,
    /// `AccessDenied`, `AccessDeniedException`.
    AccessDenied,
    /// `ExpiredToken`, `ExpiredTokenException`.
    ExpiredToken,
}

/// A fault: which calls, and what happens to them. Every condition that is given must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// The number of the call, counted from 1 over all calls to this fake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<u64>,
    /// Such as `cloudformation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Such as `CreateChangeSet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Matching calls that go through first.
    #[serde(default)]
    pub skip: u64,
    /// So many calls are hit; 0 is all.
    #[serde(default = "once")]
    pub times: u64,
    /// The call takes effect, and only its answer is lost or replaced by the fault: the case in
    /// which a caller that tries again must not make a second copy.
    #[serde(default)]
    pub after_effect: bool,
}

fn once() -> u64 {
    1
}

impl Fault {
    /// Returns a fault that hits the next call once.
    pub fn new(kind: FaultKind) -> Self {
        Fault { kind, call: None, service: None, operation: None, skip: 0, times: 1, after_effect: false }
    }

    /// Hits the call of this number, counted from 1.
    #[must_use]
    pub fn call(mut self, number: u64) -> Self {
        self.call = Some(number);
        self
    }

    /// Hits calls of this operation only.
    #[must_use]
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Hits calls of this service only.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// Hits so many calls; 0 is all.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.times = count;
        self
    }

    /// Lets so many matching calls through first.
    #[must_use]
    pub fn skip(mut self, count: u64) -> Self {
        self.skip = count;
        self
    }

    /// Lets the call take effect before its answer is lost.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    fn matches(&self, request: &Request) -> bool {
        self.call.is_none_or(|number| number == request.number)
            && self.service.as_ref().is_none_or(|name| *name == request.service)
            && self.operation.as_ref().is_none_or(|name| *name == request.operation)
    }
}

/// Faults with what is left of them.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(Fault, u64)>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the first fault that hits this call, and counts it.
    pub(super) fn hit(&mut self, request: &Request) -> Option<Fault> {
        for (fault, seen) in &mut self.0 {
            if !fault.matches(request) {
                continue;
            }
            *seen += 1;
            if *seen > fault.skip && (fault.times == 0 || *seen <= fault.skip + fault.times) {
                return Some(fault.clone());
            }
        }
        None
    }
}
