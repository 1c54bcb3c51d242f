//! The stack of a workload, one module per concern.

mod containers;
mod edges;
mod logs;
mod policy;
mod roles;
mod routing;
mod scaling;
mod schedule;
mod security;
mod service;
mod spec;
mod stack;
mod task_definition;

pub(crate) use stack::synth;
