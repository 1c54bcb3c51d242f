//! What a rule does.

use serde::Deserialize;
use serde::Serialize;

/// One step, in the order in which steps can run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Run the tests.
    Test,
    /// Build the images.
    Build,
    /// Push the images that were built.
    Push,
    /// Release to an environment.
    Deploy {
        /// Environment name.
        environment: String,
    },
    /// Release to an environment the very digests that run in another one.
    Promote {
        /// Where they run.
        from: String,
        /// Where they go.
        to: String,
    },
    /// Check an environment.
    Verify {
        /// Environment name.
        environment: String,
    },
}
