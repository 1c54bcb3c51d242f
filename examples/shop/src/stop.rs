//! The end of a process: SIGTERM from the engine, SIGINT from a terminal.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

/// Tells whether the process was asked to stop.
#[derive(Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Returns true once the process was asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Installs the handlers. PID 1 gets no default action for a signal, so without this a container
/// would ignore SIGTERM and be killed when its time is up. `then` runs on a thread of its own.
pub fn on_signal(then: impl FnOnce() + Send + 'static) -> Result<Stop, String> {
    let stop = Stop::default();
    let seen = stop.clone();
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(|error| error.to_string())?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            seen.0.store(true, Ordering::Release);
            then();
        }
    });
    Ok(stop)
}
