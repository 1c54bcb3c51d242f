//! The template that prepares an account and region: everything that must be there before the first
//! stack of an application. Pure: the same wishes give the same text.

mod bucket;
mod github;
mod roles;
mod template;

pub use github::GitHub;
pub use template::Bootstrap;
pub use template::template;
