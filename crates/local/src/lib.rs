//! The cloud port on this machine: CloudFormation stacks realised with a container engine.
//!
//! One small background process per machine ([`serve`]) owns everything: stacks, ECS services
//! and tasks, load balancers, schedules, the emulated AWS APIs. [`LocalCloud`] is the client: the
//! `cloud` port over a private Unix socket. Must not know the AWS SDK, nor `engine`.

mod client;
mod daemon;
mod declared;
mod ecs;
mod elb;
mod emulator;
mod lock;
mod log;
mod options;
mod realiser;
mod records;
mod rpc;
mod secrets;
mod stacks;
mod status;
mod store;

pub use client::LocalCloud;
pub use daemon::serve;
pub use options::LocalOptions;
pub use status::ContainerCounts;
pub use status::EngineStatus;
pub use status::ListenerLine;
pub use status::LocalDown;
pub use status::LocalStatus;
pub use status::ServiceLine;
pub use status::StackLine;
