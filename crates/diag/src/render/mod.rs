//! Findings as text, JSON and GitHub annotations.

mod github;
mod json;
mod text;

pub use github::github;
pub use json::json;
pub use text::text;
