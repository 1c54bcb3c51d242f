//! The port over the socket.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use indexmap::IndexMap;
use seaway_cloud::Cloud;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecRequest;
use seaway_cloud::ExecSession;
use seaway_cloud::Identity;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::LogPage;
use seaway_cloud::LogQuery;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::Result;
use seaway_cloud::RunTask;
use seaway_cloud::Schedule;
use seaway_cloud::SecretValue;
use seaway_cloud::Service;
use seaway_cloud::ServiceRef;
use seaway_cloud::ServiceUpdate;
use seaway_cloud::Services;
use seaway_cloud::Stack;
use seaway_cloud::StackChange;
use seaway_cloud::StackEvent;
use seaway_cloud::StackInput;
use seaway_cloud::StackResource;
use seaway_cloud::Stacks;
use seaway_cloud::StopType;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_cloud::Tasks;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connection::Connection;
use super::session::carry;
use super::start::connect_or_start;
use crate::lock::lock;
use crate::options::LocalOptions;
use crate::rpc::Ping;
use crate::status::LocalDown;
use crate::status::LocalStatus;

/// How often the engine looks at something that changes.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(150);

/// Methods that change nothing: they may be called again when the connection broke.
const READ_ONLY: &[&str] = &[
    "ping",
    "local_status",
    "identity",
    "describe_stack",
    "list_stacks",
    "stack_template",
    "stack_resources",
    "stack_events",
    "describe_service",
    "describe_task",
    "list_tasks",
    "list_schedules",
    "logs",
    "missing_secrets",
    "release",
    "releases",
];

/// This machine as a cloud: the client of the background process.
#[derive(Debug)]
pub struct LocalCloud {
    options: LocalOptions,
    idle: Mutex<Vec<Connection>>,
    /// Who answered last: another process does not have the values of our secrets.
    peer: Mutex<Ping>,
    secrets: Mutex<IndexMap<String, SecretValue>>,
    /// Start a process where there is none.
    start: bool,
}

impl LocalCloud {
    /// Connects to the background process; starts it where there is none, and replaces it where it
    /// is of another build. Containers go on in both cases.
    ///
    /// # Errors
    /// `Unavailable` with a hint: no container engine answers, or the process does not start.
    pub async fn connect(options: &LocalOptions) -> Result<LocalCloud> {
        let (connection, ping) = connect_or_start(options).await?;
        Ok(LocalCloud::with(options, connection, ping, true))
    }

    /// Connects to the background process if there is one, of whatever build.
    pub async fn connect_existing(options: &LocalOptions) -> Option<LocalCloud> {
        let (connection, ping) = Connection::open(options).await?;
        Some(LocalCloud::with(options, connection, ping, false))
    }

    fn with(options: &LocalOptions, connection: Connection, ping: Ping, start: bool) -> LocalCloud {
        LocalCloud {
            options: options.clone(),
            idle: Mutex::new(vec![connection]),
            peer: Mutex::new(ping),
            secrets: Mutex::new(IndexMap::new()),
            start,
        }
    }

    /// Returns what the background process has and runs.
    ///
    /// # Errors
    /// The background process does not answer.
    pub async fn local_status(&self) -> Result<LocalStatus> {
        self.call("local_status", ()).await
    }

    /// Removes everything that Seaway made on this machine for this state folder, and ends the
    /// background process.
    ///
    /// # Errors
    /// Something could not be removed: it is named, and the state is kept so that it can be tried
    /// again.
    pub async fn local_down(&self) -> Result<LocalDown> {
        let down: LocalDown = self.call("local_down", ()).await?;
        if down.left.is_empty() {
            return Ok(down);
        }
        Err(CloudError::new(ErrorKind::Internal, "remove the local environment", down.left.join("; "))
            .hint("run `seaway local down` again"))
    }

    /// Takes the idle connections away, as if they broke.
    #[cfg(test)]
    pub(crate) fn idle_connections(&self) -> Vec<Connection> {
        std::mem::take(&mut lock(&self.idle))
    }

    /// Returns a connection that is alive, opening one where none is idle.
    async fn connection(&self) -> Result<Connection> {
        loop {
            let Some(mut connection) = lock(&self.idle).pop() else { break };
            if connection.lives() {
                return Ok(connection);
            }
        }
        let (mut connection, ping) = match Connection::open(&self.options).await {
            Some(found) => found,
            None if self.start => connect_or_start(&self.options).await?,
            None => {
                return Err(CloudError::new(
                    ErrorKind::Unavailable,
                    "ask the background process",
                    "it is not running any more",
                ));
            }
        };
        let other = std::mem::replace(&mut *lock(&self.peer), ping.clone()) != ping;
        let secrets: Vec<SecretValue> = lock(&self.secrets).values().cloned().collect();
        if other && !secrets.is_empty() {
            let params = to_json("put_secrets", &(secrets,))?;
            connection.call("put_secrets", params).await.map_err(|error| broken("put_secrets", &error))??;
        }
        Ok(connection)
    }

