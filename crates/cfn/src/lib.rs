//! CloudFormation as a library: templates with typed intrinsics, canonical JSON, evaluation,
//! dependency graph, lint and diff.
//!
//! This crate must not know Compose or ECS semantics.

mod intrinsic;
mod template;
mod value;

pub use intrinsic::Intrinsic;
pub use template::Output;
pub use template::Parameter;
pub use template::Resource;
pub use template::Template;
pub use value::Value;
