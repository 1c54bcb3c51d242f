//! `x-rds`: relational databases.

mod data;
mod engine;
mod kind;

pub(crate) use kind::Rds;
