//! Stacks.

mod body;
mod capabilities;
mod change;
mod decide;
mod describe;
mod events;
mod recover;
mod stacks;

pub use decide::Action;
pub use decide::Wish;
pub use decide::decide;
pub(crate) use events::EventBook;
pub use events::root_cause;
