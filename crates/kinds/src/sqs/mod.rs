//! `x-sqs`: queues.

mod data;
mod kind;
mod redrive;

pub(crate) use kind::Sqs;
