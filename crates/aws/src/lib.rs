//! The cloud port on AWS.
//!
//! The only crate that names an `aws-*` crate. [`AwsCloud::connect`] finds the way into an account
//! ([`Target`]) and makes sure that it is the right one; the rest is `seaway_cloud::Cloud`:
//! - stacks by change set, with one answer to every status ([`decide`]);
//! - services, tasks, target health, schedules, logs and sessions of ECS and what stands around it;
//! - secrets in SSM and Secrets Manager; locks and release records in the artifact bucket, written
//!   only if nobody else did meanwhile.
//!
//! [`bootstrap`] makes the template that prepares an account and region.
//!
//! This crate must not know Docker or the `engine`.

mod arn;
pub mod bootstrap;
mod cloud;
mod cloudformation;
mod connect;
mod ecr;
mod ecs;
mod elb;
mod error_kind;
mod failure;
mod logs;
mod names;
mod scheduler;
mod store;
mod target;
mod time;

pub use arn::Arn;
pub use arn::ArnError;
pub use cloudformation::Action;
pub use cloudformation::Wish;
pub use cloudformation::decide;
pub use cloudformation::root_cause;
pub use connect::AwsCloud;
pub use ecr::RegistryImage;
pub use ecr::RegistryLogin;
pub use error_kind::error_kind;
pub use error_kind::is_retryable;
pub use names::NameError;
pub use names::check_account_id;
pub use names::check_region;
pub use names::check_stack_name;
pub use target::AccessKey;
pub use target::AssumeRole;
pub use target::Target;
pub use target::default_bucket;
