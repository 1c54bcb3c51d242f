//! Intrinsic functions to plain JSON.
//!
//! An [`Evaluator`] knows a template, parameter values, pseudo parameters and, through
//! [`Resolve`], the physical ids and attributes of resources that are there already.

mod base64;
mod cidr;
mod error;
mod evaluator;
mod logic;
mod parameters;
mod path;
mod pseudo;
mod resolve;
mod scope;
mod sub;

#[cfg(test)]
mod tests;

pub use error::EvaluateError;
pub use evaluator::Evaluator;
pub(crate) use logic::scalar;
pub(crate) use path::Path;
pub use pseudo::PseudoParameters;
pub use resolve::KnownResources;
pub use resolve::Resolve;
pub(crate) use scope::Scope;
pub(crate) use sub::Piece;
pub(crate) use sub::pieces;
