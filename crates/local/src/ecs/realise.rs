//! ECS as a [`Realiser`]: clusters, task definitions, services, schedules.

use async_trait::async_trait;
use seaway_cloud::Realised;
use serde_json::Value;

use super::Ecs;
use super::realise_schedule;
use super::realise_service;
use super::realise_shared;
use crate::declared;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;

const CLUSTER: &str = "AWS::ECS::Cluster";
const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";
const SERVICE: &str = "AWS::ECS::Service";
const SCHEDULE: &str = "AWS::Scheduler::Schedule";
const LOG_GROUP: &str = "AWS::Logs::LogGroup";

/// Returns a live resource.
pub(super) fn live(id: String, attributes: &[(&str, String)]) -> Physical {
    Physical {
        id,
        attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        realised: Realised::Live,
    }
}

/// Returns a property that is text.
pub(super) fn text<'a>(properties: &'a Value, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn unknown(resource_type: &str) -> Failure {
    Failure(format!("{resource_type} is not a resource type of ECS on this machine"))
}

/// Returns a log group: its id is its name.
fn log_group(context: &ResourceContext, properties: &Value) -> Physical {
    let (id, attributes) = declared::identity(context, properties);
    Physical { id, attributes, realised: Realised::Live }
}

/// Returns true when one of these properties differs.
fn differs(old: &Value, new: &Value, names: &[&str]) -> bool {
    names.iter().any(|name| old.get(name) != new.get(name))
}

#[async_trait]
impl Realiser for Ecs {
    fn types(&self) -> &'static [&'static str] {
        &[CLUSTER, TASK_DEFINITION, SERVICE, SCHEDULE, LOG_GROUP]
    }

    fn replaces(&self, resource_type: &str, old: &Value, new: &Value) -> bool {
        match resource_type {
            CLUSTER => differs(old, new, &["ClusterName"]),
            TASK_DEFINITION => {
                let without_tags = |value: &Value| {
                    let mut value = value.clone();
                    if let Some(map) = value.as_object_mut() {
                        map.shift_remove("Tags");
                    }
                    value
                };
                without_tags(old) != without_tags(new)
            }
            SERVICE => {
                differs(old, new, &["Cluster", "LaunchType", "Role", "SchedulingStrategy", "ServiceName"])
            }
            SCHEDULE => differs(old, new, &["Name", "GroupName"]),
            LOG_GROUP => differs(old, new, &["LogGroupName"]),
            _ => false,
        }
    }

    fn announces(&self, context: &ResourceContext, properties: &Value) -> Option<String> {
        (context.resource_type == SERVICE).then(|| realise_service::arn(context, properties)).flatten()
    }

    async fn create(&self, context: &ResourceContext, properties: &Value) -> Result<Physical, Failure> {
        match context.resource_type.as_str() {
            CLUSTER => realise_shared::put_cluster(self.inner(), context, properties).await,
            TASK_DEFINITION => realise_shared::register(self.inner(), context, properties),
            SERVICE => realise_service::put(self.inner(), context, properties).await,
            SCHEDULE => realise_schedule::put(self.inner(), context, None, properties),
            LOG_GROUP => {
                let group = log_group(context, properties);
                self.inner().logs.create_group(&group.id);
                Ok(group)
            }
            other => Err(unknown(other)),
        }
    }

    async fn update(
        &self,
        context: &ResourceContext,
        id: &str,
        old: &Value,
        new: &Value,
    ) -> Result<Physical, Failure> {
        match context.resource_type.as_str() {
            CLUSTER => realise_shared::put_cluster(self.inner(), context, new).await,
            TASK_DEFINITION => Ok(live(id.to_owned(), &[("TaskDefinitionArn", id.to_owned())])),
            SERVICE => realise_service::put(self.inner(), context, new).await,
            SCHEDULE => realise_schedule::put(self.inner(), context, Some(old), new),
            LOG_GROUP => Ok(log_group(context, new)),
            other => Err(unknown(other)),
        }
    }

    async fn delete(&self, context: &ResourceContext, id: &str, properties: &Value) -> Result<(), Failure> {
        match context.resource_type.as_str() {
            CLUSTER => realise_shared::delete_cluster(self.inner(), context, id, properties).await,
            TASK_DEFINITION => {
                realise_shared::deregister(self.inner(), context, id);
                Ok(())
            }
            SERVICE => realise_service::delete(self.inner(), context, id, properties).await,
            SCHEDULE => {
                realise_schedule::delete(self.inner(), context, id, properties);
                Ok(())
            }
            LOG_GROUP => {
                self.inner().logs.delete_group(&log_group(context, properties).id);
                Ok(())
            }
            other => Err(unknown(other)),
        }
    }
}
