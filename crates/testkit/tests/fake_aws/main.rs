//! The fake of AWS' endpoints, by raw HTTP.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod client;
mod faults;
mod releases;
mod services_around;
mod stacks;
mod statuses;
