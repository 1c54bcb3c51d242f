//! Changes by change set: what CloudFormation will do is known before it does anything.

use std::time::Duration;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::StackChange;
use seaway_cloud::StackInput;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use super::body::Body;
use super::capabilities::capabilities;
use crate::AwsCloud;
use crate::failure::failed;

/// Begins the names of our change sets.
pub(super) const PREFIX: &str = "seaway-";

/// Longest wait for a change set to be computed.
const COMPUTED: Duration = Duration::from_secs(600);

/// Returns true for the reason of a change set that would change nothing.
fn changes_nothing(reason: &str) -> bool {
    ["didn't contain changes", "No updates are to be performed"].iter().any(|text| reason.contains(text))
}

/// Returns the name of the change set: the same for the same change of the same state, so that a run
/// that was killed and started again finds its own.
fn change_set_name(input: &StackInput, role: Option<&str>, state: &str) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    part(&input.template);
    for (name, value) in input.parameters.iter().chain(&input.tags) {
        part(name);
        part(value);
    }
    part(role.unwrap_or_default());
    part(state);
    format!("{PREFIX}{}", &hex::encode(hash.finalize())[..32])
}

/// Returns what tells one state of a stack from the next.
fn state(stack: Option<&types::Stack>) -> String {
    stack.map_or_else(String::new, |stack| {
        let updated = stack.last_updated_time().or(stack.creation_time());
        let updated = updated.map(|time| time.as_nanos().to_string()).unwrap_or_default();
        format!("{} {updated}", stack.stack_id().unwrap_or_default())
    })
}

impl AwsCloud {
    /// Makes the change set, and executes it if it changes anything. `current` is the stack to
    /// update; `None` creates one.
    pub(super) async fn change(
        &self,
        input: &StackInput,
        current: Option<&types::Stack>,
    ) -> Result<StackChange> {
        let name = change_set_name(input, self.target.cloudformation_role.as_deref(), &state(current));
        self.create_change_set(input, &name, current.is_none()).await?;
        let computed = self.computed(&input.name, &name).await?;
        let reason = computed.status_reason().unwrap_or_default().to_owned();
        if computed.status() == Some(&types::ChangeSetStatus::Failed) {
            let findings = if changes_nothing(&reason) {
                Vec::new()
            } else {
                self.validation_findings(&name, &input.name).await
            };
            self.discard(&input.name, &name, current.is_none()).await?;
            if changes_nothing(&reason) {
                self.protect(input, current).await?;
                return Ok(StackChange::Unchanged);
            }
            let message = if findings.is_empty() { reason } else { findings.join("; ") };
            return Err(CloudError::new(ErrorKind::Validation, deploying(&input.name), message));
        }
        self.remember(&input.name, computed.stack_id());
        self.protect(input, current).await?;
        let after = self.last_event(&input.name).await?;
        self.execute(&input.name, &name).await?;
        Ok(StackChange::Started { after })
    }

    async fn create_change_set(&self, input: &StackInput, name: &str, create: bool) -> Result<()> {
        let template: Value = serde_json::from_str(&input.template).unwrap_or_default();
        let kind = if create { types::ChangeSetType::Create } else { types::ChangeSetType::Update };
        let mut request = self
            .cloudformation
            .create_change_set()
            .stack_name(&input.name)
            .change_set_name(name)
            .client_token(name)
            .change_set_type(kind)
            .set_role_arn(self.target.cloudformation_role.clone());
        request = match self.template_body(&input.name, &input.template).await? {
            Body::Inline(text) => request.template_body(text),
            Body::Url(url) => request.template_url(url),
        };
        for capability in capabilities(&template) {
            request = request.capabilities(types::Capability::from(capability));
        }
        for (key, value) in &input.parameters {
            let parameter = types::Parameter::builder().parameter_key(key).parameter_value(value).build();
            request = request.parameters(parameter);
        }
        for (key, value) in &input.tags {
            request = request.tags(types::Tag::builder().key(key).value(value).build());
        }
        match request.send().await {
            Ok(made) => {
                self.remember(&input.name, made.stack_id());
                Ok(())
            }
            // Ours: its name says so, and a run before this one made it.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_already_exists_exception()) => Ok(()),
            Err(error) => Err(failed(deploying(&input.name), error)),
        }
    }

    /// Waits until the change set is computed, or failed.
    async fn computed(&self, stack: &str, name: &str) -> Result<DescribeChangeSetOutput> {
        let begun = tokio::time::Instant::now();
        let mut pause = self.poll / 5;
        loop {
            let answer = self
                .cloudformation
                .describe_change_set()
                .stack_name(stack)
                .change_set_name(name)
                .send()
                .await;
            let answer = answer.map_err(|error| failed(deploying(stack), error))?;
            match answer.status() {
                Some(types::ChangeSetStatus::CreateComplete | types::ChangeSetStatus::Failed) => {
                    return Ok(answer);
                }
                _ if begun.elapsed() > COMPUTED => {
                    let message = format!("the change set {name} was not computed within 10 minutes");
                    return Err(CloudError::new(ErrorKind::Unavailable, deploying(stack), message));
                }
                _ => tokio::time::sleep(pause).await,
            }
            pause = (pause * 3 / 2).min(self.poll);
        }
    }

