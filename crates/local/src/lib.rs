//! The cloud port on this machine: CloudFormation stacks realised with a container engine.
//!
//! One small background process per machine ([`serve`]) owns everything: stacks, ECS services
//! and tasks, load balancers, schedules, the emulated AWS APIs. [`LocalCloud`] is the client: the
//! `cloud` port over a private Unix socket. Must not know the AWS SDK, nor `engine`.

mod options;
mod realiser;
mod store;

pub use options::LocalOptions;
