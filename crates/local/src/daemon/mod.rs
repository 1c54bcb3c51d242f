//! The background process.

mod dispatch;
mod host;
mod images;
mod machine;
mod remove;
mod serve;
mod server;
mod session;
#[cfg(test)]
mod tests;

pub use serve::serve;