    /// Returns what CloudFormation's checks before the deployment found (only `DescribeEvents` tells);
    /// nothing where it cannot be asked: the reason of the change set stands then.
    async fn validation_findings(&self, name: &str, stack: &str) -> Vec<String> {
        let filter = types::EventFilter::builder().failed_events(true).build();
        let request = self.cloudformation.describe_events().stack_name(stack).change_set_name(name);
        let Ok(answer) = request.filters(filter).send().await else { return Vec::new() };
        let tell = |event: &types::OperationEvent| {
            let reason = event.validation_status_reason().or(event.resource_status_reason())?;
            let place = event.logical_resource_id().unwrap_or_default();
            let path = event.validation_path().map(|path| format!(" at {path}")).unwrap_or_default();
            Some(format!("{place}{path}: {reason}"))
        };
        answer.operation_events().iter().filter_map(tell).collect()
    }

    /// Deletes a change set that will not be executed, and the empty stack that it made.
    async fn discard(&self, stack: &str, name: &str, shell: bool) -> Result<()> {
        let request = self.cloudformation.delete_change_set().stack_name(stack).change_set_name(name);
        request.send().await.map_err(|error| failed(format!("delete the change set {name}"), error))?;
        if shell && self.is_own_shell(stack).await? {
            let request = self.cloudformation.delete_stack().stack_name(stack);
            request.send().await.map_err(|error| failed(format!("delete the empty stack {stack}"), error))?;
        }
        Ok(())
    }

    /// Switches termination protection, where it is not as wished.
    async fn protect(&self, input: &StackInput, current: Option<&types::Stack>) -> Result<()> {
        let now = current.and_then(types::Stack::enable_termination_protection).unwrap_or_default();
        if now == input.termination_protection {
            return Ok(());
        }
        let request = self
            .cloudformation
            .update_termination_protection()
            .stack_name(&input.name)
            .enable_termination_protection(input.termination_protection);
        let sent = request.send().await;
        sent.map(drop).map_err(|error| failed(format!("protect stack {} from deletion", input.name), error))
    }

    async fn execute(&self, stack: &str, name: &str) -> Result<()> {
        let request = self.cloudformation.execute_change_set().stack_name(stack).change_set_name(name);
        let Err(error) = request.client_request_token(name).send().await else { return Ok(()) };
        // The answer to an earlier attempt may have been lost on its way.
        if error.as_service_error().is_some_and(|error| error.is_invalid_change_set_status_exception()) {
            let now = self
                .cloudformation
                .describe_change_set()
                .stack_name(stack)
                .change_set_name(name)
                .send()
                .await;
            let running = now.ok().and_then(|now| now.execution_status).is_some_and(|status| {
                matches!(
                    status,
                    types::ExecutionStatus::ExecuteInProgress | types::ExecutionStatus::ExecuteComplete
                )
            });
            if running {
                return Ok(());
            }
        }
        Err(failed(deploying(stack), error))
    }

    /// Returns true when nobody but us has a change set on a stack that was never created.
    pub(super) async fn is_own_shell(&self, stack: &str) -> Result<bool> {
        let mut pages = self.cloudformation.list_change_sets().stack_name(stack).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| failed(format!("list the change sets of stack {stack}"), error))?;
            let foreign = |set: &types::ChangeSetSummary| {
                !set.change_set_name().is_some_and(|name| name.starts_with(PREFIX))
            };
            if page.summaries().iter().any(foreign) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What is being done, for messages.
pub(super) fn deploying(stack: &str) -> String {
    format!("deploy stack {stack}")
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn input() -> StackInput {
        StackInput {
            name: "shop-production-web".into(),
            template: "{}".into(),
            parameters: IndexMap::from([("Cpu".into(), "256".into())]),
            tags: IndexMap::new(),
            termination_protection: false,
        }
    }

    #[test]
    fn a_change_set_is_named_by_what_it_does() {
        let name = change_set_name(&input(), None, "arn 1");
        assert_eq!(name, change_set_name(&input(), None, "arn 1"));
        assert!(name.len() <= 128 && name.starts_with(PREFIX), "{name}");
        let mut other = input();
        other.parameters.insert("Cpu".into(), "512".into());
        for different in [
            change_set_name(&other, None, "arn 1"),
            change_set_name(&input(), Some("role"), "arn 1"),
            change_set_name(&input(), None, "arn 2"),
        ] {
            assert_ne!(name, different);
        }
    }

    #[test]
    fn nothing_to_change() {
        for (reason, nothing) in [
            ("The submitted information didn't contain changes. Submit different information.", true),
            ("No updates are to be performed.", true),
            ("Template error: unresolved resource dependencies", false),
            ("", false),
        ] {
            assert_eq!(changes_nothing(reason), nothing, "{reason}");
        }
    }
}
