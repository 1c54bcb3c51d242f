//! ECS: task definitions, services with their deployments, tasks.

mod definition;
mod deploy;
mod describe;
mod operations;
mod schedule;
mod state;
mod task;
mod task_operations;

pub(super) use definition::register;
pub(super) use deploy::Progress;
pub(super) use deploy::Wanted;
pub(super) use deploy::create_service;
pub(super) use deploy::delete_service;
pub(super) use deploy::insert_settled;
pub(super) use deploy::progress;
pub(super) use deploy::update_service;
pub(super) use operations::answer;
pub(super) use schedule::busy;
pub(super) use schedule::gone;
pub(super) use schedule::step;
pub(super) use state::Ecs;
pub(super) use state::Task;
pub(super) use state::int;
