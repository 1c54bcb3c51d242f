//! The operations of CloudFormation.

use indexmap::IndexMap;
use seaway_cfn::diff::TemplateDiff;
use seaway_cloud::StackStatus;
use serde_json::Value as Json;
use serde_json::json;

use super::change_set;
use super::describe;
use super::events::set_status;
use super::plan;
use super::prepare::prepare;
use super::prepare::tags;
use super::state::Before;
use super::state::OnFailure;
use super::state::Phase;
use super::state::Stack;
use super::state::find_any;
use super::state::find_live;
use super::undo;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::world::World;

/// Answers an operation of CloudFormation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let fields = |reply: Result<Json, Failure>| reply.map(Answer::Fields);
    let empty = |reply: Result<(), Failure>| reply.map(|()| Answer::Fields(json!({})));
    Some(match call.operation.as_str() {
        "CreateChangeSet" => fields(change_set::create(world, call)),
        "DescribeChangeSet" => fields(change_set::describe(world, call)),
        "ListChangeSets" => fields(change_set::list(world, call)),
        "ExecuteChangeSet" => empty(change_set::execute(world, call)),
        "DeleteChangeSet" => empty(change_set::delete(world, call)),
        "CreateStack" => fields(create_stack(world, call)),
        "UpdateStack" => fields(update_stack(world, call)),
        "DeleteStack" => delete_stack(world, call).map(|()| Answer::Nothing),
        "CancelUpdateStack" => cancel_update(world, call).map(|()| Answer::Nothing),
        "ContinueUpdateRollback" => empty(continue_rollback(world, call)),
        "RollbackStack" => fields(rollback_stack(world, call)),
        "UpdateTerminationProtection" => fields(termination_protection(world, call)),
        "DescribeStacks" => fields(describe::stacks(world, call)),
        "ListStacks" => Ok(Answer::Fields(describe::list_stacks(world, call))),
        "DescribeStackEvents" => fields(describe::stack_events(world, call)),
        "DescribeEvents" => fields(describe::events(world, call)),
        "DescribeStackResources" => fields(describe::resources(world, call)),
        "ListStackResources" => fields(describe::list_resources(world, call)),
        "GetTemplate" => fields(describe::template(world, call)),
        _ => return None,
    })
}

/// Fails where a stack cannot be updated.
pub(super) fn check_updatable(stack: &Stack) -> Result<(), Failure> {
    let possible = matches!(
        stack.status,
        StackStatus::CreateComplete
            | StackStatus::UpdateComplete
            | StackStatus::UpdateRollbackComplete
            | StackStatus::UpdateFailed
            | StackStatus::CreateFailed
            | StackStatus::ImportComplete
            | StackStatus::ImportRollbackComplete
    );
    if possible {
        return Ok(());
    }
    let message = format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status);
    Err(Failure::validation(message))
}

/// Reads `OnStackFailure`, `OnFailure` and `DisableRollback`.
pub(super) fn on_failure(call: &Call) -> OnFailure {
    let text = call.text("OnStackFailure").or_else(|| call.text("OnFailure"));
    match text.as_deref() {
        Some("DELETE") => OnFailure::Delete,
        Some("DO_NOTHING") => OnFailure::DoNothing,
        _ if call.flag("DisableRollback") => OnFailure::DoNothing,
        _ => OnFailure::Rollback,
    }
}

/// Begins a creation or update.
pub(super) fn begin_apply(
    world: &mut World,
    stack: &mut Stack,
    template: &str,
    parameters: &IndexMap<String, String>,
    tags: &IndexMap<String, String>,
    changes: &TemplateDiff,
) {
    let create = stack.status == StackStatus::ReviewInProgress || stack.template.is_empty();
    let operation = world.uuid();
    let kind = if create { "CREATE_STACK" } else { "UPDATE_STACK" };
    stack.operations.insert(0, (kind, operation));
    // An update over a failed one goes back to what was good.
    let kept = stack.before.take();
    stack.before = (!create).then(|| {
        kept.unwrap_or_else(|| Before {
            template: stack.template.clone(),
            parameters: stack.parameters.clone(),
            tags: stack.tags.clone(),
            outputs: stack.outputs.clone(),
            resources: stack.resources.clone(),
        })
    });
    template.clone_into(&mut stack.template);
    stack.parameters.clone_from(parameters);
    stack.tags.clone_from(tags);
    if !create {
        stack.updated_at = Some(world.now);
    }
    let status = if create { StackStatus::CreateInProgress } else { StackStatus::UpdateInProgress };
    set_status(world, stack, status, Some("User Initiated"));
    stack.operation = Some(plan::apply(world, stack, changes));
}

