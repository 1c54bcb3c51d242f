//! A cloud in memory for tests: scripted, without clock or randomness.
//!
//! Time passes when somebody looks: every read of a stack, service or task that is under way
//! moves it on by one step. [`Behaviour`] says how containers behave, [`FakeCloud::changes`]
//! which changing calls were made, in order.

mod behaviour;
mod services;
mod stacks;
mod state;
mod store;
mod tasks;

pub use behaviour::Behaviour;
pub use state::FakeCloud;
pub use state::Picture;
