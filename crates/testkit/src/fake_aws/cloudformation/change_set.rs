//! Change sets.

use seaway_cfn::diff::Change;
use seaway_cfn::diff::ResourceChange;
use seaway_cfn::diff::TemplateDiff;
use seaway_cfn::diff::Verdict;
use seaway_cloud::StackStatus;
use serde_json::Value as Json;
use serde_json::json;

use super::events::set_status;
use super::operations::begin_apply;
use super::operations::check_updatable;
use super::operations::on_failure;
use super::plan;
use super::prepare::prepare;
use super::prepare::tags;
use super::state::ChangeSet;
use super::state::OnFailure;
use super::state::Stack;
use super::state::find_any;
use super::state::find_live;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::time::iso;
use crate::fake_aws::world::World;

/// What CloudFormation says of a change set without changes.
const EMPTY: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

/// `CreateChangeSet`.
pub(super) fn create(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("StackName").unwrap_or_default();
    let set_name = call.text("ChangeSetName").unwrap_or_default();
    let is_create = match call.text("ChangeSetType").as_deref() {
        None | Some("UPDATE") => false,
        Some("CREATE") => true,
        Some(other) => {
            return Err(Failure::validation(format!("the fake has no change sets of type {other}")));
        }
    };
    let found = find_live(world, &name);
    let token = call.text("ClientToken");
    if let Some(known) = known(world, found.as_deref(), &set_name) {
        if token.is_some() && known.token == token {
            return Ok(json!({"Id": known.id, "StackId": known.stack_id}));
        }
        return Err(Failure::new(
            "AlreadyExistsException",
            format!(
                "ChangeSet {set_name} cannot be created because a change set with the same name already exists for stack {name}"
            ),
        ));
    }
    let stack = found.as_ref().and_then(|id| world.stacks.get(id)).cloned();
    let review = |stack: &Stack| stack.status == StackStatus::ReviewInProgress;
    match (&stack, is_create) {
        (Some(stack), true) if !review(stack) => {
            return Err(Failure::validation(format!(
                "Stack [{name}] already exists and cannot be created again with the changeSet [{set_name}]."
            )));
        }
        (None, false) => return Err(Failure::validation(format!("Stack [{name}] does not exist"))),
        (Some(stack), false) => check_updatable(stack)?,
        _ => {}
    }
    let old = stack.as_ref().filter(|stack| !review(stack));
    let prepared = prepare(world, call, &name, old)?;
    let tags = tags(call);
    let none = indexmap::IndexMap::new();
    let (old_text, old_parameters) =
        old.map_or(("", &none), |stack| (stack.template.as_str(), &stack.parameters));
    let changes = plan::difference(old_text, old_parameters, &prepared.template, &prepared.parameters);
    let same_tags = old.is_some_and(|stack| stack.tags == tags);
    let empty = changes.is_empty() && !changes.other && same_tags;
    let stack_id = match &stack {
        Some(stack) => stack.id.clone(),
        None => new_stack(world, &name, StackStatus::ReviewInProgress).id,
    };
    let uuid = world.uuid();
    let id = world.arn("cloudformation", &format!("changeSet/{set_name}/{uuid}"));
    let shown = show_changes(&changes, old);
    let set = ChangeSet {
        name: set_name,
        id: id.clone(),
        stack_id: stack_id.clone(),
        stack_name: name,
        description: call.text("Description"),
        template: prepared.text,
        parameters: prepared.parameters,
        hidden: prepared.hidden,
        tags,
        capabilities: call.texts("Capabilities"),
        role: call.text("RoleARN"),
        on_failure: on_failure(call),
        changes: shown,
        status: "CREATE_IN_PROGRESS",
        execution: "UNAVAILABLE",
        reason: empty.then(|| EMPTY.to_owned()),
        created_at: world.now,
        ready_at: world.now + world.scenario.timing.change_set_ms,
        token,
    };
    world.change_sets.insert(id.clone(), set);
    Ok(json!({"Id": id, "StackId": stack_id}))
}

