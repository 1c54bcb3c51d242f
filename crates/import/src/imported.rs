//! What an import returns.

use serde_json::Value;

/// A Compose file made from another format.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The Compose file: `services`, and `secrets` and `volumes` where there are any.
    pub compose: Value,
    /// What could not be carried over, in the order of the document.
    pub left: Vec<Left>,
}

/// Something that has no place in the Compose file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where it stands in the document, such as `containerDefinitions[web].firelensConfiguration`.
    pub path: String,
    /// Why, and what to do instead.
    pub reason: String,
}

/// A document that cannot be imported: reads as "failed to import: …".
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The text is not JSON.
    #[error("read the document as JSON")]
    Json(#[from] serde_json::Error),
    /// The document is something else.
    #[error("find {missing} in the document")]
    NotThis {
        /// What it should have.
        missing: &'static str,
    },
}
