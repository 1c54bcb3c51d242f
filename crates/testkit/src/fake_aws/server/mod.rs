//! HTTP: connections, the protocols of the services, faults.

mod call;
mod chunked;
pub(super) mod query;
mod reply;
mod route;
mod serve;
mod xml;

pub(super) use call::Call;
pub(super) use reply::Answer;
pub(super) use reply::Failure;
pub(super) use reply::Raw;
pub(super) use reply::Reply;
pub(super) use serve::Control;
pub(super) use serve::lock;
pub(super) use serve::serve;