/// Makes a stack without anything in it.
pub(super) fn new_stack(world: &mut World, name: &str, status: StackStatus) -> Stack {
    let uuid = world.uuid();
    let operation = world.uuid();
    let kind = if status == StackStatus::ReviewInProgress { "CREATE_CHANGESET" } else { "CREATE_STACK" };
    let id = world.arn("cloudformation", &format!("stack/{name}/{uuid}"));
    let mut stack = Stack {
        name: name.to_owned(),
        id: id.clone(),
        status,
        reason: None,
        template: String::new(),
        parameters: indexmap::IndexMap::new(),
        hidden: Vec::new(),
        tags: indexmap::IndexMap::new(),
        outputs: indexmap::IndexMap::new(),
        capabilities: Vec::new(),
        role: None,
        created_at: world.now,
        updated_at: None,
        deleted_at: None,
        termination_protection: false,
        on_failure: OnFailure::Rollback,
        change_set: None,
        resources: indexmap::IndexMap::new(),
        events: Vec::new(),
        operation: None,
        operations: vec![(kind, operation)],
        before: None,
        settles: None,
        token: None,
    };
    if status == StackStatus::ReviewInProgress {
        set_status(world, &mut stack, status, Some("User Initiated"));
    }
    world.stacks.insert(id, stack.clone());
    stack
}

/// The change set is computed.
pub(super) fn complete(set: &mut ChangeSet) {
    if set.reason.is_some() {
        set.status = "FAILED";
    } else {
        set.status = "CREATE_COMPLETE";
        set.execution = "AVAILABLE";
    }
}

fn known<'a>(world: &'a World, stack: Option<&str>, name: &str) -> Option<&'a ChangeSet> {
    world.change_sets.values().find(|set| Some(set.stack_id.as_str()) == stack && set.name == name)
}

/// Finds a change set by ARN, or by its name and its stack's.
pub(super) fn find(world: &World, call: &Call) -> Result<ChangeSet, Failure> {
    let name = call.text("ChangeSetName").unwrap_or_default();
    if let Some(set) = world.change_sets.get(&name) {
        return Ok(set.clone());
    }
    let missing =
        || Failure::new("ChangeSetNotFound", format!("ChangeSet [{name}] does not exist")).status(404);
    let stack = call.text("StackName");
    if let Some(stack) = &stack
        && find_any(world, stack).is_none()
    {
        return Err(Failure::validation(format!("Stack [{stack}] does not exist")));
    }
    let stack = stack.and_then(|stack| find_any(world, &stack));
    known(world, stack.as_deref(), &name).cloned().ok_or_else(missing)
}

/// `DescribeChangeSet`.
pub(super) fn describe(world: &World, call: &Call) -> Result<Json, Failure> {
    let set = find(world, call)?;
    let (changes, next) = world.page(&set.changes, call.text("NextToken").as_deref());
    let parameters: Vec<Json> = super::describe::parameters(&set.parameters, &set.hidden);
    Ok(json!({
        "ChangeSetName": set.name,
        "ChangeSetId": set.id,
        "StackId": set.stack_id,
        "StackName": set.stack_name,
        "Description": set.description,
        "Parameters": parameters,
        "CreationTime": iso(set.created_at),
        "ExecutionStatus": set.execution,
        "Status": set.status,
        "StatusReason": if set.status == "FAILED" { set.reason } else { None },
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": set.capabilities,
        "Tags": super::describe::tags(&set.tags),
        "Changes": if set.status == "CREATE_COMPLETE" { changes } else { Vec::new() },
        "NextToken": next,
        "IncludeNestedStacks": false,
        "OnStackFailure": match set.on_failure {
            OnFailure::Rollback => "ROLLBACK",
            OnFailure::Delete => "DELETE",
            OnFailure::DoNothing => "DO_NOTHING",
        },
        "ImportExistingResources": false,
    }))
}

/// `ListChangeSets`.
pub(super) fn list(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("StackName").unwrap_or_default();
    let missing = || Failure::validation(format!("Stack [{name}] does not exist"));
    let id = find_any(world, &name).ok_or_else(missing)?;
    let own = world.change_sets.values().filter(|set| set.stack_id == id);
    let summaries: Vec<Json> = own
        .map(|set| {
            json!({
                "StackId": set.stack_id,
                "StackName": set.stack_name,
                "ChangeSetId": set.id,
                "ChangeSetName": set.name,
                "ExecutionStatus": set.execution,
                "Status": set.status,
                "CreationTime": iso(set.created_at),
            })
        })
        .collect();
    let (summaries, next) = world.page(&summaries, call.text("NextToken").as_deref());
    Ok(json!({"Summaries": summaries, "NextToken": next}))
}

