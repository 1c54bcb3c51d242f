//! Stacks, events and resources as the API shows them.

use indexmap::IndexMap;
use seaway_cloud::StackStatus;
use serde_json::Value as Json;
use serde_json::json;

use super::change_set;
use super::operations::any_stack;
use super::state::Event;
use super::state::Stack;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::time::iso;
use crate::fake_aws::world::World;

/// Returns parameters as a list; the values of `NoEcho` ones are stars.
pub(super) fn parameters(values: &IndexMap<String, String>, hidden: &[String]) -> Vec<Json> {
    values
        .iter()
        .map(|(name, value)| {
            let value = if hidden.contains(name) { "****" } else { value };
            json!({"ParameterKey": name, "ParameterValue": value})
        })
        .collect()
}

/// Returns tags as a list.
pub(super) fn tags(tags: &IndexMap<String, String>) -> Vec<Json> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

fn operations(stack: &Stack) -> Vec<Json> {
    stack
        .operations
        .iter()
        .take(1)
        .map(|(kind, id)| json!({"OperationType": kind, "OperationId": id}))
        .collect()
}

fn show(stack: &Stack) -> Json {
    let outputs: Vec<Json> =
        stack.outputs.iter().map(|(name, value)| json!({"OutputKey": name, "OutputValue": value})).collect();
    json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": stack.change_set,
        "Parameters": parameters(&stack.parameters, &stack.hidden),
        "CreationTime": iso(stack.created_at),
        "DeletionTime": stack.deleted_at.map(iso),
        "LastUpdatedTime": stack.updated_at.map(iso),
        "RollbackConfiguration": {},
        "StackStatus": stack.status.as_str(),
        "StackStatusReason": stack.reason,
        "DisableRollback": false,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": outputs,
        "RoleARN": stack.role,
        "Tags": tags(&stack.tags),
        "EnableTerminationProtection": stack.termination_protection,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "LastOperations": operations(stack),
    })
}

/// `DescribeStacks`: one by name or id, else all that are there.
pub(super) fn stacks(world: &World, call: &Call) -> Result<Json, Failure> {
    if call.text("StackName").is_some() {
        return Ok(json!({"Stacks": [show(any_stack(world, call)?)]}));
    }
    let all: Vec<Json> = world
        .stacks
        .values()
        .rev()
        .filter(|stack| stack.status != StackStatus::DeleteComplete)
        .map(show)
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    Ok(json!({"Stacks": page, "NextToken": next}))
}

/// `ListStacks`: deleted ones, too.
pub(super) fn list_stacks(world: &World, call: &Call) -> Json {
    let wanted = call.texts("StackStatusFilter");
    let all: Vec<Json> = world
        .stacks
        .values()
        .rev()
        .filter(|stack| wanted.is_empty() || wanted.iter().any(|status| status == stack.status.as_str()))
        .map(|stack| {
            json!({
                "StackId": stack.id,
                "StackName": stack.name,
                "CreationTime": iso(stack.created_at),
                "LastUpdatedTime": stack.updated_at.map(iso),
                "DeletionTime": stack.deleted_at.map(iso),
                "StackStatus": stack.status.as_str(),
                "StackStatusReason": stack.reason,
                "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
                "LastOperations": operations(stack),
            })
        })
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    json!({"StackSummaries": page, "NextToken": next})
}

/// `DescribeStackEvents`: newest first.
pub(super) fn stack_events(world: &World, call: &Call) -> Result<Json, Failure> {
    let stack = any_stack(world, call)?;
    let all: Vec<Json> = stack
        .events
        .iter()
        .rev()
        .map(|event| {
            json!({
                "StackId": stack.id,
                "EventId": event.id,
                "StackName": stack.name,
                "OperationId": event.operation.1,
                "LogicalResourceId": event.logical_id,
                "PhysicalResourceId": event.physical_id.as_deref().unwrap_or_default(),
                "ResourceType": event.kind,
                "Timestamp": iso(event.at),
                "ResourceStatus": event.status,
                "ResourceStatusReason": event.reason,
                "ClientRequestToken": stack.token,
            })
        })
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    Ok(json!({"StackEvents": page, "NextToken": next}))
}

