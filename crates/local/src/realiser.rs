//! How the parts of `local` meet: the stack engine drives [`Realiser`]s, ECS drives target
//! groups and reads secrets.

use std::net::SocketAddr;

use async_trait::async_trait;
use indexmap::IndexMap;
use seaway_cloud::Realised;
use seaway_cloud::TargetHealth;
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Why a resource could not be realised; becomes the status reason of the resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(pub(crate) String);

/// What a realiser is told beside the properties.
#[derive(Clone, Debug)]
pub(crate) struct ResourceContext {
    /// Stack name.
    pub(crate) stack: String,
    /// Logical id.
    pub(crate) logical_id: String,
    /// Such as `AWS::ECS::Service`.
    pub(crate) resource_type: String,
    /// Tags of the stack (`seaway:app`, `seaway:env`, `seaway:workload`, …).
    pub(crate) tags: IndexMap<String, String>,
    /// Changes with every replacement of the resource, stays the same when an interrupted
    /// creation is resumed: physical names are derived from it, so that creating twice is
    /// creating once.
    pub(crate) token: String,
    /// The operation was cancelled: give up waiting and fail.
    pub(crate) cancelled: CancellationToken,
}

/// A resource that exists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Physical {
    /// What `Ref` returns.
    pub(crate) id: String,
    /// What `Fn::GetAtt` returns.
    pub(crate) attributes: IndexMap<String, String>,
    /// Live or declared only.
    pub(crate) realised: Realised,
}

/// Realises some resource types. Properties arrive evaluated: plain JSON without intrinsics.
/// Every operation is idempotent: it may be called again after a crash.
#[async_trait]
pub(crate) trait Realiser: Send + Sync {
    /// Returns the resource types.
    fn types(&self) -> &'static [&'static str];
    /// Returns true when this change needs a new resource (CloudFormation's "Replacement").
    fn replaces(&self, resource_type: &str, old: &Value, new: &Value) -> bool;
    /// Returns what `Ref` will return, where that is known before the resource is stable: shown
    /// while it is being created, so that it can be watched. `None`: not before.
    fn announces(&self, context: &ResourceContext, properties: &Value) -> Option<String> {
        let _ = (context, properties);
        None
    }
    /// Creates the resource and waits until it is stable.
    async fn create(&self, context: &ResourceContext, properties: &Value) -> Result<Physical, Failure>;
    /// Updates it in place and waits until it is stable.
    async fn update(
        &self,
        context: &ResourceContext,
        id: &str,
        old: &Value,
        new: &Value,
    ) -> Result<Physical, Failure>;
    /// Deletes it; one that is gone already is no error. `id` is empty when the creation failed or
    /// was interrupted before it had one: then whatever `context.token` names is removed.
    async fn delete(&self, context: &ResourceContext, id: &str, properties: &Value) -> Result<(), Failure>;
}

/// The target groups of the load balancers, as ECS uses them.
#[async_trait]
pub(crate) trait TargetGroups: Send + Sync {
    /// Adds a target; its health is `initial` until a health check passed.
    async fn register(&self, target_group: &str, target: &str, address: SocketAddr);
    /// Begins draining: no new requests; those under way are finished, at most for the
    /// deregistration delay. Returns at once.
    async fn deregister(&self, target_group: &str, target: &str);
    /// Returns the health of a target; `None` when the group does not know it (drained).
    async fn health(&self, target_group: &str, target: &str) -> Option<TargetHealth>;
}

/// The values of secrets, by parameter or secret name.
pub(crate) trait SecretReader: Send + Sync {
    /// Returns the value, `None` when there is none.
    fn secret(&self, name: &str) -> Option<SecretString>;
    /// Returns true when an earlier background process had the value, and it went with that one:
    /// the next `up` brings it again.
    fn awaited(&self, name: &str) -> bool;
    /// Returns a receiver that hears of new values.
    fn changes(&self) -> watch::Receiver<u64>;
}
