//! `x-ssm_parameter`: parameters.

mod content;
mod data;
mod kind;

pub(crate) use kind::SsmParameter;
