//! The merged tree → the project, every value in its long form.
//!
//! The schema check has reported what cannot be read; the readers here pass over it in silence.

mod build;
mod container;
mod deploy;
mod lists;
mod pairs;
mod project;
mod service;
mod value;

pub(crate) use build::is_remote;
pub(crate) use project::read;
pub(crate) use service::below;
pub(crate) use service::labels_below;
