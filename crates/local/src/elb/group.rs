//! Target groups: membership, choice of a target, draining.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use seaway_cloud::TargetHealth;
use tokio::time::Instant;

use super::definition::Settings;
use super::forward::PROBABLY_OPEN;
use super::health;
use super::target::InFlight;
use super::target::Target;
use crate::lock::lock;

/// A target group at work.
#[derive(Debug)]
pub(super) struct Group {
    /// Name, for people.
    pub(super) name: String,
    /// A listener or rule forwards to it.
    pub(super) in_use: AtomicBool,
    settings: RwLock<Arc<Settings>>,
    targets: Mutex<Vec<Arc<Target>>>,
    turn: AtomicUsize,
}

impl Group {
    /// Makes a group without targets.
    pub(super) fn new(name: &str, settings: Settings) -> Group {
        Group {
            name: name.to_owned(),
            in_use: AtomicBool::new(false),
            settings: RwLock::new(Arc::new(settings)),
            targets: Mutex::new(Vec::new()),
            turn: AtomicUsize::new(0),
        }
    }

    /// Returns health check and attributes.
    pub(super) fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces health check and attributes; targets and their health stay.
    pub(super) fn update(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Adds a target and begins to check it. One that is there already with this address keeps
    /// its health; one that drains, or moved, begins anew.
    pub(super) fn register(self: &Arc<Self>, id: &str, address: SocketAddr) {
        let target = {
            let mut targets = lock(&self.targets);
            if let Some(at) = targets.iter().position(|target| target.id == id) {
                if targets[at].address == address && !targets[at].is_draining() {
                    return;
                }
                let old = targets.remove(at);
                old.gone.cancel();
                old.close_idle();
            }
            let target = Arc::new(Target::new(id, address));
            targets.push(target.clone());
            target
        };
        tokio::spawn(self.clone().check(target));
    }

    /// Checks a target until it is gone.
    async fn check(self: Arc<Self>, target: Arc<Target>) {
        let registered = Instant::now();
        let run = async {
            loop {
                let settings = self.settings();
                let outcome = health::probe(target.address, &settings.check).await;
                let pause = {
                    let mut track = lock(&target.track);
                    track.record(outcome, registered.elapsed(), &settings.check);
                    track.pause(&settings.check)
                };
                target.close_stale(PROBABLY_OPEN);
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            () = run => (),
            () = target.gone.cancelled() => (),
        }
    }

    /// Begins draining. The target is dropped as soon as no request is under way, or after the
    /// deregistration delay.
    pub(super) fn deregister(self: &Arc<Self>, id: &str) {
        let target = {
            let targets = lock(&self.targets);
            let Some(target) = targets.iter().find(|target| target.id == id) else { return };
            if target.draining.swap(true, Ordering::AcqRel) {
                return;
            }
            target.clone()
        };
        target.close_idle();
        tokio::spawn(self.clone().drain(target));
    }

    async fn drain(self: Arc<Self>, target: Arc<Target>) {
        let delay = Duration::from_secs(self.settings().delay);
        let quiet = async {
            loop {
                // Enabled before the look at the counter: an end in between is not missed.
                let ended = target.ended.notified();
                tokio::pin!(ended);
                ended.as_mut().enable();
                if target.in_flight() == 0 {
                    return;
                }
                ended.await;
            }
        };
        let _ = tokio::time::timeout(delay, quiet).await;
        lock(&self.targets).retain(|other| !Arc::ptr_eq(other, &target));
        target.gone.cancel();
        target.close_idle();
    }

    /// Returns the health of a target; `None` when it is not registered.
    pub(super) fn health(&self, id: &str) -> Option<TargetHealth> {
        let target = lock(&self.targets).iter().find(|target| target.id == id)?.clone();
        let (state, reason, description) = if target.is_draining() {
            (
                "draining",
                Some("Target.DeregistrationInProgress"),
                Some("Target deregistration is in progress".to_owned()),
            )
        } else if !self.in_use.load(Ordering::Acquire) {
            (
                "unused",
                Some("Target.NotInUse"),
                Some("Target group is not configured to receive traffic from the load balancer".to_owned()),
            )
        } else {
            lock(&target.track).describe()
        };
        Some(TargetHealth {
            target_group: self.name.clone(),
            state: state.to_owned(),
            reason: reason.map(ToOwned::to_owned),
            description,
        })
    }

    /// Chooses a target that is not in `tried`: the one of the stickiness cookie, or the next in
    /// turn among the healthy ones; among all when none is healthy (ELB "fails open").
    pub(super) fn choose(&self, sticky: Option<&str>, tried: &[Arc<Target>]) -> Option<InFlight> {
        let targets = lock(&self.targets);
        let open: Vec<&Arc<Target>> = targets
            .iter()
            .filter(|target| !target.is_draining() && !tried.iter().any(|other| Arc::ptr_eq(other, target)))
            .collect();
        let healthy: Vec<&Arc<Target>> = open.iter().copied().filter(|target| target.healthy()).collect();
        // Fail open only where no target at all is healthy: with one healthy but tried, the
        // others are still known to be bad.
        let none_healthy = !targets.iter().any(|target| !target.is_draining() && target.healthy());
        let candidates = if none_healthy { open } else { healthy };
        let chosen =
            if let Some(same) = sticky.and_then(|key| candidates.iter().find(|target| target.key == key)) {
                same
            } else if self.settings().least_outstanding {
                candidates.iter().min_by_key(|target| target.in_flight())?
            } else if candidates.is_empty() {
                return None;
            } else {
                candidates[self.turn.fetch_add(1, Ordering::Relaxed) % candidates.len()]
            };
        Some(InFlight::new(chosen.clone()))
    }

    /// Drops all targets at once.
    pub(super) fn close(&self) {
        for target in lock(&self.targets).drain(..) {
            target.gone.cancel();
            target.close_idle();
        }
    }
}
