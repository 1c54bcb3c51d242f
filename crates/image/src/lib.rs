//! Images: build contexts and their content hash, build drivers, names and digests.
//!
//! [`content_hash`] says what a build depends on without asking the engine; [`build`] has the
//! engine build it, and does nothing when an image of that content is there already. Must not
//! know CloudFormation.

mod archive;
mod build;
mod connect;
mod context;
mod error;
mod hash;
mod ignorefile;
mod reference;
mod spec;

pub use build::Built;
pub use build::build;
pub use build::exists;
pub use build::image_id;
pub use connect::EngineError;
pub use connect::connect;
pub use error::ImageError;
pub use hash::content_hash;
pub use reference::Reference;
pub use reference::is_valid_repository;
pub use reference::is_valid_tag;
pub use reference::local_tag;
pub use spec::BuildSpec;
