//! Operations on stacks as time passes.

use seaway_cfn::Template;
use seaway_cfn::evaluate::Evaluator;
use seaway_cloud::StackStatus;
use serde_json::Value as Json;

use super::events::say;
use super::events::set_resource;
use super::events::set_status;
use super::plan;
use super::prepare::pseudo;
use super::prepare::zones;
use super::resources;
use super::state::Action;
use super::state::Known;
use super::state::Operation;
use super::state::Phase;
use super::state::Resource;
use super::state::Stack;
use super::state::Step;
use super::state::StepState;
use super::undo;
use crate::fake_aws::ecs;
use crate::fake_aws::scenario::During;
use crate::fake_aws::world::World;

/// Moves all stacks and change sets on.
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    for set in world.change_sets.values_mut() {
        if set.status == "CREATE_IN_PROGRESS" && set.ready_at <= now {
            super::change_set::complete(set);
        }
    }
    let ids: Vec<String> = world.stacks.keys().cloned().collect();
    for id in ids {
        let Some(mut stack) = world.stacks.get(&id).cloned() else { continue };
        if stack.operation.is_none() && stack.settles.is_none() {
            continue;
        }
        step_stack(world, &mut stack);
        world.stacks.insert(id, stack);
    }
}

/// Returns whether a stack is under way.
pub(crate) fn busy(world: &World) -> bool {
    world.stacks.values().any(|stack| stack.operation.is_some() || stack.settles.is_some())
}

fn step_stack(world: &mut World, stack: &mut Stack) {
    if let Some((status, at)) = stack.settles {
        if at <= world.now {
            stack.settles = None;
            set_status(world, stack, status, None);
            if status == StackStatus::DeleteComplete {
                stack.deleted_at = Some(world.now);
            }
        }
        return;
    }
    let Some(mut operation) = stack.operation.take() else { return };
    if operation.cancelled && operation.phase == Phase::Apply {
        undo::fail(world, stack, operation, &[], "User Initiated");
        return;
    }
    let mut failed = Vec::new();
    // Several rounds: what a resource waited for may be done in this very moment.
    loop {
        let before = format_states(&operation);
        let keys: Vec<String> = operation.steps.keys().cloned().collect();
        for key in keys {
            if let Some(id) = step_resource(world, stack, &mut operation, &key) {
                failed.push(id);
            }
        }
        if !failed.is_empty() || before == format_states(&operation) {
            break;
        }
    }
    let over = operation
        .steps
        .values()
        .all(|step| !matches!(step.state, StepState::Waiting | StepState::Running { .. }));
    match operation.phase {
        Phase::Apply if !failed.is_empty() => undo::fail(world, stack, operation, &failed, ""),
        Phase::Apply if over => applied(world, stack, operation),
        Phase::Rollback if over => undo::over(world, stack, operation),
        Phase::Cleanup { back } if over => {
            let status = if back { StackStatus::UpdateRollbackComplete } else { StackStatus::UpdateComplete };
            set_status(world, stack, status, None);
        }
        Phase::Delete if over => undo::deleted(world, stack, &operation),
        _ => stack.operation = Some(operation),
    }
}

fn format_states(operation: &Operation) -> Vec<StepState> {
    operation.steps.values().map(|step| step.state).collect()
}

