//! YAML text to a spanned node tree.
//!
//! Every scalar keeps its raw text, its style and its place: Compose reads by expected type
//! (`mode: 0440`, `3.10`, `22:22`), never by guessing. This crate must not know Compose.
//!
//! ```
//! use seaway_diag::{Sink, SourceMap};
//! let mut sources = SourceMap::default();
//! let file = sources.add("a.yaml", "web: &x {image: shop/web}\napi: *x\n");
//! let mut sink = Sink::default();
//! let node = seaway_yaml::parse(file, &sources, &mut sink).unwrap();
//! let image = node.as_map().and_then(|map| map.get("api")?.as_map()?.get("image"));
//! assert_eq!(image.and_then(|node| node.as_str()), Some("shop/web"));
//! ```

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
