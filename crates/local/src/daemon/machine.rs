//! The port, on the server's side: everything that the background process owns.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bollard::Docker;
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
use seaway_cloud::Realised;
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
use tokio_util::sync::CancellationToken;

use super::host::Host;
use super::remove;
use crate::ecs::Ecs;
use crate::elb::Elb;
use crate::elb::ListenerStatus;
use crate::emulator::Emulator;
use crate::log::Log;
use crate::records::Records;
use crate::rpc::Ping;
use crate::secrets::Secrets;
use crate::stacks::Engine;
use crate::status::EngineStatus;
use crate::status::ListenerLine;
use crate::status::LocalDown;
use crate::status::LocalStatus;
use crate::status::ServiceLine;
use crate::status::StackLine;
use crate::store::Store;

/// Everything that the background process owns.
pub(super) struct Machine {
    pub(super) docker: Docker,
    pub(super) docker_address: String,
    pub(super) instance: String,
    pub(super) store: Store,
    pub(super) log: Log,
    pub(super) secrets: Arc<Secrets>,
    pub(super) records: Records,
    pub(super) emulator: Emulator,
    pub(super) elb: Elb,
    pub(super) ecs: Ecs,
    pub(super) stacks: Engine,
    pub(super) ping: Ping,
    pub(super) stop: CancellationToken,
}

impl Machine {
    /// Stops everything in this process; containers go on.
    pub(super) async fn close(&self) {
        self.stacks.close();
        self.ecs.halt();
        self.elb.close_all().await;
        self.emulator.close_all().await;
    }

    /// Removes the state. What was just being stopped may write one more file meanwhile.
    async fn destroy_state(&self) -> io::Result<()> {
        for _ in 0..20 {
            match self.store.destroy() {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                other => return other,
            }
        }
        self.store.destroy()
    }
}

fn disk(operation: &str) -> impl FnOnce(io::Error) -> CloudError {
    let operation = operation.to_owned();
    move |error| {
        CloudError::new(ErrorKind::Internal, operation, error.to_string())
            .hint("see that the state folder can be written and its disk is not full")
    }
}

#[async_trait]
impl Stacks for Machine {
    async fn describe_stack(&self, name: &str) -> Result<Option<Stack>> {
        Ok(self.stacks.describe(name))
    }

    async fn list_stacks(&self, tags: &IndexMap<String, String>) -> Result<Vec<Stack>> {
        Ok(self.stacks.list(tags))
    }

    async fn stack_template(&self, name: &str) -> Result<String> {
        self.stacks.template(name)
    }

    async fn stack_resources(&self, name: &str) -> Result<Vec<StackResource>> {
        self.stacks.resources(name)
    }

    async fn stack_events(&self, name: &str, after: u64) -> Result<Vec<StackEvent>> {
        self.stacks.events(name, after)
    }

    async fn put_stack(&self, input: &StackInput) -> Result<StackChange> {
        self.stacks.put(input)
    }

    async fn delete_stack(&self, name: &str) -> Result<()> {
        self.stacks.delete(name)
    }

    async fn cancel_update(&self, name: &str) -> Result<()> {
        self.stacks.cancel_update(name)
    }
}

#[async_trait]
impl Services for Machine {
    async fn describe_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        self.ecs.describe_service(service).await
    }

    async fn stop_deployment(&self, service: &ServiceRef, stop: StopType, reason: &str) -> Result<()> {
        self.ecs.stop_deployment(service, stop, reason).await
    }

    async fn update_service(&self, service: &ServiceRef, update: &ServiceUpdate) -> Result<()> {
        self.ecs.update_service(service, update).await
    }
}

#[async_trait]
impl Tasks for Machine {
    async fn run_task(&self, run: &RunTask) -> Result<Task> {
        self.ecs.run_task(run).await
    }

    async fn describe_task(&self, cluster: &str, id: &str) -> Result<Option<Task>> {
        self.ecs.describe_task(cluster, id).await
    }

    async fn list_tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        self.ecs.list_tasks(filter).await
    }

    async fn stop_task(&self, cluster: &str, id: &str, reason: &str) -> Result<()> {
        self.ecs.stop_task(cluster, id, reason).await
    }

    async fn list_schedules(&self, tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        self.ecs.list_schedules(tags).await
    }

    async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<()> {
        self.ecs.enable_schedule(name, enabled).await
    }

    async fn logs(&self, query: &LogQuery) -> Result<LogPage> {
        self.ecs.logs(query).await
    }

    async fn exec(&self, request: &ExecRequest) -> Result<ExecSession> {
        self.ecs.exec(request).await
    }
}

#[async_trait]
impl seaway_cloud::Store for Machine {
    async fn put_secrets(&self, secrets: &[SecretValue]) -> Result<()> {
        self.secrets.put(secrets).map_err(disk("keep secrets"))
    }

