//! What the fake remembers.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;

use async_trait::async_trait;
use indexmap::IndexMap;
use jiff::SignedDuration;
use jiff::Timestamp;

use super::Behaviour;
use crate::Cloud;
use crate::CloudError;
use crate::ErrorKind;
use crate::Identity;
use crate::Lock;
use crate::LockOwner;
use crate::LogEvent;
use crate::ReleaseRecord;
use crate::Result;
use crate::Service;
use crate::Stack;
use crate::StackEvent;
use crate::StackInput;
use crate::Task;

/// What a stack operation is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Creating or updating.
    Forward,
    /// Going back after a failure.
    Back,
    /// Deleting.
    Delete,
}

/// A stack and its operation.
#[derive(Clone, Debug)]
pub(super) struct FakeStack {
    /// As `describe_stack` shows it.
    pub(super) stack: Stack,
    /// What it is.
    pub(super) input: StackInput,
    /// What it was before the operation.
    pub(super) previous: Option<StackInput>,
    /// The running operation.
    pub(super) operation: Option<Operation>,
    /// Steps that the operation made.
    pub(super) steps: u32,
    /// Somebody stopped the deployment or cancelled the update, and why.
    pub(super) stopped: Option<String>,
    /// Events.
    pub(super) events: Vec<StackEvent>,
    /// Number of task definition revisions so far.
    pub(super) revision: u32,
    /// Revision that the service goes back to.
    pub(super) good_revision: u32,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) stacks: IndexMap<String, FakeStack>,
    pub(super) services: IndexMap<String, Service>,
    pub(super) tasks: IndexMap<String, Task>,
    pub(super) task_steps: IndexMap<String, u32>,
    pub(super) logs: Vec<(String, LogEvent)>,
    pub(super) behaviours: Vec<(String, Behaviour)>,
    pub(super) failing: IndexMap<String, (String, String)>,
    pub(super) outputs: IndexMap<(String, String), String>,
    pub(super) secrets: Vec<String>,
    pub(super) locks: IndexMap<(String, String), LockOwner>,
    pub(super) releases: Vec<ReleaseRecord>,
    pub(super) calls: Vec<String>,
    pub(super) reads: u64,
    pub(super) next: u64,
    pub(super) denied: Option<CloudError>,
}

impl State {
    /// Counts up; makes ids.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// A stack at a moment: its name, whether it is whole, its template and its parameters.
pub type Picture = (String, bool, String, Vec<(String, String)>);

/// A cloud in memory.
#[derive(Debug)]
pub struct FakeCloud {
    state: Mutex<State>,
    start: tokio::time::Instant,
    poll: Duration,
    /// Reads that an operation on a stack takes.
    pub(super) steps: u32,
}

impl Default for FakeCloud {
    fn default() -> Self {
        FakeCloud::new()
    }
}

impl FakeCloud {
    /// Returns an empty cloud whose stacks complete after three reads.
    pub fn new() -> Self {
        FakeCloud {
            state: Mutex::new(State::default()),
            start: tokio::time::Instant::now(),
            poll: Duration::from_millis(250),
            steps: 3,
        }
    }

    /// Containers behave like this in every stack whose template or parameters hold `text`; a
    /// later rule wins.
    pub fn behave(&self, text: &str, behaviour: Behaviour) {
        self.state().behaviours.push((text.to_owned(), behaviour));
    }

    /// The next operation on this stack fails at this resource.
    pub fn fail_stack(&self, stack: &str, resource: &str, reason: &str) {
        self.state().failing.insert(stack.to_owned(), (resource.to_owned(), reason.to_owned()));
    }

    /// An output of a stack gets this value from its next operation on.
    pub fn output(&self, stack: &str, output: &str, value: &str) {
        self.state().outputs.insert((stack.to_owned(), output.to_owned()), value.to_owned());
    }

    /// Every operation is refused from now on.
    pub fn deny(&self, kind: ErrorKind, message: &str) {
        self.state().denied = Some(CloudError::new(kind, "call the cloud", message));
    }

    /// The process that has this environment's lock is dead, so that the lock can be taken over.
    pub fn owner_died(&self, app: &str, env: &str) {
        self.state().locks.shift_remove(&(app.to_owned(), env.to_owned()));
    }

    /// Somebody else has the lock.
    pub fn hold_lock(&self, app: &str, env: &str, owner: LockOwner) {
        self.state().locks.insert((app.to_owned(), env.to_owned()), owner);
    }

    /// Returns the changing calls so far, in order; locks and release records included.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// Returns the changing calls so far without locks and release records.
    pub fn changes(&self) -> Vec<String> {
        let kept = |call: &&String| !call.contains("lock ") && !call.starts_with("put_release");
        self.state().calls.iter().filter(kept).cloned().collect()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.state().calls.clear();
    }

    /// Returns how many reading calls were made.
    pub fn reads(&self) -> u64 {
        self.state().reads
    }

    /// Returns the stacks with status, template and parameters, by name: equal for equal states.
    pub fn picture(&self) -> Vec<Picture> {
        let state = self.state();
        let mut all: Vec<_> = state
            .stacks
            .values()
            .map(|stack| {
                let parameters = stack.input.parameters.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                let good = stack.operation.is_none() && stack.stack.status.succeeded();
                (stack.input.name.clone(), good, stack.input.template.clone(), parameters)
            })
            .collect();
        all.sort();
        all
    }

    /// Returns the lock's owner.
    pub fn lock_owner(&self, app: &str, env: &str) -> Option<LockOwner> {
        self.state().locks.get(&(app.to_owned(), env.to_owned())).cloned()
    }

    /// Returns the time: the first of January 2026 and what passed since.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.start.elapsed()).unwrap_or_default();
        let epoch = Timestamp::from_second(1_767_225_600).unwrap_or_default();
        epoch.checked_add(passed).unwrap_or(epoch)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// A reading call; like every call it lets others run first, so that a caller can be
    /// killed between any two of them.
    pub(super) async fn read(&self) -> Result<MutexGuard<'_, State>> {
        tokio::task::yield_now().await;
        let mut state = self.state();
        state.reads += 1;
        match &state.denied {
            Some(error) => Err(error.clone()),
            None => Ok(state),
        }
    }

    /// A changing call.
    pub(super) async fn change(&self, call: String) -> Result<MutexGuard<'_, State>> {
        tokio::task::yield_now().await;
        let mut state = self.state();
        if let Some(error) = &state.denied {
            return Err(error.clone());
        }
        state.calls.push(call);
        Ok(state)
    }
}

/// Whether a lock of this owner can be taken by `other`.
pub(super) fn lock_answer(held: Option<&LockOwner>, other: &LockOwner) -> Lock {
    match held {
        Some(owner) if owner.id != other.id => Lock::Held(owner.clone()),
        _ => Lock::Acquired,
    }
}

#[async_trait]
impl Cloud for FakeCloud {
    async fn identity(&self) -> Result<Identity> {
        drop(self.read().await?);
        Ok(Identity { account: "000000000000".into(), region: "local".into(), caller: "tester".into() })
    }

    fn poll_interval(&self) -> Duration {
        self.poll
    }
}
