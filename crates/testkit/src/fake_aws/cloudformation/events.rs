//! Events, and the statuses that they tell.

use seaway_cloud::StackStatus;

use super::state::Event;
use super::state::Stack;
use crate::fake_aws::world::World;

/// Gives the stack a status and says so.
pub(super) fn set_status(world: &mut World, stack: &mut Stack, status: StackStatus, reason: Option<&str>) {
    stack.status = status;
    stack.reason = reason.map(str::to_owned);
    let event = Event {
        id: world.uuid(),
        at: world.now,
        operation: stack.operations.first().cloned().unwrap_or_default(),
        logical_id: stack.name.clone(),
        physical_id: Some(stack.id.clone()),
        kind: "AWS::CloudFormation::Stack".to_owned(),
        status: status.as_str().to_owned(),
        reason: stack.reason.clone(),
        root_cause: false,
    };
    stack.events.push(event);
}

/// Gives a resource a status and says so.
pub(super) fn set_resource(
    world: &mut World,
    stack: &mut Stack,
    logical_id: &str,
    status: &str,
    reason: Option<&str>,
) {
    let now = world.now;
    let Some(resource) = stack.resources.get_mut(logical_id) else { return };
    status.clone_into(&mut resource.status);
    resource.reason = reason.map(str::to_owned);
    resource.updated_at = now;
    let (kind, physical_id) = (resource.kind.clone(), resource.physical_id.clone());
    say(world, stack, logical_id, &kind, physical_id, status, reason);
}

/// Adds an event of a resource, which need not be in the stack any more.
pub(super) fn say(
    world: &mut World,
    stack: &mut Stack,
    logical_id: &str,
    kind: &str,
    physical_id: Option<String>,
    status: &str,
    reason: Option<&str>,
) {
    let followed = reason.is_some_and(|reason| reason.ends_with("cancelled"));
    let event = Event {
        id: format!("{logical_id}-{status}-{}", world.uuid()),
        at: world.now,
        operation: stack.operations.first().cloned().unwrap_or_default(),
        logical_id: logical_id.to_owned(),
        physical_id,
        kind: kind.to_owned(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        root_cause: status.ends_with("_FAILED") && !followed,
    };
    stack.events.push(event);
}
