//! `x-kinesis`: streams.

mod data;
mod kind;

pub(crate) use kind::Kinesis;
