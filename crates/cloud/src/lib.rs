//! The port to a cloud: traits, plain types, events.
//!
//! `engine` drives a [`Cloud`]; `local` and `aws` implement it. The vocabulary is that of
//! CloudFormation and ECS. Nothing here names an SDK, a container engine or a terminal.

mod error;
pub mod event;
mod exec;
#[cfg(feature = "fake")]
pub mod fake;
mod logs;
mod record;
mod schedule;
mod secret;
mod service;
mod stack;
mod status;
mod task;

pub use error::CloudError;
pub use error::ErrorKind;
pub use error::Result;
pub use exec::ExecInput;
pub use exec::ExecOutput;
pub use exec::ExecRequest;
pub use exec::ExecSession;
pub use logs::LogEvent;
pub use logs::LogPage;
pub use logs::LogQuery;
pub use record::Lock;
pub use record::LockOwner;
pub use record::Outcome;
pub use record::ReleaseRecord;
pub use record::ReleaseSummary;
pub use schedule::Schedule;
pub use secret::SecretSource;
pub use secret::SecretValue;
pub use service::Deployment;
pub use service::RolloutState;
pub use service::Service;
pub use service::ServiceEvent;
pub use service::ServiceRef;
pub use service::ServiceUpdate;
pub use service::StopType;
pub use stack::Realised;
pub use stack::Stack;
pub use stack::StackChange;
pub use stack::StackEvent;
pub use stack::StackInput;
pub use stack::StackResource;
pub use status::StackStatus;
pub use task::Container;
pub use task::Health;
pub use task::RunTask;
pub use task::TargetHealth;
pub use task::Task;
pub use task::TaskFilter;

use async_trait::async_trait;
use indexmap::IndexMap;

/// Who is calling, and where.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// Twelve digits; `000000000000` on `local`.
    pub account: String,
    /// Region name; `local` on this machine.
    pub region: String,
    /// The caller, for the release record.
    pub caller: String,
}

/// The operations on stacks.
#[async_trait]
pub trait Stacks: Send + Sync {
    /// Returns the stack, `None` when there is none of that name (deleted ones do not count).
    async fn describe_stack(&self, name: &str) -> Result<Option<Stack>>;
    /// Returns all stacks that carry every one of `tags`, by name.
    async fn list_stacks(&self, tags: &IndexMap<String, String>) -> Result<Vec<Stack>>;
    /// Returns the template as it was last applied.
    async fn stack_template(&self, name: &str) -> Result<String>;
    /// Returns the resources of a stack in template order.
    async fn stack_resources(&self, name: &str) -> Result<Vec<StackResource>>;
    /// Returns the events of a stack with `seq > after`, oldest first.
    async fn stack_events(&self, name: &str, after: u64) -> Result<Vec<StackEvent>>;
    /// Creates the stack, or updates it; returns at once. The answer to every status that a
    /// stack can be in is documented at [`StackStatus`]. `ErrorKind::Conflict` while another
    /// operation on it is in progress.
    async fn put_stack(&self, input: &StackInput) -> Result<StackChange>;
    /// Starts the deletion; a stack that is not there is no error.
    async fn delete_stack(&self, name: &str) -> Result<()>;
    /// Cancels an update in progress: it rolls back.
    async fn cancel_update(&self, name: &str) -> Result<()>;
}

/// The operations on ECS services.
#[async_trait]
pub trait Services: Send + Sync {
    /// Returns the service with its deployments and its newest events.
    async fn describe_service(&self, service: &ServiceRef) -> Result<Option<Service>>;
    /// Stops the deployment in progress (ECS StopServiceDeployment).
    async fn stop_deployment(&self, service: &ServiceRef, stop: StopType, reason: &str) -> Result<()>;
    /// Changes the desired count, or starts a new deployment of the same revision.
    async fn update_service(&self, service: &ServiceRef, update: &ServiceUpdate) -> Result<()>;
}

/// The operations on tasks, schedules, logs and exec.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Starts one task and returns it.
    async fn run_task(&self, run: &RunTask) -> Result<Task>;
    /// Returns a task, `None` when it is unknown (ECS forgets a stopped task after an hour).
    async fn describe_task(&self, cluster: &str, id: &str) -> Result<Option<Task>>;
    /// Returns the tasks that match, newest first.
    async fn list_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>>;
    /// Stops a task.
    async fn stop_task(&self, cluster: &str, id: &str, reason: &str) -> Result<()>;
    /// Returns the schedules whose name is in a stack with these tags.
    async fn list_schedules(&self, tags: &IndexMap<String, String>) -> Result<Vec<Schedule>>;
    /// Switches a schedule on or off.
    async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<()>;
    /// Returns log events, oldest first.
    async fn logs(&self, query: &LogQuery) -> Result<LogPage>;
    /// Opens a session in a running container.
    async fn exec(&self, request: &ExecRequest) -> Result<ExecSession>;
}

/// Secrets, locks and release records.
#[async_trait]
pub trait Store: Send + Sync {
    /// Gives secrets their values. `local` keeps values from the environment in memory only and
    /// reads files anew whenever a task starts.
    async fn put_secrets(&self, secrets: &[SecretValue]) -> Result<()>;
    /// Returns those of `names` that have no value.
    async fn missing_secrets(&self, names: &[String]) -> Result<Vec<String>>;
    /// Takes the lock of an environment, or says who has it. A lock whose owner is known to be
    /// dead is taken over.
    async fn acquire_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock>;
    /// Gives the lock back; nothing happens when `owner` does not have it.
    async fn release_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()>;
    /// Writes a release record; a record of that number is replaced.
    async fn put_release(&self, record: &ReleaseRecord) -> Result<()>;
    /// Returns one release with its stacks.
    async fn release(&self, app: &str, env: &str, number: u64) -> Result<Option<ReleaseRecord>>;
    /// Returns all releases, newest first, without their stacks.
    async fn releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>>;
}

/// One cloud: an account and region, or this machine.
#[async_trait]
pub trait Cloud: Stacks + Services + Tasks + Store {
    /// Returns who is calling.
    async fn identity(&self) -> Result<Identity>;
    /// Returns how often the engine should look at something that changes.
    fn poll_interval(&self) -> std::time::Duration;
}
