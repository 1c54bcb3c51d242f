//! The Compose Specification: locate, interpolate, merge, normalise, validate.
//!
//! Knows nothing of AWS or of Seaway: `x-…` keys are kept with their places and handed on. Reads
//! no value of a secret, and reaches files through [`Files`] alone.
//!
//! ```
//! use seaway_compose::{Disk, LoadOptions, load};
//! use seaway_diag::{Sink, SourceMap, render};
//! let options = LoadOptions { working_directory: "/no/such/folder".into(), ..LoadOptions::default() };
//! let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
//! assert!(load(&options, &Disk, &mut sources, &mut sink).is_none());
//! assert!(render::text(sink.all(), &sources, false).contains("SW0214"));
//! ```

mod check;
pub mod codes;
mod conflicts;
mod cycles;
mod dotenv;
mod extends;
mod hash;
mod include;
mod interpolate;
mod load;
mod loader;
mod locate;
mod merge;
mod mount;
mod normalise;
mod options;
mod output;
mod paths;
mod port;
mod profiles;
mod published;
mod read;
mod scalar;
mod schema;
mod types;
mod validate;
mod variables;

pub use hash::hashes;
pub use load::LOOKUPS;
pub use load::Loaded;
pub use load::load;
pub use load::load_all;
pub use locate::Location;
pub use locate::NAMES;
pub use locate::find;
pub use normalise::normalised;
pub use options::Disk;
pub use options::Files;
pub use options::LoadOptions;
pub use output::merged_to_value;
pub use output::to_value;
pub use output::to_yaml;
pub use output::value_to_yaml;
pub use schema::keys;
pub use types::*;
pub use variables::VariableUse;
pub use variables::VariableUses;