    async fn missing_secrets(&self, names: &[String]) -> Result<Vec<String>> {
        Ok(self.secrets.missing(names))
    }

    async fn acquire_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock> {
        self.records.acquire(app, env, owner).map_err(disk("take the lock"))
    }

    async fn release_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()> {
        self.records.release(app, env, owner).map_err(disk("give the lock back"))
    }

    async fn put_release(&self, record: &ReleaseRecord) -> Result<()> {
        self.records.put_release(record).map_err(disk("write the release record"))
    }

    async fn release(&self, app: &str, env: &str, number: u64) -> Result<Option<ReleaseRecord>> {
        self.records.get_release(app, env, number).map_err(disk("read the release record"))
    }

    async fn releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>> {
        self.records.releases(app, env).map_err(disk("list the releases"))
    }
}

#[async_trait]
impl Cloud for Machine {
    async fn identity(&self) -> Result<Identity> {
        Ok(Identity {
            account: "000000000000".to_owned(),
            region: "local".to_owned(),
            caller: format!("user {} of this machine", rustix::process::getuid().as_raw()),
        })
    }

    fn poll_interval(&self) -> Duration {
        crate::client::POLL_INTERVAL
    }
}

#[async_trait]
impl Host for Machine {
    fn ping(&self) -> Ping {
        self.ping.clone()
    }

    async fn local_status(&self) -> Result<LocalStatus> {
        let everything = IndexMap::new();
        let mut stacks = Vec::new();
        let mut services = Vec::new();
        for stack in self.stacks.list(&everything) {
            let resources = self.stacks.resources(&stack.name).unwrap_or_default();
            for resource in resources.iter().filter(|resource| resource.resource_type == "AWS::ECS::Service")
            {
                if let Some(id) = &resource.physical_id
                    && let Some(line) = self.service_line(&stack.name, id).await
                {
                    services.push(line);
                }
            }
            stacks.push(StackLine {
                declared_only: resources.iter().filter(|r| r.realised == Realised::DeclaredOnly).count(),
                resources: resources.len(),
                name: stack.name,
                status: stack.status,
            });
        }
        let version = self.docker.version().await.ok();
        Ok(LocalStatus {
            version: self.ping.version.clone(),
            pid: self.ping.pid,
            started: self.ping.started,
            state_dir: self.store.dir().to_string(),
            engine: EngineStatus {
                version: version
                    .map(|version| {
                        let name =
                            version.platform.map(|platform| platform.name).filter(|name| !name.is_empty());
                        let name = name.unwrap_or_else(|| "container engine".to_owned());
                        format!("{name} {}", version.version.unwrap_or_default())
                    })
                    .unwrap_or_default(),
                address: self.docker_address.clone(),
            },
            stacks,
            services,
            listeners: self.elb.listeners().into_iter().map(line).collect(),
            tasks: self.ecs.counts().tasks,
            schedules: self.ecs.counts().schedules,
            emulator: Some(self.emulator.url()),
            containers: remove::count(&self.docker, &self.instance).await,
        })
    }

    async fn local_down(&self) -> Result<LocalDown> {
        self.log.line("local down: removing everything");
        self.close().await;
        let mut down = remove::everything(&self.docker, &self.instance).await;
        if let Err(failure) = self.ecs.remove_everything().await {
            down.left.push(failure.0);
        }
        for left in &down.left {
            self.log.line(&format!("not removed: {left}"));
        }
        let removed = if down.left.is_empty() { self.destroy_state().await } else { Ok(()) };
        // Everything is closed: the process ends, whether the state could be removed or not.
        self.stop.cancel();
        removed.map_err(disk("remove the state"))?;
        Ok(down)
    }

    fn shutdown(&self) {
        self.stop.cancel();
    }
}

/// Returns a listener in the words of the status.
fn line(listener: ListenerStatus) -> ListenerLine {
    ListenerLine {
        load_balancer: listener.load_balancer,
        port: listener.port,
        address: listener.address,
        url: listener.url,
        bound: listener.bound,
    }
}

impl Machine {
    /// Returns a service in short; `id` is its ARN, `…:service/CLUSTER/NAME`, or its name.
    async fn service_line(&self, stack: &str, id: &str) -> Option<ServiceLine> {
        let mut parts = id.rsplit('/');
        let name = parts.next()?;
        let cluster = parts.next().unwrap_or_default();
        let service = ServiceRef { cluster: cluster.to_owned(), service: name.to_owned() };
        let service = self.ecs.describe_service(&service).await.ok()??;
        Some(ServiceLine {
            stack: stack.to_owned(),
            name: service.name,
            desired: service.desired,
            running: service.running,
        })
    }
}