/// Returns the logical id of a resource that failed now.
fn step_resource(
    world: &mut World,
    stack: &mut Stack,
    operation: &mut Operation,
    key: &str,
) -> Option<String> {
    let step = operation.steps.get(key)?.clone();
    match step.state {
        StepState::Done | StepState::Failed | StepState::Skipped => None,
        StepState::Waiting => {
            let lost = |need: &String| {
                let state = operation.steps.get(need).map(|found| found.state);
                matches!(state, Some(StepState::Failed | StepState::Skipped))
            };
            if step.needs.iter().any(lost) {
                operation.steps.get_mut(key)?.state = StepState::Skipped;
                return None;
            }
            let ready = step
                .needs
                .iter()
                .all(|need| operation.steps.get(need).is_none_or(|found| found.state == StepState::Done));
            if !ready {
                return None;
            }
            let result = start(world, stack, operation, key, &step);
            let kind = kind_of(stack, operation, key, &step.logical_id);
            let due = world.now + world.scenario.timing.resource(&kind);
            let state = match &result {
                Ok(true) => StepState::Running { since: world.now, due },
                Ok(false) => StepState::Done,
                Err(_) => StepState::Failed,
            };
            operation.steps.get_mut(key)?.state = state;
            failure(world, stack, &step, operation.phase, result.err())
        }
        StepState::Running { since, due } => {
            let stuck = |found: &crate::fake_aws::scenario::ResourceName| {
                found.stack == stack.name && found.resource == step.logical_id
            };
            if world.scenario.stuck.iter().any(stuck) || world.now < due {
                return None;
            }
            if let Some(reason) = scripted_failure(world, stack, &step, operation.phase) {
                operation.steps.get_mut(key)?.state = StepState::Failed;
                return failure(world, stack, &step, operation.phase, Some(reason));
            }
            match wait(world, stack, operation, key, &step, since) {
                ecs::Progress::Going => None,
                ecs::Progress::Done => {
                    complete(world, stack, operation, key, &step);
                    operation.steps.get_mut(key)?.state = StepState::Done;
                    None
                }
                ecs::Progress::Failed(reason) => {
                    operation.steps.get_mut(key)?.state = StepState::Failed;
                    let reason = format!(
                        "Resource handler returned message: \"Error occurred during operation '{reason}'.\" \
                         (RequestToken: {}, HandlerErrorCode: GeneralServiceException)",
                        world.uuid()
                    );
                    failure(world, stack, &step, operation.phase, Some(reason))
                }
            }
        }
    }
}

fn kind_of(stack: &Stack, operation: &Operation, key: &str, logical_id: &str) -> String {
    leftover(operation, key)
        .map(|resource| resource.kind.clone())
        .or_else(|| stack.resources.get(logical_id).map(|resource| resource.kind.clone()))
        .unwrap_or_default()
}

/// The resource of a step that deletes what an update left over.
fn leftover<'a>(operation: &'a Operation, key: &str) -> Option<&'a Resource> {
    if !matches!(operation.phase, Phase::Cleanup { .. }) {
        return None;
    }
    operation.leftovers.get(key.parse::<usize>().ok()?).map(|(_, resource)| resource)
}

fn failure(
    world: &mut World,
    stack: &mut Stack,
    step: &Step,
    phase: Phase,
    reason: Option<String>,
) -> Option<String> {
    let reason = reason?;
    let status = match step.action {
        Action::Delete => "DELETE_FAILED",
        Action::Create => "CREATE_FAILED",
        Action::Update | Action::Replace => "UPDATE_FAILED",
    };
    // What a clean-up cannot delete stays behind: no part of the stack any more.
    if !matches!(phase, Phase::Cleanup { .. }) {
        set_resource(world, stack, &step.logical_id, status, Some(&reason));
    }
    Some(step.logical_id.clone())
}

fn scripted_failure(world: &mut World, stack: &Stack, step: &Step, phase: Phase) -> Option<String> {
    let during = match (phase, step.action) {
        (Phase::Rollback, _) => During::Rollback,
        (_, Action::Delete) => During::Delete,
        _ => During::Apply,
    };
    let failures = &mut world.scenario.failures;
    let at = failures.iter().position(|found| {
        found.stack == stack.name && found.resource == step.logical_id && found.during == during
    })?;
    let reason = failures[at].reason.clone();
    match failures[at].times {
        0 => {}
        1 => {
            failures.remove(at);
        }
        _ => failures[at].times -= 1,
    }
    Some(reason)
}

