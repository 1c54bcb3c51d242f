//! `x-dynamodb`: tables.

mod data;
mod kind;
mod scaling;

pub(crate) use kind::Dynamodb;
