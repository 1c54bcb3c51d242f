//! CloudFormation: stacks, change sets, events.

mod change_set;
mod describe;
mod events;
mod initial;
mod machine;
mod operations;
mod plan;
mod prepare;
mod resources;
mod state;
mod undo;

pub(super) use initial::insert_initial;
pub(super) use machine::busy;
pub(super) use machine::step;
pub(super) use operations::answer;
pub(super) use state::ChangeSet;
pub(super) use state::Stack;
pub(super) use state::find_live;