fn not_found(name: &str) -> Failure {
    Failure::validation(format!("Stack [{name}] does not exist"))
}

fn stack_of(world: &World, call: &Call) -> Result<Stack, Failure> {
    let name = call.text("StackName").unwrap_or_default();
    let id = find_live(world, &name).ok_or_else(|| not_found(&name))?;
    world.stacks.get(&id).cloned().ok_or_else(|| not_found(&name))
}

fn create_stack(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("StackName").unwrap_or_default();
    let token = call.text("ClientRequestToken");
    if let Some(stack) = find_live(world, &name).and_then(|id| world.stacks.get(&id)) {
        if token.is_some() && stack.token == token {
            return Ok(json!({"StackId": stack.id, "OperationId": stack.operations[0].1}));
        }
        return Err(Failure::new("AlreadyExistsException", format!("Stack [{name}] already exists")));
    }
    let prepared = prepare(world, call, &name, None)?;
    let mut stack = change_set::new_stack(world, &name, StackStatus::CreateInProgress);
    stack.on_failure = on_failure(call);
    stack.capabilities = call.texts("Capabilities");
    stack.role = call.text("RoleARN");
    stack.termination_protection = call.flag("EnableTerminationProtection");
    stack.hidden = prepared.hidden;
    stack.token = token;
    stack.operations.clear();
    let changes = plan::difference("", &IndexMap::new(), &prepared.template, &prepared.parameters);
    begin_apply(world, &mut stack, &prepared.text, &prepared.parameters, &tags(call), &changes);
    let answer = json!({"StackId": stack.id, "OperationId": stack.operations[0].1});
    world.stacks.insert(stack.id.clone(), stack);
    Ok(answer)
}

fn update_stack(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let mut stack = stack_of(world, call)?;
    let token = call.text("ClientRequestToken");
    if token.is_some() && stack.token == token {
        return Ok(json!({"StackId": stack.id, "OperationId": stack.operations[0].1}));
    }
    check_updatable(&stack)?;
    let name = stack.name.clone();
    let prepared = prepare(world, call, &name, Some(&stack))?;
    let tags = tags(call);
    let changes =
        plan::difference(&stack.template, &stack.parameters, &prepared.template, &prepared.parameters);
    if changes.is_empty() && !changes.other && stack.tags == tags {
        return Err(Failure::validation("No updates are to be performed."));
    }
    stack.on_failure = on_failure(call);
    stack.capabilities = call.texts("Capabilities");
    stack.role = call.text("RoleARN").or(stack.role);
    stack.hidden = prepared.hidden;
    stack.token = token;
    begin_apply(world, &mut stack, &prepared.text, &prepared.parameters, &tags, &changes);
    let answer = json!({"StackId": stack.id, "OperationId": stack.operations[0].1});
    world.stacks.insert(stack.id.clone(), stack);
    Ok(answer)
}

fn delete_stack(world: &mut World, call: &Call) -> Result<(), Failure> {
    let name = call.text("StackName").unwrap_or_default();
    // Deleting what is not there is a success.
    let Some(id) = find_live(world, &name) else { return Ok(()) };
    let Some(mut stack) = world.stacks.get(&id).cloned() else { return Ok(()) };
    if stack.status == StackStatus::DeleteInProgress {
        return Ok(());
    }
    if stack.termination_protection {
        return Err(Failure::validation(format!(
            "Stack [{name}] cannot be deleted while TerminationProtection is enabled"
        )));
    }
    let busy = matches!(
        stack.status,
        StackStatus::UpdateInProgress
            | StackStatus::UpdateCompleteCleanupInProgress
            | StackStatus::UpdateRollbackInProgress
            | StackStatus::UpdateRollbackCompleteCleanupInProgress
            | StackStatus::ImportInProgress
            | StackStatus::ImportRollbackInProgress
    );
    if busy {
        let message = format!("Stack [{id}] cannot be deleted while in status {}", stack.status);
        return Err(Failure::validation(message));
    }
    let keep = call.texts("RetainResources");
    if !keep.is_empty() && stack.status != StackStatus::DeleteFailed {
        let message =
            "Invalid operation on stack. Specify ResourcesToRetain only for a stack in DELETE_FAILED.";
        return Err(Failure::validation(message));
    }
    let operation = world.uuid();
    stack.operations.insert(0, ("DELETE_STACK", operation));
    stack.settles = None;
    set_status(world, &mut stack, StackStatus::DeleteInProgress, Some("User Initiated"));
    stack.operation = Some(plan::delete(world, &stack, Phase::Delete, &keep));
    world.change_sets.retain(|_, set| set.stack_id != id);
    world.stacks.insert(id, stack);
    Ok(())
}

