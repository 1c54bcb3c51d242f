//! The Compose Specification: locate, interpolate, merge, normalise, validate.
//!
//! Knows nothing of AWS or of Seaway: `x-…` keys are kept with their places and handed on.

mod options;
mod project;

pub use options::Disk;
pub use options::Files;
pub use options::LoadOptions;
pub use project::*;
