//! `x-sns`: topics.

mod data;
mod kind;

pub(crate) use kind::Sns;
