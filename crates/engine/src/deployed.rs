//! What is deployed.

use futures::future::try_join_all;
use indexmap::IndexMap;
use seaway_cfn::Template;
use seaway_cloud::Cloud;
use seaway_cloud::ErrorKind;
use seaway_cloud::ServiceRef;
use seaway_cloud::Stack;
use seaway_cloud::StackInput;
use seaway_cloud::StackStatus;

use crate::EngineError;

/// A stack and its template.
#[derive(Clone, Debug)]
pub(crate) struct DeployedStack {
    /// As it is.
    pub(crate) stack: Stack,
    /// As it was last applied.
    pub(crate) text: String,
    /// The same, read; `None` when it is no template that we understand.
    pub(crate) template: Option<Template>,
}

impl DeployedStack {
    /// Returns what would put the stack where it is now.
    pub(crate) fn input(&self) -> StackInput {
        StackInput {
            name: self.stack.name.clone(),
            template: self.text.clone(),
            parameters: self.stack.parameters.clone(),
            tags: self.stack.tags.clone(),
            termination_protection: self.stack.termination_protection,
        }
    }

    /// Returns true for a stack that runs something.
    pub(crate) fn is_workload(&self) -> bool {
        self.stack.tags.contains_key("seaway:workload")
            || self.stack.outputs.contains_key("TaskDefinitionArn")
            || self.template.as_ref().is_some_and(is_workload_template)
    }

    /// Returns the parameter values in use, defaults included.
    pub(crate) fn parameters(&self) -> IndexMap<String, String> {
        let mut values = self.template.as_ref().map(defaults).unwrap_or_default();
        values.extend(self.stack.parameters.clone());
        values
    }
}

/// Returns true when a template has the outputs of a workload stack.
pub(crate) fn is_workload_template(template: &Template) -> bool {
    template.outputs.contains_key("TaskDefinitionArn")
}

/// Returns the default values of a template's parameters.
pub(crate) fn defaults(template: &Template) -> IndexMap<String, String> {
    let default = |(name, parameter): (&String, &seaway_cfn::Parameter)| {
        parameter.default.clone().map(|value| (name.clone(), value))
    };
    template.parameters.iter().filter_map(default).collect()
}

/// Returns the tags that all stacks of an environment carry.
pub(crate) fn tags(app: &str, env: &str) -> IndexMap<String, String> {
    IndexMap::from([("seaway:app".to_owned(), app.to_owned()), ("seaway:env".to_owned(), env.to_owned())])
}

/// Reads the stacks of an environment, and those of `names` even if they carry other tags.
pub(crate) async fn read(
    cloud: &dyn Cloud,
    app: &str,
    env: &str,
    names: &[&str],
) -> Result<IndexMap<String, DeployedStack>, EngineError> {
    let mut stacks = cloud.list_stacks(&tags(app, env)).await?;
    let missing = names.iter().filter(|name| !stacks.iter().any(|stack| stack.name == **name));
    let others = try_join_all(missing.map(|name| cloud.describe_stack(name))).await?;
    if let Some(foreign) = others.iter().flatten().next() {
        return Err(EngineError::Preflight {
            findings: vec![format!(
                "the stack {} exists and is not of {app} in {env} (its tags say otherwise): \
                 rename the application, or delete that stack",
                foreign.name
            )],
        });
    }
    stacks.retain(|stack| stack.status != StackStatus::DeleteComplete);
    let texts = stacks.iter().map(|stack| async {
        match cloud.stack_template(&stack.name).await {
            // Its deletion came to an end between the two reads.
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            answer => answer.map(Some),
        }
    });
    let texts = try_join_all(texts).await?;
    Ok(stacks
        .into_iter()
        .zip(texts)
        .filter_map(|(stack, text)| {
            let text = text?;
            let template = Template::from_json(&text).ok();
            Some((stack.name.clone(), DeployedStack { stack, text, template }))
        })
        .collect())
}

/// Returns the service that a workload stack's outputs name.
pub(crate) fn service_of(outputs: &IndexMap<String, String>) -> Option<ServiceRef> {
    Some(ServiceRef {
        cluster: outputs.get("ClusterName")?.clone(),
        service: outputs.get("ServiceName")?.clone(),
    })
}

/// Returns the workload's name of a stack.
pub(crate) fn workload_name(app: &str, env: &str, stack: &Stack) -> String {
    stack.tags.get("seaway:workload").cloned().unwrap_or_else(|| {
        let prefix = format!("{app}-{env}-");
        stack.name.strip_prefix(&prefix).unwrap_or(&stack.name).to_owned()
    })
}

/// Returns true when a stack could not be created and can only be deleted (CloudFormation user
/// guide, "Stack status codes").
pub(crate) fn must_be_deleted_first(status: StackStatus) -> bool {
    matches!(
        status,
        StackStatus::RollbackComplete
            | StackStatus::RollbackFailed
            | StackStatus::CreateFailed
            | StackStatus::DeleteFailed
            | StackStatus::ReviewInProgress
    )
}
