//! The tests that hold the workspace's shape, and what they need: reading the workspace's files.
//!
//! `tests/layers.rs` holds the table of design.md section 2: who may depend on whom, and what pure
//! crates must not touch. `tests/additions.rs` fails when a step of adding something is forgotten.
//! [`fake_aws`] answers as the AWS endpoints that Seaway calls, scripted and on a virtual clock.
//!
//! Only tests depend on this crate.

pub mod fake_aws;
mod workspace;

pub use workspace::root;
pub use workspace::rust_files;
pub use workspace::without_tests_and_comments;
