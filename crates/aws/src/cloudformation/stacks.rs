//! The port's operations on stacks.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_cloudformation::types;
use futures::future::try_join;
use indexmap::IndexMap;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::Stack;
use seaway_cloud::StackChange;
use seaway_cloud::StackEvent;
use seaway_cloud::StackInput;
use seaway_cloud::StackResource;
use seaway_cloud::StackStatus;
use seaway_cloud::Stacks;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use super::change::deploying;
use super::decide::Action;
use super::decide::Wish;
use super::decide::decide;
use super::describe;
use super::root_cause;
use crate::AwsCloud;
use crate::check_stack_name;
use crate::failure::failed;

/// Longest wait for the deletion of a stack that never worked.
const DELETED: Duration = Duration::from_secs(3600);

#[async_trait]
impl Stacks for AwsCloud {
    async fn describe_stack(&self, name: &str) -> Result<Option<Stack>> {
        let Some(found) = self.find_stack(name).await? else { return Ok(None) };
        // The empty shell of a change set that was never executed is no stack, unless it is somebody
        // else's: then it must be seen, for it is in the way.
        if found.stack_status() == Some(&types::StackStatus::ReviewInProgress)
            && self.is_own_shell(name).await?
        {
            return Ok(None);
        }
        known(&found, &format!("describe stack {name}")).map(Some)
    }

    async fn list_stacks(&self, tags: &IndexMap<String, String>) -> Result<Vec<Stack>> {
        let mut all = Vec::new();
        let mut pages = self.cloudformation.describe_stacks().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed("list the stacks", error))?;
            for found in page.stacks() {
                let own = describe::tags(found);
                let status = found.stack_status();
                let real = status != Some(&types::StackStatus::ReviewInProgress)
                    && status != Some(&types::StackStatus::DeleteComplete);
                if real && tags.iter().all(|(key, value)| own.get(key) == Some(value)) {
                    all.push(known(found, "list the stacks")?);
                }
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn stack_template(&self, name: &str) -> Result<String> {
        let request = self.cloudformation.get_template().stack_name(name);
        let answer = request.template_stage(types::TemplateStage::Original).send().await;
        let answer = answer.map_err(|error| failed(format!("read the template of stack {name}"), error))?;
        Ok(answer.template_body.unwrap_or_default())
    }

    async fn stack_resources(&self, name: &str) -> Result<Vec<StackResource>> {
        let (template, mut all) = try_join(self.stack_template(name), self.resources(name)).await?;
        let template: Value = serde_json::from_str(&template).unwrap_or_default();
        let in_template = template.get("Resources").and_then(Value::as_object);
        let order: IndexMap<&str, usize> = in_template
            .into_iter()
            .flat_map(|map| map.keys())
            .enumerate()
            .map(|(at, id)| (id.as_str(), at))
            .collect();
        all.sort_by_key(|resource| order.get(resource.logical_id.as_str()).copied().unwrap_or(usize::MAX));
        Ok(all)
    }

    async fn stack_events(&self, name: &str, after: u64) -> Result<Vec<StackEvent>> {
        self.events_after(name, after).await
    }

    async fn put_stack(&self, input: &StackInput) -> Result<StackChange> {
        let operation = deploying(&input.name);
        check_stack_name(&input.name)
            .map_err(|error| CloudError::new(ErrorKind::Validation, &operation, error.to_string()))?;
        let found = self.find_stack(&input.name).await?;
        let status = found.as_ref().map(|found| status(found, &operation)).transpose()?;
        match status.map_or(Action::Create, |status| decide(status, Wish::Up)) {
            Action::Create => self.change(input, None).await,
            Action::Update => self.change(input, found.as_ref()).await,
            Action::CreateInOwnShell if self.is_own_shell(&input.name).await? => {
                self.change(input, None).await
            }
            Action::CreateInOwnShell => Err(foreign_shell(&operation)),
            Action::DeleteThenCreate => {
                self.delete_and_wait(&input.name, found.as_ref()).await?;
                self.change(input, None).await
            }
            Action::Refuse(reason) => Err(self.stuck(&input.name, &operation, reason).await),
            _ => Err(busy(&operation, status)),
        }
    }

    async fn delete_stack(&self, name: &str) -> Result<()> {
        let operation = format!("delete stack {name}");
        let Some(found) = self.find_stack(name).await? else { return Ok(()) };
        let status = status(&found, &operation)?;
        match decide(status, Wish::Down) {
            Action::Nothing => Ok(()),
            Action::DeleteOwnShell if !self.is_own_shell(name).await? => Err(foreign_shell(&operation)),
            Action::Delete | Action::DeleteOwnShell => self.begin_deletion(name, &found).await,
            _ => Err(busy(&operation, Some(status))),
        }
    }

    async fn cancel_update(&self, name: &str) -> Result<()> {
        let answer = self.cloudformation.cancel_update_stack().stack_name(name).send().await;
        answer.map(drop).map_err(|error| failed(format!("cancel the update of stack {name}"), error))
    }
}

impl AwsCloud {
    /// Returns the stack; deleted ones do not count.
    pub(super) async fn find_stack(&self, name: &str) -> Result<Option<types::Stack>> {
        let answer = self.cloudformation.describe_stacks().stack_name(name).send().await;
        match answer.map_err(|error| failed(format!("describe stack {name}"), error)) {
            Ok(answer) => {
                let found = answer.stacks.unwrap_or_default().into_iter().next();
                let found =
                    found.filter(|one| one.stack_status() != Some(&types::StackStatus::DeleteComplete));
                if let Some(found) = &found {
                    self.remember(found.stack_name().unwrap_or(name), found.stack_id());
                }
                Ok(found)
            }
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the resources in CloudFormation's own order.
    pub(super) async fn resources(&self, name: &str) -> Result<Vec<StackResource>> {
        let mut all = Vec::new();
        let mut pages = self.cloudformation.list_stack_resources().stack_name(name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(format!("list the resources of stack {name}"), error))?;
            all.extend(page.stack_resource_summaries().iter().map(describe::resource));
        }
        all.retain(|resource| resource.status != "DELETE_COMPLETE");
        Ok(all)
    }

    pub(super) async fn begin_deletion(&self, name: &str, found: &types::Stack) -> Result<()> {
        let operation = format!("delete stack {name}");
        if found.enable_termination_protection().unwrap_or_default() {
            return Err(CloudError::new(ErrorKind::Validation, operation, "termination protection is on")
                .hint("deploy it once without protection, then delete it"));
        }
        // By id: a stack of the same name that somebody makes meanwhile is not meant.
        let id = found.stack_id().unwrap_or(name);
        let request = self.cloudformation.delete_stack().stack_name(id);
        let request = request.client_request_token(token("delete", id));
        request.send().await.map(drop).map_err(|error| failed(operation, error))
    }

    async fn delete_and_wait(&self, name: &str, found: Option<&types::Stack>) -> Result<()> {
        let Some(found) = found else { return Ok(()) };
        let after = self.last_event(name).await?;
        self.begin_deletion(name, found).await?;
        let begun = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(self.poll).await;
            let operation = deploying(name);
            let Some(now) = self.find_stack(name).await? else { return Ok(()) };
            if now.stack_id() != found.stack_id() {
                return Err(CloudError::new(ErrorKind::Conflict, operation, "somebody else made it anew"));
            }
            match status(&now, &operation)? {
                StackStatus::DeleteInProgress if begun.elapsed() < DELETED => {}
                StackStatus::DeleteInProgress => {
                    return Err(busy(&operation, Some(StackStatus::DeleteInProgress)));
                }
                // The status may not show yet that the deletion began.
                other if Some(other) == describe::status(found) && begun.elapsed() < self.poll * 6 => {}
                other => {
                    let events = self.events_after(name, after).await.unwrap_or_default();
                    let why = root_cause(&events).map(|event| {
                        format!("{}: {}", event.logical_id, event.reason.clone().unwrap_or_default())
                    });
                    let message = format!(
                        "it must be deleted first, and that ended as {other}: {}",
                        why.or_else(|| now.stack_status_reason().map(str::to_owned)).unwrap_or_default()
                    );
                    return Err(CloudError::new(ErrorKind::Validation, operation, message).hint(
                        "remove what blocks it, or delete the stack in the console and keep that resource",
                    ));
                }
            }
        }
    }

