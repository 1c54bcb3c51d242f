//! The few services around CloudFormation and ECS.

mod ecr;
mod elb;
mod logs;
mod s3;
mod scheduler;
mod secrets_manager;
mod ssm;
mod state;
mod sts;

pub(super) use ecr::answer as images;
pub(super) use ecr::digest_of;
pub(super) use elb::answer as load_balancers;
pub(super) use logs::answer as logs;
pub(super) use s3::answer as objects;
pub(super) use scheduler::answer as schedules;
pub(super) use secrets_manager::answer as secrets;
pub(super) use ssm::answer as parameters;
pub(super) use state::Around;
pub(super) use state::TargetGroup;
pub(super) use sts::answer as identity;
