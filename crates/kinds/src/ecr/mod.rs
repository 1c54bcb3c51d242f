//! Facts about `x-ecr`; there is nothing else to it.

mod data;

pub(crate) use data::FACTS;
