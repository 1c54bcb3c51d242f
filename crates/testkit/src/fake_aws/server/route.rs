//! Which module answers a call.

use super::call::Call;
use super::call::Wire;
use super::reply::Failure;
use super::reply::Reply;
use crate::fake_aws::around;
use crate::fake_aws::cloudformation;
use crate::fake_aws::ecs;
use crate::fake_aws::world::World;

/// Answers a call.
pub(super) fn route(world: &mut World, call: &Call) -> Reply {
    let reply = match call.service.as_str() {
        "cloudformation" => cloudformation::answer(world, call),
        "ecs" => ecs::answer(world, call),
        "elasticloadbalancing" => around::load_balancers(world, call),
        "logs" => around::logs(world, call),
        "ssm" => around::parameters(world, call),
        "secretsmanager" => around::secrets(world, call),
        "sts" => around::identity(world, call),
        "s3" => around::objects(world, call),
        "ecr" => around::images(world, call),
        "scheduler" => around::schedules(world, call),
        _ => None,
    };
    reply.unwrap_or_else(|| {
        let message = format!("the fake has no operation {} of {}", call.operation, call.service);
        let code = match call.wire {
            Wire::Query => "InvalidAction",
            Wire::S3 => "NotImplemented",
            Wire::Json | Wire::RestJson => "UnknownOperationException",
        };
        Err(Failure::new(code, message).status(if call.wire == Wire::S3 { 501 } else { 400 }))
    })
}
