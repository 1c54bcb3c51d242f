//! ECS on this machine: clusters, task definitions, services, tasks, schedules, logs, exec.
//!
//! [`Ecs`] realises the resource types of ECS and EventBridge Scheduler, and answers the
//! questions of the port. Behind it: one [`state`](state::State) on disk, a runner for each task,
//! a loop for each service around a pure [`scheduler`], and the container engine. Containers are
//! found again by their labels, so that nothing is lost when the background process is killed.

mod adopt;
mod api_services;
mod api_tasks;
mod container;
mod deployment;
mod engine;
mod exec;
mod expression;
mod handle;
mod health;
mod ids;
mod inner;
mod lenient;
mod log_follow;
mod log_store;
mod new_task;
mod realise;
mod realise_schedule;
mod realise_service;
mod realise_shared;
mod runner;
mod schedule;
mod scheduler;
mod secrets;
mod service;
mod service_properties;
mod start;
mod start_plan;
mod state;
mod task_definition;
mod watch;

#[cfg(test)]
mod engine_bed;
#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod scheduler_tests;

pub(crate) use handle::Ecs;
pub(crate) use handle::EcsParts;
