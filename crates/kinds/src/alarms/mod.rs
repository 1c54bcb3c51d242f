//! `x-alarms`: alarms.

mod data;
mod expression;
mod kind;

pub(crate) use kind::Alarms;