fn cancel_update(world: &mut World, call: &Call) -> Result<(), Failure> {
    let mut stack = stack_of(world, call)?;
    if stack.status != StackStatus::UpdateInProgress {
        return Err(Failure::validation("CancelUpdateStack cannot be called from current stack status"));
    }
    match &mut stack.operation {
        Some(operation) => operation.cancelled = true,
        // A stack that was in progress before the scenario began.
        None => {
            let status = StackStatus::UpdateRollbackInProgress;
            set_status(world, &mut stack, status, Some("User Initiated"));
            stack.settles = Some((StackStatus::UpdateRollbackComplete, world.now + 2000));
        }
    }
    world.stacks.insert(stack.id.clone(), stack);
    Ok(())
}

fn continue_rollback(world: &mut World, call: &Call) -> Result<(), Failure> {
    let mut stack = stack_of(world, call)?;
    if stack.status != StackStatus::UpdateRollbackFailed {
        return Err(Failure::validation(format!(
            "Stack:{} is in {} state and can not continue rollback.",
            stack.id, stack.status
        )));
    }
    let skip = call.texts("ResourcesToSkip");
    let wrong = |id: &&String| stack.resources.get(*id).is_none_or(|found| found.status != "UPDATE_FAILED");
    let wrong: Vec<&String> = skip.iter().filter(wrong).collect();
    if !wrong.is_empty() {
        return Err(Failure::validation(format!(
            "Resources {wrong:?} cannot be skipped: only resources in UPDATE_FAILED can"
        )));
    }
    let operation = world.uuid();
    stack.operations.insert(0, ("CONTINUE_ROLLBACK", operation));
    undo::continue_back(world, &mut stack, &skip);
    world.stacks.insert(stack.id.clone(), stack);
    Ok(())
}

fn rollback_stack(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let mut stack = stack_of(world, call)?;
    let operation = world.uuid();
    match stack.status {
        StackStatus::CreateFailed => {
            stack.operations.insert(0, ("ROLLBACK", operation.clone()));
            set_status(world, &mut stack, StackStatus::RollbackInProgress, Some("User Initiated"));
            stack.before = None;
            stack.operation = Some(plan::delete(world, &stack, Phase::Rollback, &[]));
        }
        StackStatus::UpdateFailed => {
            stack.operations.insert(0, ("ROLLBACK", operation.clone()));
            set_status(world, &mut stack, StackStatus::UpdateRollbackInProgress, Some("User Initiated"));
            undo::back(world, &mut stack);
        }
        status => {
            let message = format!("RollbackStack cannot be called from current stack status {status}");
            return Err(Failure::validation(message));
        }
    }
    let answer = json!({"StackId": stack.id, "OperationId": operation});
    world.stacks.insert(stack.id.clone(), stack);
    Ok(answer)
}

fn termination_protection(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let mut stack = stack_of(world, call)?;
    stack.termination_protection = call.flag("EnableTerminationProtection");
    let answer = json!({"StackId": stack.id});
    world.stacks.insert(stack.id.clone(), stack);
    Ok(answer)
}

/// Fails where there is no stack of the call's name, also no deleted one of that id.
pub(super) fn any_stack<'a>(world: &'a World, call: &Call) -> Result<&'a Stack, Failure> {
    let name = call.text("StackName").unwrap_or_default();
    let missing = || Failure::validation(format!("Stack with id {name} does not exist"));
    find_any(world, &name).and_then(|id| world.stacks.get(&id)).ok_or_else(missing)
}
