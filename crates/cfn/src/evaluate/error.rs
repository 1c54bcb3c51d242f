//! What can go wrong in an evaluation.

/// A value that cannot be computed: reads as `{path}: {message}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct EvaluateError {
    /// Where, such as `Resources.Web.Properties.Name.Fn::Join[1]`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl EvaluateError {
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        EvaluateError { path: path.into(), message: message.into() }
    }
}
