//! The merged tree → the project, every value in its long form.
//!
//! The schema check has reported what cannot be read; the readers here pass over it in silence.

mod deploy;
mod lists;
mod pairs;
mod project;
mod service;
mod value;

pub(crate) use deploy::is_remote;
pub(crate) use project::EnvFile;
pub(crate) use project::Read;
pub(crate) use project::read;
pub(crate) use service::below;
