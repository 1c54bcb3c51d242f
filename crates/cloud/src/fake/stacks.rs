//! The stacks of the fake.

use async_trait::async_trait;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use super::FakeCloud;
use super::services;
use super::services::Rollout;
use super::state::FakeStack;
use super::state::Operation;
use super::state::State;
use crate::CloudError;
use crate::ErrorKind;
use crate::Realised;
use crate::Result;
use crate::Stack;
use crate::StackChange;
use crate::StackEvent;
use crate::StackInput;
use crate::StackResource;
use crate::StackStatus;
use crate::Stacks;

/// Returns the logical id of the resource of this type.
pub(super) fn logical_id(template: &str, resource_type: &str) -> Option<String> {
    let template: Value = serde_json::from_str(template).ok()?;
    let resources = template.get("Resources")?.as_object()?;
    resources
        .iter()
        .find(|(_, resource)| resource.get("Type").and_then(Value::as_str) == Some(resource_type))
        .map(|(id, _)| id.clone())
}

fn outputs(state: &State, input: &StackInput, revision: u32) -> IndexMap<String, String> {
    let template: Value = serde_json::from_str(&input.template).unwrap_or_default();
    let names = template.get("Outputs").and_then(Value::as_object).cloned().unwrap_or_default();
    names
        .keys()
        .map(|name| {
            let key = (input.name.clone(), name.clone());
            let value = match name.as_str() {
                _ if state.outputs.contains_key(&key) => state.outputs[&key].clone(),
                "TaskDefinitionArn" => {
                    format!("arn:aws:ecs:local:000000000000:task-definition/{}:{revision}", input.name)
                }
                "ClusterName" => "cluster".to_owned(),
                "ServiceName" => input.name.clone(),
                "SubnetIds" => "subnet-a,subnet-b".to_owned(),
                "SecurityGroupIds" => "sg-a".to_owned(),
                _ => format!("{}.{name}", input.name),
            };
            (name.clone(), value)
        })
        .collect()
}