/// Begins a step: false when there is nothing to do.
fn start(
    world: &mut World,
    stack: &mut Stack,
    operation: &Operation,
    key: &str,
    step: &Step,
) -> Result<bool, String> {
    let id = step.logical_id.as_str();
    if let Some(resource) = leftover(operation, key).cloned() {
        let physical = resource.physical_id.clone();
        if resource.retained || physical.is_none() {
            say(world, stack, id, &resource.kind, physical, "DELETE_SKIPPED", None);
            return Ok(false);
        }
        say(world, stack, id, &resource.kind, physical.clone(), "DELETE_IN_PROGRESS", None);
        return resources::delete(world, &resource.kind, &physical.unwrap_or_default()).map(|()| true);
    }
    match step.action {
        Action::Delete => start_delete(world, stack, id),
        Action::Create => {
            let (kind, retained) = template_resource(stack, id);
            let fresh = Resource { kind: kind.clone(), retained, ..Resource::default() };
            stack.resources.insert(id.to_owned(), fresh);
            set_resource(world, stack, id, "CREATE_IN_PROGRESS", None);
            let properties = properties(world, stack, id)?;
            make(world, stack, id, &kind, properties);
            set_resource(world, stack, id, "CREATE_IN_PROGRESS", Some("Resource creation Initiated"));
            Ok(true)
        }
        Action::Update | Action::Replace => {
            let physical = stack.resources.get(id).and_then(|found| found.physical_id.clone());
            let (kind, retained) = template_resource(stack, id);
            let back = operation.phase == Phase::Rollback;
            let properties = if back {
                let before = stack.before.as_ref().and_then(|before| before.resources.get(id));
                before.map(|found| found.properties.clone()).unwrap_or_default()
            } else {
                properties(world, stack, id)?
            };
            if step.action == Action::Replace && !back {
                let text =
                    "Requested update requires the creation of a new physical resource; hence creating one.";
                set_resource(world, stack, id, "UPDATE_IN_PROGRESS", Some(text));
                make(world, stack, id, &kind, properties);
                set_resource(world, stack, id, "UPDATE_IN_PROGRESS", Some("Resource creation Initiated"));
                return Ok(true);
            }
            set_resource(world, stack, id, "UPDATE_IN_PROGRESS", None);
            if let Some(physical) = physical {
                resources::update(world, &stack.name.clone(), id, &kind, &physical, &properties);
            }
            if let Some(resource) = stack.resources.get_mut(id) {
                resource.properties = properties;
                resource.retained = retained;
            }
            Ok(true)
        }
    }
}

fn start_delete(world: &mut World, stack: &mut Stack, id: &str) -> Result<bool, String> {
    let Some(resource) = stack.resources.get(id).cloned() else { return Ok(false) };
    let Some(physical) = resource.physical_id else { return Ok(false) };
    // `RetainExceptOnCreate` and a creation that goes back are one case too few to tell apart here.
    if resource.retained && stack.status == StackStatus::DeleteInProgress {
        set_resource(world, stack, id, "DELETE_SKIPPED", None);
        if let Some(resource) = stack.resources.get_mut(id) {
            resource.physical_id = None;
        }
        return Ok(false);
    }
    set_resource(world, stack, id, "DELETE_IN_PROGRESS", None);
    resources::delete(world, &resource.kind, &physical).map(|()| true)
}

/// Makes the physical resource.
fn make(world: &mut World, stack: &mut Stack, id: &str, kind: &str, properties: Json) {
    let made = resources::create(world, &stack.name.clone(), id, kind, &properties, false);
    if let Some(resource) = stack.resources.get_mut(id) {
        resource.physical_id = Some(made.physical_id);
        resource.attributes = made.attributes;
        resource.properties = properties;
    }
}

/// Returns type and whether it outlives its deletion.
pub(super) fn template_resource(stack: &Stack, id: &str) -> (String, bool) {
    let template = Template::from_json(&stack.template).unwrap_or_default();
    let found = template.resources.get(id);
    let old = || stack.resources.get(id).map(|found| (found.kind.clone(), found.retained));
    found
        .map(|found| {
            let policy = found.deletion_policy.as_deref().unwrap_or("Delete");
            (found.kind.clone(), policy.starts_with("Retain"))
        })
        .or_else(old)
        .unwrap_or_default()
}

