//! YAML text to a spanned node tree.
//!
//! Every scalar keeps its raw text, its style and its place: Compose reads by expected type
//! (`mode: 0440`, `3.10`, `22:22`), never by guessing. This crate must not know Compose.

pub mod codes;
mod emit;
mod map;
mod node;
mod parse;
mod syntax;

pub use emit::emit;
pub use map::Entry;
pub use map::Key;
pub use map::Map;
pub use node::Node;
pub use node::Style;
pub use node::Value;
pub use parse::parse;
