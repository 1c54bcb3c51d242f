//! The background process.

mod dispatch;
mod host;
mod remove;
mod server;
mod session;
#[cfg(test)]
mod tests;
