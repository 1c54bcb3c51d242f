//! Facts about `x-codeguru_profiler`; there is nothing else to it.

mod data;

pub(crate) use data::FACTS;
