//! YAML text to a spanned node tree.
//!
//! Every scalar keeps its raw text, its style and its place: Compose reads by expected type
//! (`mode: 0440`, `3.10`, `22:22`), never by guessing. This crate must not know Compose.

mod node;

pub use node::Entry;
pub use node::Key;
pub use node::Map;
pub use node::Node;
pub use node::Style;
pub use node::Value;
