//! Targets: health, requests under way, idle connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::body::TargetBody;
use super::cookie;
use super::health::State;
use super::health::Track;
use crate::lock::lock;

/// A connection to a target.
pub(super) type Sender = SendRequest<TargetBody>;

/// How many idle connections a target keeps; more are closed.
const IDLE_CONNECTIONS: usize = 256;

/// A registered target.
#[derive(Debug)]
pub(super) struct Target {
    /// As ECS names it.
    pub(super) id: String,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// What stands in a stickiness cookie.
    pub(super) key: String,
    /// Health so far.
    pub(super) track: Mutex<Track>,
    /// It gets no new requests.
    pub(super) draining: AtomicBool,
    /// Ends its health checks and, once it is drained, its tunnels.
    pub(super) gone: CancellationToken,
    /// Woken whenever a request ended.
    pub(super) ended: Notify,
    in_flight: AtomicUsize,
    idle: Mutex<Vec<(Sender, Instant)>>,
}

impl Target {
    /// Makes a target that was never checked.
    pub(super) fn new(id: &str, address: SocketAddr) -> Target {
        Target {
            id: id.to_owned(),
            address,
            key: cookie::key(id),
            track: Mutex::new(Track::new()),
            draining: AtomicBool::new(false),
            gone: CancellationToken::new(),
            ended: Notify::new(),
            in_flight: AtomicUsize::new(0),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Returns true when checks pass.
    pub(super) fn healthy(&self) -> bool {
        lock(&self.track).state == State::Healthy
    }

    /// Returns true when it gets no new requests.
    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Returns the number of requests under way.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// Returns an idle connection that was used within `fresh`.
    pub(super) async fn reuse(&self, fresh: Duration) -> Option<Sender> {
        loop {
            let (mut sender, since) = lock(&self.idle).pop()?;
            if since.elapsed() > fresh {
                // The newest is too old, so all are.
                lock(&self.idle).clear();
                return None;
            }
            // The connection's own task needs a moment to see the end of the last response; it
            // answers with an error when the target has closed.
            let ready = tokio::time::timeout(Duration::from_millis(20), sender.ready()).await;
            if matches!(ready, Ok(Ok(()))) {
                return Some(sender);
            }
        }
    }

    /// Takes back a connection whose response was read to its end.
    pub(super) fn give_back(&self, sender: Sender) {
        if sender.is_closed() || self.is_draining() || self.gone.is_cancelled() {
            return;
        }
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push((sender, Instant::now()));
        }
    }

    /// Closes idle connections that are not worth a try any more.
    pub(super) fn close_stale(&self, fresh: Duration) {
        lock(&self.idle).retain(|(sender, since)| !sender.is_closed() && since.elapsed() <= fresh);
    }

    /// Closes all idle connections.
    pub(super) fn close_idle(&self) {
        lock(&self.idle).clear();
    }
}

/// A request under way: counted until it is dropped.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Target>);

impl InFlight {
    /// Counts a request. Called under the lock of the target group, so that nobody sees the
    /// target as drained between its choice and this.
    pub(super) fn new(target: Arc<Target>) -> InFlight {
        target.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(target)
    }

    /// Returns the target.
    pub(super) fn target(&self) -> &Arc<Target> {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.0.ended.notify_waiters();
    }
}
