//! The resource kinds of the `x-` modules, a folder each, and the registry that lists them.
//!
//! A kind knows its properties, access levels and attributes, checks what the user wrote and
//! turns it into CloudFormation resources. It must not know the network, other kinds' insides or
//! how stacks are cut.

mod check;
pub mod codes;
mod kind;
mod properties;
mod registry;
mod sqs;

pub use check::check;
pub use check::variables;
pub use kind::AccessLevel;
pub use kind::Kind;
pub use kind::Synth;
pub use registry::KINDS;
pub use registry::find;
