//! `x-sqs`: queues.

mod data;
mod kind;
mod policy;
mod redrive;
mod scaling;

pub(crate) use kind::Sqs;
