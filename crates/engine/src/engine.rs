//! The engine and its options.

use std::sync::Arc;
use std::time::Duration;

use seaway_cloud::Cloud;

use crate::EventSink;
use crate::Http;
use crate::Interrupt;
use crate::PlainHttp;

/// How an operation is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait for somebody else's lock.
    pub lock_wait: Duration,
    /// How long an operation may take in all; `None` for ever.
    pub timeout: Option<Duration>,
    /// How long a second signal may follow the first before the command leaves.
    pub detach_grace: Duration,
    /// Resources of a protected environment whose data may go (`replace:NAME` or `NAME`).
    pub allow_replace: Vec<String>,
    /// Only plan.
    pub dry_run: bool,
    /// `user@host`.
    pub who: String,
    /// Commit of the working tree.
    pub commit: Option<String>,
    /// Address of the CI run.
    pub run_url: Option<String>,
    /// Process id, for the lock.
    pub pid: u32,
    /// Unique for each run, for the lock.
    pub run_id: String,
    /// Silence after which a heartbeat says what is waited for.
    pub heartbeat: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            lock_wait: Duration::ZERO,
            timeout: None,
            detach_grace: Duration::ZERO,
            allow_replace: Vec::new(),
            dry_run: false,
            who: String::new(),
            commit: None,
            run_url: None,
            pid: 0,
            run_id: String::new(),
            heartbeat: Duration::from_secs(15),
        }
    }
}

/// Drives a cloud.
#[derive(Clone)]
pub struct Engine {
    pub(crate) cloud: Arc<dyn Cloud>,
    pub(crate) events: EventSink,
    pub(crate) options: Options,
    pub(crate) http: Arc<dyn Http>,
    pub(crate) interrupt: Interrupt,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Engine {
    /// Returns an engine; checks go over plain HTTP.
    pub fn new(cloud: Arc<dyn Cloud>, events: EventSink, options: Options) -> Self {
        Engine {
            cloud,
            events,
            options,
            http: Arc::new(PlainHttp::default()),
            interrupt: Interrupt::default(),
        }
    }

    /// Sets what checks ask with.
    #[must_use]
    pub fn with_http(mut self, http: Arc<dyn Http>) -> Self {
        self.http = http;
        self
    }

    /// Returns the handle that detaches or cancels what runs.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Lets time pass between two looks.
    pub(crate) async fn pause(&self) {
        tokio::time::sleep(self.cloud.poll_interval()).await;
    }
}
