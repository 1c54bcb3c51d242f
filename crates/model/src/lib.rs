//! The application model: built from a Compose project for one environment, validated whole.
//!
//! Workloads (services, jobs, tasks), the resources that they need, access edges, routes and the
//! environment. Knows nothing of how any of it is rendered.

mod app;
mod environment;
mod workload;

pub use app::AccessEdge;
pub use app::App;
pub use app::Resource;
pub use app::Secret;
pub use app::SecretOrigin;
pub use environment::Environment;
pub use environment::LOCAL;
pub use workload::*;
