//! The client's side of the socket.

mod cloud;
mod connection;
mod session;
mod start;

pub use cloud::LocalCloud;
pub(crate) use cloud::POLL_INTERVAL;