    async fn call<P: Serialize, T: DeserializeOwned>(&self, method: &str, params: P) -> Result<T> {
        let params = to_json(method, &params)?;
        let mut connection = self.connection().await?;
        let mut answer = connection.call(method, params.clone()).await;
        if answer.is_err() && READ_ONLY.contains(&method) {
            connection = self.connection().await?;
            answer = connection.call(method, params).await;
        }
        let answer = answer.map_err(|error| broken(method, &error))?;
        lock(&self.idle).push(connection);
        serde_json::from_value(answer?).map_err(|error| {
            CloudError::new(
                ErrorKind::Internal,
                words(method),
                format!("the background process answered something else: {error}"),
            )
        })
    }
}

fn to_json<P: Serialize>(method: &str, params: &P) -> Result<Value> {
    serde_json::to_value(params)
        .map_err(|error| CloudError::new(ErrorKind::Internal, words(method), error.to_string()))
}

fn broken(method: &str, error: &std::io::Error) -> CloudError {
    CloudError::new(
        ErrorKind::Unavailable,
        words(method),
        format!("the background process went away before it answered ({error})"),
    )
    .hint("run the command again: it starts a new one, which goes on where the old one was")
}

/// Returns a method's name as words: `describe_stack` is `describe stack`.
fn words(method: &str) -> String {
    method.replace('_', " ")
}

#[async_trait]
impl Stacks for LocalCloud {
    async fn describe_stack(&self, name: &str) -> Result<Option<Stack>> {
        self.call("describe_stack", (name,)).await
    }

    async fn list_stacks(&self, tags: &IndexMap<String, String>) -> Result<Vec<Stack>> {
        self.call("list_stacks", (tags,)).await
    }

    async fn stack_template(&self, name: &str) -> Result<String> {
        self.call("stack_template", (name,)).await
    }

    async fn stack_resources(&self, name: &str) -> Result<Vec<StackResource>> {
        self.call("stack_resources", (name,)).await
    }

    async fn stack_events(&self, name: &str, after: u64) -> Result<Vec<StackEvent>> {
        self.call("stack_events", (name, after)).await
    }

    async fn put_stack(&self, input: &StackInput) -> Result<StackChange> {
        self.call("put_stack", (input,)).await
    }

    async fn delete_stack(&self, name: &str) -> Result<()> {
        self.call("delete_stack", (name,)).await
    }

    async fn cancel_update(&self, name: &str) -> Result<()> {
        self.call("cancel_update", (name,)).await
    }
}

#[async_trait]
impl Services for LocalCloud {
    async fn describe_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        self.call("describe_service", (service,)).await
    }

    async fn stop_deployment(&self, service: &ServiceRef, stop: StopType, reason: &str) -> Result<()> {
        self.call("stop_deployment", (service, stop, reason)).await
    }

    async fn update_service(&self, service: &ServiceRef, update: &ServiceUpdate) -> Result<()> {
        self.call("update_service", (service, update)).await
    }
}

#[async_trait]
impl Tasks for LocalCloud {
    async fn run_task(&self, run: &RunTask) -> Result<Task> {
        self.call("run_task", (run,)).await
    }

    async fn describe_task(&self, cluster: &str, id: &str) -> Result<Option<Task>> {
        self.call("describe_task", (cluster, id)).await
    }

    async fn list_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        self.call("list_tasks", (filter,)).await
    }

    async fn stop_task(&self, cluster: &str, id: &str, reason: &str) -> Result<()> {
        self.call("stop_task", (cluster, id, reason)).await
    }

    async fn list_schedules(&self, tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        self.call("list_schedules", (tags,)).await
    }

    async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<()> {
        self.call("enable_schedule", (name, enabled)).await
    }

    async fn logs(&self, query: &LogQuery) -> Result<LogPage> {
        self.call("logs", (query,)).await
    }

    async fn exec(&self, request: &ExecRequest) -> Result<ExecSession> {
        let params = to_json("exec", &(request,))?;
        let mut connection = self.connection().await?;
        connection.call("exec", params).await.map_err(|error| broken("exec", &error))??;
        Ok(carry(connection))
    }
}

#[async_trait]
impl seaway_cloud::Store for LocalCloud {
    async fn put_secrets(&self, secrets: &[SecretValue]) -> Result<()> {
        {
            let mut known = lock(&self.secrets);
            for secret in secrets {
                known.insert(secret.name.clone(), secret.clone());
            }
        }
        self.call("put_secrets", (secrets,)).await
    }

    async fn missing_secrets(&self, names: &[String]) -> Result<Vec<String>> {
        self.call("missing_secrets", (names,)).await
    }

    async fn acquire_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock> {
        self.call("acquire_lock", (app, env, owner)).await
    }

    async fn release_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()> {
        self.call("release_lock", (app, env, owner)).await
    }

    async fn put_release(&self, record: &ReleaseRecord) -> Result<()> {
        self.call("put_release", (record,)).await
    }

    async fn release(&self, app: &str, env: &str, number: u64) -> Result<Option<ReleaseRecord>> {
        self.call("release", (app, env, number)).await
    }

    async fn releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>> {
        self.call("releases", (app, env)).await
    }
}

#[async_trait]
impl Cloud for LocalCloud {
    async fn identity(&self) -> Result<Identity> {
        self.call("identity", ()).await
    }

    fn poll_interval(&self) -> Duration {
        POLL_INTERVAL
    }
}
