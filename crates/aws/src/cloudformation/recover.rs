//! Stacks that are stuck.

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::StackStatus;

use super::decide::Action;
use super::decide::Wish;
use super::decide::decide;
use super::stacks::busy;
use super::stacks::foreign_shell;
use super::stacks::status;
use super::stacks::token;
use crate::AwsCloud;
use crate::failure::failed;

impl AwsCloud {
    /// Makes a stuck stack usable again, and returns what was begun; it ends as an operation of the
    /// stack like any other. `skip` names the resources that a continued rollback leaves as they are
    /// ([`AwsCloud::suggested_skips`]): in the form `Id`, or `NestedStack.Id`.
    ///
    /// # Errors
    /// `Conflict` while an operation runs; `Validation` where CloudFormation has no way.
    pub async fn recover_stack(&self, name: &str, skip: &[String]) -> Result<Action> {
        let operation = format!("recover stack {name}");
        let Some(found) = self.find_stack(name).await? else { return Ok(Action::Nothing) };
        let status = status(&found, &operation)?;
        let action = decide(status, Wish::Recover);
        match action {
            Action::ContinueRollback => {
                let mut request = self
                    .cloudformation
                    .continue_update_rollback()
                    .stack_name(name)
                    .client_request_token(token("continue", name))
                    .set_role_arn(self.target.cloudformation_role.clone());
                for id in skip {
                    request = request.resources_to_skip(id);
                }
                request.send().await.map_err(|error| failed(operation, error))?;
            }
            Action::Rollback => {
                let request = self
                    .cloudformation
                    .rollback_stack()
                    .stack_name(name)
                    .client_request_token(token("rollback", name))
                    .set_role_arn(self.target.cloudformation_role.clone());
                request.send().await.map_err(|error| failed(operation, error))?;
            }
            Action::DeleteOwnShell if !self.is_own_shell(name).await? => {
                return Err(foreign_shell(&operation));
            }
            Action::Delete | Action::DeleteOwnShell => self.begin_deletion(name, &found).await?,
            Action::Wait => return Err(busy(&operation, Some(status))),
            Action::Refuse(reason) => return Err(CloudError::new(ErrorKind::Validation, operation, reason)),
            _ => {}
        }
        Ok(action)
    }

    /// Returns the resources that a continued rollback would have to skip: those that could not be
    /// rolled back (CloudFormation API reference, `ContinueUpdateRollback`, `ResourcesToSkip`: only
    /// those in `UPDATE_FAILED` may be skipped).
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn suggested_skips(&self, name: &str) -> Result<Vec<String>> {
        let stuck = self.find_stack(name).await?;
        let stuck = stuck.and_then(|found| super::describe::status(&found));
        if stuck != Some(StackStatus::UpdateRollbackFailed) {
            return Ok(Vec::new());
        }
        let mut failed = self.resources(name).await?;
        failed.retain(|resource| resource.status == "UPDATE_FAILED");
        Ok(failed.into_iter().map(|resource| resource.logical_id).collect())
    }
}
