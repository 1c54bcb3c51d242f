//! `x-opensearch`: search domains.

mod data;
mod kind;

pub(crate) use kind::Opensearch;