    async fn stuck(&self, name: &str, operation: &str, reason: &str) -> CloudError {
        let skips = self.suggested_skips(name).await.unwrap_or_default();
        let hint = if skips.is_empty() {
            format!("`aws cloudformation continue-update-rollback --stack-name {name}` goes on with it")
        } else {
            format!(
                "`aws cloudformation continue-update-rollback --stack-name {name} --resources-to-skip {}` goes on with it",
                skips.join(" ")
            )
        };
        CloudError::new(ErrorKind::Validation, operation, reason).hint(hint)
    }
}

/// Returns a token that no other operation has. Attempts of the SDK to send the same request share it.
pub(super) fn token(verb: &str, id: &str) -> String {
    let now = jiff::Timestamp::now().as_nanosecond();
    let hash = hex::encode(Sha256::digest(format!("{verb} {id} {now}")));
    format!("seaway-{verb}-{}", &hash[..32])
}

pub(super) fn status(stack: &types::Stack, operation: &str) -> Result<StackStatus> {
    describe::status(stack).ok_or_else(|| {
        let name = stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default();
        CloudError::new(
            ErrorKind::Internal,
            operation,
            format!("CloudFormation's status {name} is not known here"),
        )
        .hint("a newer Seaway may know it")
    })
}

fn known(found: &types::Stack, operation: &str) -> Result<Stack> {
    status(found, operation)?;
    describe::stack(found).ok_or_else(|| {
        CloudError::new(ErrorKind::Internal, operation, "CloudFormation gave a stack without a status")
    })
}

pub(super) fn busy(operation: &str, status: Option<StackStatus>) -> CloudError {
    let status = status.map_or("gone", StackStatus::as_str);
    CloudError::new(
        ErrorKind::Conflict,
        operation,
        format!("another operation is in progress: the stack is {status}"),
    )
    .hint("wait for it to end, then try again")
}

pub(super) fn foreign_shell(operation: &str) -> CloudError {
    CloudError::new(
        ErrorKind::Validation,
        operation,
        "the stack is REVIEW_IN_PROGRESS: somebody made a change set for it that was never executed",
    )
    .hint("execute or delete that change set in the CloudFormation console")
}
