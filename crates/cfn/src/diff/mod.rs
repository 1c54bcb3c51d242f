//! What an update does to each resource.
//!
//! Both templates are compared after their parameters are substituted, so a changed image shows
//! at the container's `Image`, not at a parameter. References to resources and pseudo parameters
//! stay symbolic; when the resource that they name is replaced, the change goes on from there.

mod cascade;
mod change;
mod compare;
mod mask;
mod policy;
mod properties;
mod table;

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

pub use change::Change;
pub use change::PropertyChange;
pub use change::ResourceChange;
pub use change::TemplateDiff;
pub use change::Verdict;
pub use compare::diff;
