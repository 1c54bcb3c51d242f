//! How an operation ended.

use indexmap::IndexMap;
use seaway_cloud::Outcome;
use serde::Serialize;

use crate::Dossier;
use crate::EngineError;
use crate::Plan;

/// How an operation ended.
#[derive(Clone, Debug, Serialize)]
pub struct Finished {
    /// How it ended.
    pub outcome: Outcome,
    /// Exit code of design.md section 9.
    pub exit_code: i32,
    /// In one line.
    pub summary: String,
    /// Number of the release, where there is one.
    pub release: Option<u64>,
    /// What it found out about a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier: Option<Dossier>,
    /// What kept it from working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<EngineError>,
    /// What it was going to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Workload → public address.
    pub urls: IndexMap<String, String>,
}
