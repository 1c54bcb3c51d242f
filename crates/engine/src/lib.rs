//! Plan, stack graph, release, verification and rollback over the cloud port.
//!
//! The engine takes the stacks that synthesis made ([`seaway_synth::StackSet`]) and drives a
//! [`seaway_cloud::Cloud`] until they serve, or until everything that moved is back where it was.
//! It knows no SDK, no container engine and no terminal: what happens is an
//! [`Event`](seaway_cloud::event::Event) in an [`EventSink`], what came of it a [`Finished`].
//!
//! Killed at any point and called again, it converges: the state is the stacks themselves, the
//! lock and the release records behind the port.
//!
//! ```
//! use std::sync::Arc;
//!
//! use indexmap::IndexMap;
//! use seaway_cloud::fake::FakeCloud;
//! use seaway_engine::{Engine, EventSink, Options};
//! use seaway_synth::StackSet;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let set = StackSet {
//!     app: "shop".into(),
//!     environment: "local".into(),
//!     protected: false,
//!     stacks: Vec::new(),
//! };
//! let (events, mut stream) = EventSink::channel();
//! let engine = Engine::new(Arc::new(FakeCloud::new()), events, Options::default());
//! let finished = engine.up(&set, &IndexMap::new(), &[], None).await;
//! assert_eq!((finished.exit_code, finished.release), (0, None));
//! assert!(stream.try_recv().is_ok());
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```

mod apply;
mod back;
mod deployed;
mod dossier;
mod down;
mod engine;
mod error;
mod events;
mod failure;
mod finished;
mod gate;
mod graph;
mod http;
mod interrupt;
mod one_off;
mod parameters;
mod plan;
mod plan_summary;
mod release;
mod retry;
mod rollback;
mod run;
mod scale;
mod service_watch;
mod status;
mod unit;
mod up;
mod verify;
mod watch;
mod watchdog;

pub use dossier::Dossier;
pub use dossier::StoppedTask;
pub use dossier::WentBack;
pub use engine::Engine;
pub use engine::Options;
pub use error::EngineError;
pub use events::Clock;
pub use events::EventSink;
pub use events::SystemClock;
pub use finished::Finished;
pub use http::Http;
pub use http::HttpAnswer;
pub use http::PlainHttp;
pub use interrupt::Interrupt;
pub use one_off::OneOff;
pub use plan::ParameterChange;
pub use plan::Plan;
pub use plan::StackAction;
pub use plan::StackPlan;
pub use plan_summary::WorkloadChange;
pub use status::ScheduleStatus;
pub use status::StackState;
pub use status::Status;
pub use status::TaskStatus;
pub use status::WorkloadStatus;
