//! The tests that hold the workspace's shape, and what they need: reading the workspace's files.
//!
//! `tests/layers.rs` holds the table of design.md section 2: who may depend on whom, and what pure
//! crates must not touch. `tests/additions.rs` fails when a step of adding something is forgotten.
//! A later issue adds the scripted fake of AWS' endpoints here.
//!
//! Only tests depend on this crate.

mod workspace;

pub use workspace::root;
pub use workspace::rust_files;
pub use workspace::without_tests_and_comments;
