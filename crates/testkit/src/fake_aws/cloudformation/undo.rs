//! Going back, and deleting.

use seaway_cloud::StackStatus;

use super::events::set_resource;
use super::events::set_status;
use super::plan;
use super::state::Action;
use super::state::OnFailure;
use super::state::Operation;
use super::state::Phase;
use super::state::Stack;
use super::state::Step;
use super::state::StepState;
use crate::fake_aws::world::World;

/// A creation or update failed at these resources, or was cancelled (`why`).
pub(super) fn fail(world: &mut World, stack: &mut Stack, operation: Operation, failed: &[String], why: &str) {
    let create = stack.before.is_none();
    for step in operation.steps.values() {
        if matches!(step.state, StepState::Running { .. }) {
            let (status, text) = match step.action {
                Action::Create => ("CREATE_FAILED", "Resource creation cancelled"),
                _ => ("UPDATE_FAILED", "Resource update cancelled"),
            };
            set_resource(world, stack, &step.logical_id, status, Some(text));
        }
    }
    let verb = if create { "create" } else { "update" };
    let reason = if failed.is_empty() {
        why.to_owned()
    } else {
        format!("The following resource(s) failed to {verb}: [{}]. ", failed.join(", "))
    };
    match (stack.on_failure, create) {
        (OnFailure::DoNothing, true) => {
            set_status(world, stack, StackStatus::CreateFailed, Some(&reason));
        }
        (OnFailure::DoNothing, false) => {
            set_status(world, stack, StackStatus::UpdateFailed, Some(&reason));
            stack.operation = None;
        }
        (OnFailure::Delete, true) => {
            set_status(world, stack, StackStatus::DeleteInProgress, Some(&reason));
            stack.operation = Some(plan::delete(world, stack, Phase::Delete, &[]));
        }
        (_, true) => {
            let reason = format!("{reason}Rollback requested by user.");
            set_status(world, stack, StackStatus::RollbackInProgress, Some(&reason));
            stack.operation = Some(plan::delete(world, stack, Phase::Rollback, &[]));
        }
        (_, false) => {
            set_status(world, stack, StackStatus::UpdateRollbackInProgress, Some(&reason));
            back(world, stack);
        }
    }
}

/// Begins the way back of an update: to what is in `before`.
pub(super) fn back(world: &World, stack: &mut Stack) {
    let Some(before) = stack.before.clone() else { return };
    let mut leftovers = Vec::new();
    let mut steps = indexmap::IndexMap::new();
    for (id, resource) in stack.resources.clone() {
        match before.resources.get(&id) {
            // New: it goes in the clean-up.
            None => {
                if resource.physical_id.is_some() {
                    leftovers.push((id.clone(), resource));
                }
                stack.resources.shift_remove(&id);
            }
            Some(old) => {
                let replaced = old.physical_id != resource.physical_id;
                let touched = old.properties != resource.properties
                    || resource.status == "UPDATE_FAILED"
                    || resource.status == "UPDATE_IN_PROGRESS";
                if replaced {
                    if resource.physical_id.is_some() {
                        leftovers.push((id.clone(), resource));
                    }
                    stack.resources.insert(id.clone(), old.clone());
                }
                if replaced || touched {
                    let state = StepState::Waiting;
                    let step =
                        Step { logical_id: id.clone(), action: Action::Update, needs: Vec::new(), state };
                    steps.insert(id, step);
                }
            }
        }
    }
    let _ = world;
    stack.operation = Some(Operation { phase: Phase::Rollback, steps, leftovers, cancelled: false });
}

/// The way back is over.
pub(super) fn over(world: &mut World, stack: &mut Stack, operation: Operation) {
    let failed: Vec<String> = operation
        .steps
        .values()
        .filter(|step| step.state == StepState::Failed)
        .map(|step| step.logical_id.clone())
        .collect();
    let create = stack.before.is_none();
    if !failed.is_empty() {
        let verb = if create { "delete" } else { "update" };
        let reason = format!("The following resource(s) failed to {verb}: [{}]. ", failed.join(", "));
        let status = if create { StackStatus::RollbackFailed } else { StackStatus::UpdateRollbackFailed };
        set_status(world, stack, status, Some(&reason));
        // What is left over goes when the roll-back continues.
        if let Some(before) = &mut stack.before {
            for (id, resource) in operation.leftovers {
                before.resources.entry(id).or_insert(resource);
            }
        }
        return;
    }
    let Some(before) = stack.before.take() else {
        set_status(world, stack, StackStatus::RollbackComplete, None);
        return;
    };
    stack.template = before.template;
    stack.parameters = before.parameters;
    stack.tags = before.tags;
    stack.outputs = before.outputs;
    set_status(world, stack, StackStatus::UpdateRollbackCompleteCleanupInProgress, None);
    stack.operation = Some(plan::cleanup(operation.leftovers, true));
}

/// A deletion is over.
pub(super) fn deleted(world: &mut World, stack: &mut Stack, operation: &Operation) {
    let failed: Vec<String> = operation
        .steps
        .values()
        .filter(|step| step.state == StepState::Failed)
        .map(|step| step.logical_id.clone())
        .collect();
    if failed.is_empty() {
        stack.deleted_at = Some(world.now);
        set_status(world, stack, StackStatus::DeleteComplete, None);
    } else {
        let reason = format!("The following resource(s) failed to delete: [{}]. ", failed.join(", "));
        set_status(world, stack, StackStatus::DeleteFailed, Some(&reason));
    }
}

/// Skips or repeats the resources of a roll-back that failed.
pub(super) fn continue_back(world: &mut World, stack: &mut Stack, skip: &[String]) {
    set_status(world, stack, StackStatus::UpdateRollbackInProgress, None);
    for id in skip {
        let text = "Resource skipped during rollback";
        set_resource(world, stack, id, "UPDATE_COMPLETE", Some(text));
        // From now on CloudFormation takes it for what it was before.
        let old = stack.before.as_ref().and_then(|before| before.resources.get(id)).cloned();
        if let (Some(old), Some(resource)) = (old, stack.resources.get_mut(id)) {
            resource.properties = old.properties;
            resource.physical_id = old.physical_id;
        }
    }
    back(world, stack);
}
