//! The stack of a workload, one module per concern.

mod containers;
mod logs;
mod policy;
mod roles;
mod routing;
mod schedule;
mod security;
mod service;
mod spec;
mod stack;
mod task_definition;

pub(crate) use stack::synth;
