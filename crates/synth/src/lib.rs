//! Model and environment to a set of CloudFormation stacks.
//!
//! Pure and deterministic: the same model gives the same bytes. Knows no cloud.

mod stack_set;

pub use stack_set::Gate;
pub use stack_set::ParameterSource;
pub use stack_set::StackKind;
pub use stack_set::StackSet;
pub use stack_set::StackSpec;
pub use stack_set::VerifyCheck;
pub use stack_set::WorkloadSpec;
