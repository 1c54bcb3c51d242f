//! Resources behind which nothing stands on this machine: networks, roles, policies, namespaces,
//! and every type that nobody else realises. They get ids and attributes that look right, so that
//! the rest of a template works, and are shown as *declared only*.

mod identity;
mod realise;

pub(crate) use identity::attribute;
pub(crate) use identity::identity;
pub(crate) use realise::Declared;
