//! `x-neptune`: graph databases.

mod data;
mod kind;

pub(crate) use kind::Neptune;
