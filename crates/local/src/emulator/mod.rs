//! The AWS APIs that the application itself calls, on this machine.
//!
//! [`Emulator`] is an HTTP server in front of winterbaume's service crates (SQS so far) and
//! realises the resource types of those services. Containers reach it as
//! `host.docker.internal`, programs on this machine as `127.0.0.1`; it answers under any name.
//! Signatures are not checked, policies not enforced. What it cannot do stands in
//! `docs/emulators.md`.

mod attributes;
mod backend;
mod fault;
mod query;
mod queue;
mod saved;
mod server;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) use server::Emulator;
