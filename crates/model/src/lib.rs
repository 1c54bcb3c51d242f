//! The application model: built from a Compose project for one environment, validated whole.
//!
//! Workloads (services, jobs, tasks), the resources that they need, access edges, routes and the
//! environment. Knows nothing of how any of it is rendered.

mod app;
mod assemble;
mod build;
mod cidr;
pub mod codes;
mod container;
mod duration;
mod environment;
mod environments;
mod extensions;
mod graph;
mod group;
mod health;
mod iam;
mod job;
mod lookups;
mod priority;
mod resources;
mod rollout;
mod routes;
mod schedule;
mod secrets;
mod section;
mod size;
mod unsupported;
mod workload;

pub use app::AccessEdge;
pub use app::App;
pub use app::Resource;
pub use app::Secret;
pub use app::SecretOrigin;
pub use build::build;
pub use cidr::Cidr;
pub use environment::Environment;
pub use environment::LOCAL;
pub use environments::environment_files;
pub use extensions::MODULES;
pub use schedule::ScheduleError;
pub use schedule::read_schedule;
pub use workload::*;
