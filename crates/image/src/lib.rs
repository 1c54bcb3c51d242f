//! Images: build contexts and their content hash, build drivers, names and digests.
//!
//! Must not know CloudFormation.

mod connect;

pub use connect::EngineError;
pub use connect::connect;
