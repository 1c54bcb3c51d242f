//! What CloudFormation says about a stack, in the port's words.

use aws_sdk_cloudformation::types;
use indexmap::IndexMap;
use seaway_cloud::Realised;
use seaway_cloud::Stack;
use seaway_cloud::StackResource;
use seaway_cloud::StackStatus;
use serde_json::Value;

use crate::time::timestamp;
use crate::time::timestamp_or_epoch;

/// Returns the status; `None` for one that CloudFormation added since.
pub(super) fn status(stack: &types::Stack) -> Option<StackStatus> {
    let name = stack.stack_status()?.as_str();
    serde_json::from_value(Value::from(name)).ok()
}

/// Returns the stack in the port's words.
pub(super) fn stack(stack: &types::Stack) -> Option<Stack> {
    let mut parameters = IndexMap::new();
    for parameter in stack.parameters() {
        if let Some(name) = parameter.parameter_key() {
            parameters.insert(name.to_owned(), parameter.parameter_value().unwrap_or_default().to_owned());
        }
    }
    let mut outputs = IndexMap::new();
    for output in stack.outputs() {
        if let Some(name) = output.output_key() {
            outputs.insert(name.to_owned(), output.output_value().unwrap_or_default().to_owned());
        }
    }
    // CloudFormation gives neither in the order of the template.
    parameters.sort_keys();
    outputs.sort_keys();
    Some(Stack {
        name: stack.stack_name().unwrap_or_default().to_owned(),
        id: stack.stack_id().unwrap_or_default().to_owned(),
        status: status(stack)?,
        reason: stack.stack_status_reason().map(str::to_owned),
        parameters,
        outputs,
        tags: tags(stack),
        created: timestamp_or_epoch(stack.creation_time()),
        updated: timestamp(stack.last_updated_time()),
        termination_protection: stack.enable_termination_protection().unwrap_or_default(),
    })
}

/// Returns the tags of a stack.
pub(super) fn tags(stack: &types::Stack) -> IndexMap<String, String> {
    let pair = |tag: &types::Tag| {
        (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned())
    };
    stack.tags().iter().map(pair).collect()
}

/// Returns the resource in the port's words.
pub(super) fn resource(resource: &types::StackResourceSummary) -> StackResource {
    StackResource {
        logical_id: resource.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: resource.physical_resource_id().filter(|id| !id.is_empty()).map(str::to_owned),
        resource_type: resource.resource_type().unwrap_or_default().to_owned(),
        status: resource.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: resource.resource_status_reason().map(str::to_owned),
        realised: Realised::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        for name in types::StackStatus::values() {
            let of = types::Stack::builder().stack_status(types::StackStatus::from(*name)).build();
            assert_eq!(status(&of).map(StackStatus::as_str), Some(*name));
        }
    }
}