/// `DescribeEvents`: by stack, change set or operation; newest first.
pub(super) fn events(world: &World, call: &Call) -> Result<Json, Failure> {
    let operation = call.text("OperationId");
    let stack = if call.text("StackName").is_some() {
        any_stack(world, call)?
    } else if let Some(operation) = &operation {
        let missing = || Failure::validation(format!("Operation {operation} does not exist"));
        let has = |stack: &&Stack| stack.operations.iter().any(|(_, id)| id == operation);
        world.stacks.values().find(has).ok_or_else(missing)?
    } else if call.text("ChangeSetName").is_some() {
        let set = change_set::find(world, call)?;
        let missing = || Failure::validation(format!("Stack [{}] does not exist", set.stack_name));
        world.stacks.get(&set.stack_id).ok_or_else(missing)?
    } else {
        return Err(Failure::validation(
            "At least one of StackName, ChangeSetName or OperationId must be specified",
        ));
    };
    let failed = call.parameters["Filters"]["FailedEvents"].as_str() == Some("true");
    let all: Vec<Json> = stack
        .events
        .iter()
        .rev()
        .filter(|event| operation.as_ref().is_none_or(|id| event.operation.1 == *id))
        .filter(|event| !failed || event.root_cause)
        .map(|event| show_event(stack, event))
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    Ok(json!({"OperationEvents": page, "NextToken": next}))
}

fn show_event(stack: &Stack, event: &Event) -> Json {
    let status = match event.status.as_str() {
        status if status.ends_with("IN_PROGRESS") => "IN_PROGRESS",
        status if status.ends_with("FAILED") || status.contains("ROLLBACK") => "FAILED",
        _ => "SUCCEEDED",
    };
    json!({
        "EventId": event.id,
        "StackId": stack.id,
        "OperationId": event.operation.1,
        "OperationType": event.operation.0,
        "OperationStatus": status,
        "EventType": if event.root_cause { "PROVISIONING_ERROR" } else { "STACK_EVENT" },
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id.as_deref().unwrap_or_default(),
        "ResourceType": event.kind,
        "Timestamp": iso(event.at),
        "StartTime": iso(event.at),
        "EndTime": if status == "IN_PROGRESS" { None } else { Some(iso(event.at)) },
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "ClientRequestToken": stack.token,
    })
}

/// `DescribeStackResources`.
pub(super) fn resources(world: &World, call: &Call) -> Result<Json, Failure> {
    let stack = any_stack(world, call)?;
    let wanted = call.text("LogicalResourceId");
    let all: Vec<Json> = stack
        .resources
        .iter()
        .filter(|(id, _)| wanted.as_ref().is_none_or(|wanted| wanted == *id))
        .map(|(id, resource)| {
            json!({
                "StackName": stack.name,
                "StackId": stack.id,
                "LogicalResourceId": id,
                "PhysicalResourceId": resource.physical_id,
                "ResourceType": resource.kind,
                "Timestamp": iso(resource.updated_at),
                "ResourceStatus": resource.status,
                "ResourceStatusReason": resource.reason,
                "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
            })
        })
        .collect();
    if let Some(wanted) = wanted
        && all.is_empty()
    {
        let message = format!("Resource {wanted} does not exist for stack {}", stack.name);
        return Err(Failure::validation(message));
    }
    Ok(json!({"StackResources": all}))
}

/// `ListStackResources`.
pub(super) fn list_resources(world: &World, call: &Call) -> Result<Json, Failure> {
    let stack = any_stack(world, call)?;
    let all: Vec<Json> = stack
        .resources
        .iter()
        .map(|(id, resource)| {
            json!({
                "LogicalResourceId": id,
                "PhysicalResourceId": resource.physical_id,
                "ResourceType": resource.kind,
                "LastUpdatedTimestamp": iso(resource.updated_at),
                "ResourceStatus": resource.status,
                "ResourceStatusReason": resource.reason,
                "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
            })
        })
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    Ok(json!({"StackResourceSummaries": page, "NextToken": next}))
}

/// `GetTemplate`.
pub(super) fn template(world: &World, call: &Call) -> Result<Json, Failure> {
    if call.text("ChangeSetName").is_some() {
        let set = change_set::find(world, call)?;
        return Ok(json!({"TemplateBody": set.template, "StagesAvailable": ["Original", "Processed"]}));
    }
    let stack = any_stack(world, call)?;
    if stack.template.is_empty() {
        return Err(Failure::validation("Stack has no template: it is in REVIEW_IN_PROGRESS state"));
    }
    Ok(json!({"TemplateBody": stack.template, "StagesAvailable": ["Original", "Processed"]}))
}
