//! `x-elasticache`: caches.

mod data;
mod kind;

pub(crate) use kind::Elasticache;