/// Evaluates the properties of a resource.
pub(super) fn properties(world: &World, stack: &Stack, id: &str) -> Result<Json, String> {
    let template = Template::from_json(&stack.template).map_err(|error| error.to_string())?;
    let pseudo = pseudo(world, &stack.name, &stack.id);
    let known = Known(&stack.resources);
    let all = |errors: Vec<seaway_cfn::evaluate::EvaluateError>| {
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let evaluator = Evaluator::new(&template, &stack.parameters, &pseudo, &known).map_err(all)?;
    let evaluator = evaluator.with_zones(zones(world));
    evaluator.properties(id).map(Json::Object).map_err(all)
}

/// Returns the outputs of a stack.
pub(super) fn outputs(world: &World, stack: &Stack) -> indexmap::IndexMap<String, String> {
    let Ok(template) = Template::from_json(&stack.template) else { return indexmap::IndexMap::new() };
    let pseudo = pseudo(world, &stack.name, &stack.id);
    let known = Known(&stack.resources);
    let evaluator = Evaluator::new(&template, &stack.parameters, &pseudo, &known);
    evaluator.ok().and_then(|all| all.with_zones(zones(world)).outputs().ok()).unwrap_or_default()
}

/// Returns whether what stands behind a running step is ready.
fn wait(
    world: &World,
    stack: &Stack,
    operation: &Operation,
    key: &str,
    step: &Step,
    since: u64,
) -> ecs::Progress {
    if let Some(resource) = leftover(operation, key) {
        let physical = resource.physical_id.as_deref().unwrap_or_default();
        let gone = resource.kind != "AWS::ECS::Service" || ecs::gone(world, physical);
        return if gone { ecs::Progress::Done } else { ecs::Progress::Going };
    }
    let Some(resource) = stack.resources.get(&step.logical_id) else { return ecs::Progress::Done };
    if resource.kind != "AWS::ECS::Service" {
        return ecs::Progress::Done;
    }
    let physical = resource.physical_id.as_deref().unwrap_or_default();
    if step.action == Action::Delete {
        return if ecs::gone(world, physical) { ecs::Progress::Done } else { ecs::Progress::Going };
    }
    ecs::progress(world, physical, since, operation.phase == Phase::Rollback)
}

fn complete(world: &mut World, stack: &mut Stack, operation: &mut Operation, key: &str, step: &Step) {
    let id = step.logical_id.as_str();
    if let Some(resource) = leftover(operation, key).cloned() {
        say(world, stack, id, &resource.kind, resource.physical_id, "DELETE_COMPLETE", None);
        return;
    }
    match step.action {
        Action::Create => set_resource(world, stack, id, "CREATE_COMPLETE", None),
        Action::Update => set_resource(world, stack, id, "UPDATE_COMPLETE", None),
        Action::Replace => {
            set_resource(world, stack, id, "UPDATE_COMPLETE", None);
            let before = stack.before.as_ref().and_then(|before| before.resources.get(id)).cloned();
            if let (Some(mut old), Phase::Apply) = (before, operation.phase) {
                // A replaced resource goes unless its own policy keeps it.
                old.retained = false;
                operation.leftovers.push((id.to_owned(), old));
            }
        }
        Action::Delete => {
            set_resource(world, stack, id, "DELETE_COMPLETE", None);
            if let Some(resource) = stack.resources.get_mut(id) {
                resource.physical_id = None;
            }
        }
    }
}

/// All resources are what they are to be.
fn applied(world: &mut World, stack: &mut Stack, operation: Operation) {
    stack.outputs = outputs(world, stack);
    if stack.before.is_none() {
        set_status(world, stack, StackStatus::CreateComplete, None);
        return;
    }
    stack.before = None;
    set_status(world, stack, StackStatus::UpdateCompleteCleanupInProgress, None);
    for (id, resource) in &operation.leftovers {
        // A removed resource is no part of the stack any more; a replaced one has a successor.
        if stack.resources.get(id).is_some_and(|found| found.physical_id == resource.physical_id) {
            stack.resources.shift_remove(id);
        }
    }
    stack.operation = Some(plan::cleanup(operation.leftovers, false));
}