/// `ExecuteChangeSet`.
pub(super) fn execute(world: &mut World, call: &Call) -> Result<(), Failure> {
    let set = find(world, call)?;
    let token = call.text("ClientRequestToken");
    if set.execution == "EXECUTE_COMPLETE" && token.is_some() && set.token == token {
        return Ok(());
    }
    if set.execution != "AVAILABLE" {
        let message =
            format!("ChangeSet [{}] cannot be executed in its current status of [{}]", set.id, set.status);
        return Err(Failure::new("InvalidChangeSetStatus", message));
    }
    let Some(mut stack) = world.stacks.get(&set.stack_id).cloned() else {
        return Err(Failure::validation(format!("Stack [{}] does not exist", set.stack_name)));
    };
    if stack.status != StackStatus::ReviewInProgress {
        check_updatable(&stack)?;
    }
    stack.change_set = Some(set.id.clone());
    stack.on_failure = if call.flag("DisableRollback") { OnFailure::DoNothing } else { set.on_failure };
    stack.role = set.role.clone();
    stack.capabilities.clone_from(&set.capabilities);
    stack.token.clone_from(&token);
    let template = seaway_cfn::Template::from_json(&set.template).unwrap_or_default();
    let changes = plan::difference(&stack.template, &stack.parameters, &template, &set.parameters);
    begin_apply(world, &mut stack, &set.template, &set.parameters, &set.tags, &changes);
    stack.hidden.clone_from(&set.hidden);
    world.stacks.insert(stack.id.clone(), stack);
    for other in world.change_sets.values_mut().filter(|other| other.stack_id == set.stack_id) {
        if other.id == set.id {
            other.execution = "EXECUTE_COMPLETE";
            other.token.clone_from(&token);
        } else if other.execution == "AVAILABLE" {
            other.execution = "OBSOLETE";
        }
    }
    Ok(())
}

/// `DeleteChangeSet`.
pub(super) fn delete(world: &mut World, call: &Call) -> Result<(), Failure> {
    match find(world, call) {
        Ok(set) => {
            world.change_sets.shift_remove(&set.id);
            Ok(())
        }
        // Deleting what is not there is a success.
        Err(failure) if failure.code == "ChangeSetNotFound" => Ok(()),
        Err(failure) => Err(failure),
    }
}

fn show_changes(changes: &TemplateDiff, old: Option<&Stack>) -> Vec<Json> {
    changes
        .resources
        .iter()
        .map(|change| json!({"Type": "Resource", "ResourceChange": show(change, old)}))
        .collect()
}

fn show(change: &ResourceChange, old: Option<&Stack>) -> Json {
    let physical = old.and_then(|stack| stack.resources.get(&change.logical_id)?.physical_id.clone());
    let (action, replacement) = match change.change {
        Change::Added => ("Add", None),
        Change::Removed => ("Remove", None),
        Change::Changed if change.replaced => ("Modify", Some("True")),
        Change::Changed if change.verdict == Verdict::MayReplace => ("Modify", Some("Conditional")),
        Change::Changed => ("Modify", Some("False")),
    };
    let details: Vec<Json> = change
        .properties
        .iter()
        .map(|property| {
            let name = property.path.split(['.', '[']).next().unwrap_or_default();
            let recreation = match property.verdict {
                Verdict::Replaces | Verdict::DataLoss => "Always",
                Verdict::MayReplace => "Conditionally",
                _ => "Never",
            };
            let cause =
                if property.because_of.is_some() { "ResourceReference" } else { "DirectModification" };
            json!({
                "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation},
                "Evaluation": "Static",
                "ChangeSource": cause,
                "CausingEntity": property.because_of,
            })
        })
        .collect();
    let policy = match (change.change, change.retained) {
        (Change::Removed, true) => Some("Retain"),
        (Change::Removed, false) => Some("Delete"),
        (_, true) if change.replaced => Some("ReplaceAndRetain"),
        (_, false) if change.replaced => Some("ReplaceAndDelete"),
        _ => None,
    };
    json!({
        "PolicyAction": policy,
        "Action": action,
        "LogicalResourceId": change.logical_id,
        "PhysicalResourceId": physical,
        "ResourceType": change.resource_type,
        "Replacement": replacement,
        "Scope": if change.change == Change::Changed { json!(["Properties"]) } else { json!([]) },
        "Details": details,
    })
}
