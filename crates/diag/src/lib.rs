//! Source spans, diagnostics and their rendering.
//!
//! Everything that reads a user's file reports what it finds as a [`Diagnostic`] pushed to a
//! [`Sink`], and goes on: one run shows all findings. Diagnostics point into a [`SourceMap`] by
//! [`Span`] and are rendered as text with source lines, as JSON, or as GitHub annotations.
//!
//! This crate must not know YAML, Compose, CloudFormation or a terminal: it returns strings.
//!
//! ```
//! use seaway_diag::{Diagnostic, Sink, SourceMap, render};
//! let mut sources = SourceMap::default();
//! let file = sources.add("compose.yaml", "services:\n  web: {imag: x}\n");
//! let mut sink = Sink::default();
//! sink.push(
//!     Diagnostic::error("SW0201", "unknown key `imag` in service `web`")
//!         .label(sources.span(file, 18, 22), "not a key of the Compose Specification")
//!         .help("did you mean `image`?"),
//! );
//! assert!(render::text(sink.all(), &sources, false).contains("compose.yaml:2:9"));
//! ```

mod diagnostic;
pub mod render;
mod sink;
mod source;
mod suggest;

pub use diagnostic::Diagnostic;
pub use diagnostic::Fix;
pub use diagnostic::Label;
pub use diagnostic::Severity;
pub use sink::Sink;
pub use source::FileId;
pub use source::Position;
pub use source::SourceFile;
pub use source::SourceMap;
pub use source::Span;
pub use source::Spanned;
pub use suggest::nearest;
