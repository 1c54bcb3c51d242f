//! Model and environment to a set of CloudFormation stacks.
//!
//! Pure and deterministic: the same model gives the same bytes. Knows no cloud.

mod builder;
pub mod codes;
mod context;
pub mod fate;
mod naming;
mod network;
mod output;
mod platform;
mod resources;
mod stack_set;
mod synth;
mod workload;

pub use naming::Names;
pub use naming::logical_id;
pub use stack_set::Gate;
pub use stack_set::ParameterSource;
pub use stack_set::StackKind;
pub use stack_set::StackSet;
pub use stack_set::StackSpec;
pub use stack_set::VerifyCheck;
pub use stack_set::WorkloadSpec;
pub use synth::synth;
