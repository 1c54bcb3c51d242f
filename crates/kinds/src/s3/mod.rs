//! `x-s3`: buckets.

mod data;
mod kind;
mod policy;

pub(crate) use kind::S3;
