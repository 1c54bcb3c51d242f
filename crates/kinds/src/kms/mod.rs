//! `x-kms`: keys.

mod data;
mod kind;
mod policy;

pub(crate) use kind::Kms;
