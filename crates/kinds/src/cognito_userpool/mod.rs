//! Facts about `x-cognito_userpool`; there is nothing else to it.

mod data;

pub(crate) use data::FACTS;
