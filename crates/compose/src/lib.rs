//! The Compose Specification: locate, interpolate, merge, normalise, validate.
//!
//! Knows nothing of AWS or of Seaway: `x-…` keys are kept with their places and handed on.

mod check;
pub mod codes;
mod dotenv;
mod extends;
mod include;
mod interpolate;
mod load;
mod loader;
mod locate;
mod merge;
mod mount;
mod options;
mod output;
mod paths;
mod port;
mod profiles;
mod project;
mod read;
mod scalar;
mod schema;
mod validate;

pub use load::load;
pub use locate::Location;
pub use locate::NAMES;
pub use locate::find;
pub use options::Disk;
pub use options::Files;
pub use options::LoadOptions;
pub use output::to_value;
pub use output::to_yaml;
pub use project::*;
