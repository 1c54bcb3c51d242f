//! What can go wrong with images.

use camino::Utf8PathBuf;

/// Why an image could not be hashed, built or found. Reads as a sentence of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// A file or folder of the build cannot be read.
    #[error("cannot read {path} for the build of `{service}`: {reason}")]
    Read {
        /// Compose service.
        service: String,
        /// What cannot be read.
        path: Utf8PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Something in the context that cannot go to the engine.
    #[error(
        "{path} is {kind}, which cannot be part of the build of `{service}`: remove it or list it in .dockerignore"
    )]
    Unsupported {
        /// Compose service.
        service: String,
        /// Where it is.
        path: Utf8PathBuf,
        /// Such as `a named pipe`.
        kind: &'static str,
    },
    /// A line of .dockerignore that is no pattern.
    #[error("{path}, line {line}: `{pattern}` is no valid pattern")]
    Pattern {
        /// The ignore file.
        path: Utf8PathBuf,
        /// Line, from 1.
        line: usize,
        /// The line.
        pattern: String,
    },
    /// A step of the Dockerfile failed.
    #[error("the build of `{service}` failed at {}: {message}", step.as_deref().unwrap_or("its start"))]
    Build {
        /// Compose service.
        service: String,
        /// Such as `Step 3/5 : RUN make`.
        step: Option<String>,
        /// What the engine says.
        message: String,
        /// The last lines of the build's output.
        output: Vec<String>,
    },
    /// The engine refused something, or does not answer.
    #[error("failed to {operation}: {message}")]
    Engine {
        /// Such as `inspect image shop:1`.
        operation: String,
        /// What the engine says.
        message: String,
    },
    /// A name that is no image reference.
    #[error("`{text}` is no image reference: {reason}")]
    Reference {
        /// As it was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}
