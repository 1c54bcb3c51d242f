//! Other formats to Compose.
//!
//! Reads documents, never a network: what comes in is text that another tool printed. Each format
//! is a module with one function that returns an [`Imported`]: a Compose file as JSON (YAML is a
//! superset), and everything that it could not carry over, so that nothing is lost silently.
//!
//! Today: ECS task definitions ([`ecs`]). Later issues add Copilot manifests, compose-ecs files
//! and Kubernetes manifests, and YAML output with comments.
//!
//! This crate must not know an SDK or the `model`.

pub mod ecs;
mod imported;

pub use imported::ImportError;
pub use imported::Imported;
pub use imported::Left;
