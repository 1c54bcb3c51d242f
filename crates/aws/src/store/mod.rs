//! Secrets, and what is kept in the artifact bucket: locks and release records.

mod keys;
mod locks;
mod objects;
mod port;
mod releases;
mod secrets;

pub(crate) use keys::segment;
