//! Where events go: numbers and times are given here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use jiff::Timestamp;
use seaway_cloud::event::Event;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;
use tokio::sync::mpsc;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns the time.
    fn now(&self) -> Timestamp;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

struct Inner {
    seq: Mutex<u64>,
    told: Mutex<BTreeMap<String, u64>>,
    clock: Arc<dyn Clock>,
    out: Box<dyn Fn(Event) + Send + Sync>,
}

/// Takes what happens; clones share the numbering.
#[derive(Clone)]
pub struct EventSink {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for EventSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventSink")
    }
}

impl EventSink {
    /// Returns a sink that hands every event to `out`, in order.
    pub fn new(clock: Arc<dyn Clock>, out: impl Fn(Event) + Send + Sync + 'static) -> Self {
        EventSink {
            inner: Arc::new(Inner {
                seq: Mutex::new(0),
                told: Mutex::new(BTreeMap::new()),
                clock,
                out: Box::new(out),
            }),
        }
    }

    /// Returns a sink and the channel that its events come out of; this machine's clock.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let sink = EventSink::new(Arc::new(SystemClock), move |event| {
            // A reader that went away is no reason to stop a release.
            let _ = sender.send(event);
        });
        (sink, receiver)
    }

    /// Returns the clock's time.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Takes an event of whoever drives the engine, such as the command that builds the images.
    pub fn emit(&self, level: Level, phase: Phase, workload: Option<&str>, kind: EventKind) {
        self.push(&self.phase(phase).workload(workload), level, kind);
    }

    /// Returns how many events there were.
    pub(crate) fn count(&self) -> u64 {
        *self.inner.seq.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true when the event with this number of a stack has not been told before: one
    /// operation is watched more than once, when it is joined, cancelled or taken back.
    pub(crate) fn is_news(&self, stack: &str, number: u64) -> bool {
        let mut told = self.inner.told.lock().unwrap_or_else(PoisonError::into_inner);
        let last = told.entry(stack.to_owned()).or_default();
        let news = number > *last;
        *last = number.max(*last);
        news
    }

    /// Forgets what was told of a stack that is gone: the next of its name counts anew.
    pub(crate) fn forget(&self, stack: &str) {
        self.inner.told.lock().unwrap_or_else(PoisonError::into_inner).remove(stack);
    }

    /// Returns where events about a part of the operation go.
    pub(crate) fn phase(&self, phase: Phase) -> Topic<'_> {
        Topic { sink: self, phase, stack: None, workload: None }
    }

    fn push(&self, topic: &Topic<'_>, level: Level, kind: EventKind) {
        // The lock is held while the event is handed over, so that order and number agree.
        let mut seq = self.inner.seq.lock().unwrap_or_else(PoisonError::into_inner);
        *seq += 1;
        (self.inner.out)(Event {
            time: self.inner.clock.now(),
            seq: *seq,
            level,
            phase: topic.phase,
            stack: topic.stack.map(str::to_owned),
            workload: topic.workload.map(str::to_owned),
            kind,
        });
    }
}

/// What events are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Topic<'a> {
    sink: &'a EventSink,
    phase: Phase,
    stack: Option<&'a str>,
    workload: Option<&'a str>,
}

impl<'a> Topic<'a> {
    /// Says which stack.
    pub(crate) fn stack(mut self, stack: &'a str) -> Self {
        self.stack = Some(stack);
        self
    }

    /// Says which workload.
    pub(crate) fn workload(mut self, workload: Option<&'a str>) -> Self {
        self.workload = workload;
        self
    }

    /// Pushes normal progress.
    pub(crate) fn info(&self, kind: EventKind) {
        self.sink.push(self, Level::Info, kind);
    }

    /// Pushes an event of some level.
    pub(crate) fn push(&self, level: Level, kind: EventKind) {
        self.sink.push(self, level, kind);
    }

    /// Pushes a line for people.
    pub(crate) fn say(&self, text: impl Into<String>) {
        self.info(EventKind::Message { text: text.into() });
    }

    /// Pushes a line for people about something to look at.
    pub(crate) fn warn(&self, text: impl Into<String>) {
        self.sink.push(self, Level::Warning, EventKind::Message { text: text.into() });
    }

    /// Pushes a state of the stack.
    pub(crate) fn state(&self, state: &str, reason: Option<&str>) {
        let level = if state.contains("FAILED") { Level::Error } else { Level::Info };
        let kind = EventKind::Stack { state: state.into(), reason: reason.map(str::to_owned) };
        self.sink.push(self, level, kind);
    }
}
