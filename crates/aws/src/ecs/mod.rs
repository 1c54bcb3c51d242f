//! Services and tasks.

mod definition;
mod deployments;
mod exec;
mod names;
mod plugin;
mod run;
mod service_view;
mod services;
mod task_view;
mod tasks;

pub(crate) use definition::Definition;
pub(crate) use names::short_definition;
