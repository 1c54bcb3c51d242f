//! `x-docdb`: document databases.

mod data;
mod kind;

pub(crate) use kind::Docdb;