/// Adds an event and sets the stack's own status where it is about the stack itself.
pub(super) fn event(
    state: &mut State,
    now: Timestamp,
    name: &str,
    resource: Option<(&str, &str)>,
    status: &str,
    reason: Option<&str>,
) {
    let Some(stack) = state.stacks.get_mut(name) else { return };
    let (logical_id, resource_type) = resource.unwrap_or((name, "AWS::CloudFormation::Stack"));
    stack.events.push(StackEvent {
        seq: stack.events.len() as u64 + 1,
        time: now,
        stack: name.to_owned(),
        logical_id: logical_id.to_owned(),
        physical_id: resource.map(|_| services::arn(name)),
        resource_type: resource_type.to_owned(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
    });
}

fn set_status(state: &mut State, now: Timestamp, name: &str, status: StackStatus, reason: Option<&str>) {
    if let Some(stack) = state.stacks.get_mut(name) {
        stack.stack.status = status;
        stack.stack.reason = reason.map(str::to_owned);
    }
    event(state, now, name, None, status.as_str(), reason);
}

/// Fails the forward operation: the stack begins to go back.
fn begin_back(state: &mut State, now: Timestamp, name: &str, resource: &str, reason: &str) {
    let Some(stack) = state.stacks.get_mut(name) else { return };
    let create = stack.previous.is_none();
    stack.operation = Some(Operation::Back);
    stack.steps = 0;
    let verb = if create { "CREATE_FAILED" } else { "UPDATE_FAILED" };
    event(state, now, name, Some((resource, "AWS::ECS::Service")), verb, Some(reason));
    let status = if create { StackStatus::RollbackInProgress } else { StackStatus::UpdateRollbackInProgress };
    let text = format!("The following resource(s) failed: [{resource}].");
    set_status(state, now, name, status, Some(&text));
    services::back(state, now, name);
}

/// Moves the operation on by one step.
pub(super) fn step(state: &mut State, now: Timestamp, name: &str, steps: u32) {
    let Some(stack) = state.stacks.get_mut(name) else { return };
    let Some(operation) = stack.operation else { return };
    stack.steps += 1;
    let made = stack.steps;
    match operation {
        Operation::Forward => {
            if let Some(reason) = stack.stopped.take() {
                let resource =
                    logical_id(&stack.input.template, "AWS::ECS::Service").unwrap_or_else(|| name.to_owned());
                begin_back(state, now, name, &resource, &reason);
                return;
            }
            if let Some((resource, reason)) = state.failing.get(name).cloned()
                && made >= 2
            {
                state.failing.shift_remove(name);
                begin_back(state, now, name, &resource, &reason);
                return;
            }
            match services::advance(state, now, name) {
                Rollout::Failed(reason) => {
                    let resource = state
                        .stacks
                        .get(name)
                        .and_then(|stack| logical_id(&stack.input.template, "AWS::ECS::Service"))
                        .unwrap_or_else(|| name.to_owned());
                    begin_back(state, now, name, &resource, &reason);
                }
                Rollout::Done if made >= steps => complete(state, now, name),
                Rollout::Done | Rollout::Going => {}
            }
        }
        Operation::Back if made >= 2 => gone_back(state, now, name),
        Operation::Delete if made >= 2 => {
            services::remove(state, name);
            state.stacks.shift_remove(name);
        }
        Operation::Back | Operation::Delete => {}
    }
}

fn complete(state: &mut State, now: Timestamp, name: &str) {
    let Some(stack) = state.stacks.get(name) else { return };
    let outputs = outputs(state, &stack.input, stack.revision);
    let Some(stack) = state.stacks.get_mut(name) else { return };
    let status = match stack.previous.take() {
        None => StackStatus::CreateComplete,
        Some(_) => StackStatus::UpdateComplete,
    };
    stack.stack.outputs = outputs;
    stack.good_revision = stack.revision;
    stack.operation = None;
    set_status(state, now, name, status, None);
}

fn gone_back(state: &mut State, now: Timestamp, name: &str) {
    let Some(stack) = state.stacks.get_mut(name) else { return };
    stack.operation = None;
    let status = match stack.previous.take() {
        None => StackStatus::RollbackComplete,
        Some(previous) => {
            stack.stack.parameters = previous.parameters.clone();
            stack.input = previous;
            StackStatus::UpdateRollbackComplete
        }
    };
    set_status(state, now, name, status, None);
}

#[async_trait]
impl Stacks for FakeCloud {
    async fn describe_stack(&self, name: &str) -> Result<Option<Stack>> {
        let now = self.now();
        let mut state = self.read().await?;
        step(&mut state, now, name, self.steps);
        Ok(state.stacks.get(name).map(|stack| stack.stack.clone()))
    }

    async fn list_stacks(&self, tags: &IndexMap<String, String>) -> Result<Vec<Stack>> {
        let now = self.now();
        let mut state = self.read().await?;
        let names: Vec<String> = state.stacks.keys().cloned().collect();
        for name in &names {
            step(&mut state, now, name, self.steps);
        }
        let mut all: Vec<Stack> = state
            .stacks
            .values()
            .map(|stack| stack.stack.clone())
            .filter(|stack| tags.iter().all(|(key, value)| stack.tags.get(key) == Some(value)))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn stack_template(&self, name: &str) -> Result<String> {
        let state = self.read().await?;
        let missing = || CloudError::new(ErrorKind::NotFound, "read template", name);
        Ok(state.stacks.get(name).ok_or_else(missing)?.input.template.clone())
    }

    async fn stack_resources(&self, name: &str) -> Result<Vec<StackResource>> {
        let state = self.read().await?;
        let missing = || CloudError::new(ErrorKind::NotFound, "list resources", name);
        let stack = state.stacks.get(name).ok_or_else(missing)?;
        let template: Value = serde_json::from_str(&stack.input.template).unwrap_or_default();
        let resources = template.get("Resources").and_then(Value::as_object).cloned();
        let text = |value: &Value| value.get("Type").and_then(Value::as_str).map(str::to_owned);
        Ok(resources
            .unwrap_or_default()
            .iter()
            .map(|(id, resource)| StackResource {
                logical_id: id.clone(),
                physical_id: Some(match text(resource).as_deref() {
                    Some("AWS::ECS::Service") => services::arn(name),
                    _ => format!("{name}-{id}"),
                }),
                resource_type: text(resource).unwrap_or_default(),
                status: "CREATE_COMPLETE".into(),
                reason: None,
                realised: Realised::Live,
            })
            .collect())
    }

    async fn stack_events(&self, name: &str, after: u64) -> Result<Vec<StackEvent>> {
        let state = self.read().await?;
        let events = state.stacks.get(name).map(|stack| stack.events.clone()).unwrap_or_default();
        Ok(events.into_iter().filter(|event| event.seq > after).collect())
    }

    async fn put_stack(&self, input: &StackInput) -> Result<StackChange> {
        let now = self.now();
        let name = input.name.clone();
        let mut state = self.change(format!("put_stack {name}")).await?;
        let state = &mut *state;
        let operation = format!("update stack {name}");
        let after = match state.stacks.get_mut(&name) {
            Some(stack) if stack.operation.is_some() => {
                let message = format!("it is in state {}", stack.stack.status);
                return Err(CloudError::new(ErrorKind::Conflict, operation, message));
            }
            Some(stack) if stack.stack.status == StackStatus::RollbackComplete => {
                let message = "it is in ROLLBACK_COMPLETE state and can not be updated";
                return Err(CloudError::new(ErrorKind::Validation, operation, message));
            }
            Some(stack) if stack.input == *input => return Ok(StackChange::Unchanged),
            Some(stack) => {
                let after = stack.events.len() as u64;
                stack.previous = Some(std::mem::replace(&mut stack.input, input.clone()));
                stack.stack.parameters = input.parameters.clone();
                stack.stack.tags = input.tags.clone();
                stack.stack.updated = Some(now);
                stack.operation = Some(Operation::Forward);
                stack.steps = 0;
                stack.stopped = None;
                set_status(state, now, &name, StackStatus::UpdateInProgress, None);
                after
            }
            None => {
                let id = format!("arn:aws:cloudformation:local:000000000000:stack/{name}/1");
                let stack = Stack {
                    name: name.clone(),
                    id,
                    status: StackStatus::CreateInProgress,
                    reason: None,
                    parameters: input.parameters.clone(),
                    outputs: IndexMap::new(),
                    tags: input.tags.clone(),
                    created: now,
                    updated: None,
                    termination_protection: input.termination_protection,
                };
                let fake = FakeStack {
                    stack,
                    input: input.clone(),
                    previous: None,
                    operation: Some(Operation::Forward),
                    steps: 0,
                    stopped: None,
                    events: Vec::new(),
                    revision: 0,
                    good_revision: 0,
                };
                state.stacks.insert(name.clone(), fake);
                set_status(state, now, &name, StackStatus::CreateInProgress, None);
                0
            }
        };
        services::begin(state, now, &name);
        Ok(StackChange::Started { after })
    }

    async fn delete_stack(&self, name: &str) -> Result<()> {
        let now = self.now();
        let mut state = self.change(format!("delete_stack {name}")).await?;
        let Some(stack) = state.stacks.get_mut(name) else { return Ok(()) };
        if matches!(stack.operation, Some(Operation::Forward | Operation::Back)) && stack.previous.is_some() {
            let message = format!("it is in state {}", stack.stack.status);
            let operation = format!("delete stack {name}");
            return Err(CloudError::new(ErrorKind::Conflict, operation, message));
        }
        if stack.stack.termination_protection {
            let operation = format!("delete stack {name}");
            let message = "termination protection is on";
            return Err(CloudError::new(ErrorKind::Validation, operation, message));
        }
        stack.operation = Some(Operation::Delete);
        stack.steps = 0;
        set_status(&mut state, now, name, StackStatus::DeleteInProgress, None);
        Ok(())
    }

    async fn cancel_update(&self, name: &str) -> Result<()> {
        let mut state = self.change(format!("cancel_update {name}")).await?;
        match state.stacks.get_mut(name) {
            Some(stack) if stack.stack.status == StackStatus::UpdateInProgress => {
                stack.stopped = Some("User initiated cancel".to_owned());
                Ok(())
            }
            _ => Err(CloudError::new(
                ErrorKind::Validation,
                format!("cancel update of {name}"),
                "no update is in progress",
            )),
        }
    }
}
