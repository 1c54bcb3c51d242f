//! What the tests with a real container engine share. Where none answers they are skipped with a
//! message.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use async_trait::async_trait;
use camino::Utf8Path;
use futures::StreamExt;
use indexmap::IndexMap;
use seaway_cloud::LogQuery;
use seaway_cloud::RunTask;
use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use seaway_cloud::Service;
use seaway_cloud::ServiceRef;
use seaway_cloud::TargetHealth;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use secrecy::SecretString;
use serde_json::Value;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Ecs;
use super::EcsParts;
use super::engine;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;
use crate::realiser::TargetGroups;
use crate::secrets::Secrets;
use crate::store::Store;

pub(super) const IMAGE: &str = "seaway-test-busybox:1";

/// Target groups that believe in every address that accepts a connection, unless told otherwise.
#[derive(Default)]
pub(super) struct FakeTargets {
    known: Mutex<BTreeMap<(String, String), SocketAddr>>,
    pub(super) refuse: Mutex<bool>,
}

#[async_trait]
impl TargetGroups for FakeTargets {
    async fn register(&self, group: &str, target: &str, address: SocketAddr) {
        self.known.lock().expect("lock").insert((group.into(), target.into()), address);
    }

    async fn deregister(&self, group: &str, target: &str) {
        self.known.lock().expect("lock").remove(&(group.to_owned(), target.to_owned()));
    }

    async fn health(&self, group: &str, target: &str) -> Option<TargetHealth> {
        let address = *self.known.lock().expect("lock").get(&(group.to_owned(), target.to_owned()))?;
        let open = tokio::net::TcpStream::connect(address).await.is_ok();
        let state = match (*self.refuse.lock().expect("lock"), open) {
            (true, _) => "unhealthy",
            (false, true) => "healthy",
            (false, false) => "initial",
        };
        Some(TargetHealth {
            target_group: group.into(),
            state: state.into(),
            reason: None,
            description: None,
        })
    }
}

pub(super) struct Bed {
    pub(super) ecs: Ecs,
    pub(super) targets: Arc<FakeTargets>,
    pub(super) docker: bollard::Docker,
    pub(super) instance: String,
    pub(super) secrets: Arc<Secrets>,
    pub(super) dir: tempfile::TempDir,
}

impl Bed {
    /// Panics without an engine: a test that is skipped is a test that failed.
    pub(super) async fn new(name: &str) -> Bed {
        let docker = seaway_image::connect(None, None, 0)
            .await
            .expect("these tests need a container engine; ./test starts one");
        assert!(
            ensure_image(&docker).await,
            "the image {IMAGE} cannot be made; it needs /bin/busybox (Debian: busybox-static)"
        );
        let dir = tempfile::tempdir().expect("dir");
        let targets = Arc::new(FakeTargets::default());
        let instance = format!("t{}{name}", std::process::id());
        let (ecs, secrets) = open(&docker, &dir, &targets, &instance).await;
        let bed = Bed { ecs, targets, docker, instance, secrets, dir };
        bed.put_secrets();
        bed.create("AWS::ECS::Cluster", "Cluster", "c", json!({"ClusterName": "shop"}))
            .await
            .expect("cluster");
        bed
    }

    /// As if the process had been killed.
    pub(super) async fn reopen(&mut self) {
        self.ecs.halt();
        (self.ecs, self.secrets) = open(&self.docker, &self.dir, &self.targets, &self.instance).await;
    }

    /// As `up` does it.
    pub(super) fn put_secrets(&self) {
        let source = SecretSource::Value(SecretString::from("hunter2".to_owned()));
        self.secrets.put(&[SecretValue { name: "/shop/KEY".into(), source }]).expect("put");
    }

    pub(super) async fn create(
        &self,
        kind: &str,
        id: &str,
        token: &str,
        properties: Value,
    ) -> Result<Physical, Failure> {
        self.ecs.create(&context(kind, id, token), &properties).await
    }

    pub(super) async fn definition(&self, token: &str, container: Value) -> String {
        let properties = json!({"Family": "web", "ContainerDefinitions": [container]});
        self.create("AWS::ECS::TaskDefinition", "Definition", token, properties).await.expect("definition").id
    }

    pub(super) async fn service(&self) -> Service {
        let reference = ServiceRef { cluster: "shop".into(), service: "web".into() };
        self.ecs.describe_service(&reference).await.expect("describe").expect("service")
    }

    pub(super) async fn tasks(&self, stopped: bool) -> Vec<Task> {
        self.ecs.list_tasks(&TaskFilter { stopped, ..TaskFilter::default() }).await.expect("tasks")
    }

    pub(super) async fn containers(&self) -> usize {
        engine::containers(&self.docker, &self.instance).await.expect("containers").len()
    }

    pub(super) async fn run(&self, definition: &str, command: &[&str]) -> Task {
        let run = RunTask {
            cluster: "shop".into(),
            task_definition: definition.into(),
            container: None,
            command: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            environment: IndexMap::from([("EXTRA".to_owned(), "yes".to_owned())]),
            subnets: Vec::new(),
            security_groups: Vec::new(),
            started_by: "test".into(),
        };
        let task = self.ecs.run_task(&run).await.expect("run");
        self.until_stopped(&task.id).await
    }

    pub(super) async fn until_stopped(&self, id: &str) -> Task {
        self.until(|tasks| tasks.iter().find(|task| task.id == id && task.last_status == "STOPPED").cloned())
            .await
    }

    pub(super) async fn until<T>(&self, look: impl Fn(Vec<Task>) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look(self.tasks(true).await) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{:#?}", self.tasks(true).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) async fn messages(&self, id: &str) -> Vec<String> {
        let query =
            LogQuery { group: "/g".into(), stream_suffix: Some(format!("/{id}")), ..LogQuery::default() };
        let page = self.ecs.logs(&query).await.expect("logs");
        page.events.into_iter().map(|event| event.message).collect()
    }

    pub(super) async fn end(self) {
        self.ecs.remove_everything().await.expect("remove");
        assert_eq!(self.containers().await, 0);
        assert_eq!(
            engine::networks(&self.docker, &self.instance).await.expect("networks"),
            Vec::<String>::new()
        );
        assert_eq!(
            engine::volumes(&self.docker, &self.instance).await.expect("volumes"),
            Vec::<String>::new()
        );
        self.ecs.halt();
    }
}

/// Makes the image out of a static busybox of this machine (Debian: `busybox-static`).
async fn ensure_image(docker: &bollard::Docker) -> bool {
    if docker.inspect_image(IMAGE).await.is_ok() {
        return true;
    }
    let Ok(busybox) = std::fs::read("/bin/busybox") else { return false };
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["bin/busybox", "bin/sh"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(busybox.len() as u64);
        header.set_mode(0o755);
        archive.append_data(&mut header, name, busybox.as_slice()).expect("append");
    }
    let layer = archive.into_inner().expect("archive");
    let (repository, tag) = IMAGE.split_once(':').expect("tag");
    let options = bollard::query_parameters::CreateImageOptionsBuilder::default()
        .from_src("-")
        .repo(repository)
        .tag(tag)
        .build();
    let imported = docker.create_image(Some(options), Some(bollard::body_full(layer.into())), None);
    imported.collect::<Vec<_>>().await.iter().all(Result::is_ok)
}

async fn open(
    docker: &bollard::Docker,
    dir: &tempfile::TempDir,
    targets: &Arc<FakeTargets>,
    instance: &str,
) -> (Ecs, Arc<Secrets>) {
    let store = Store::open(Utf8Path::from_path(dir.path()).expect("utf-8")).expect("store");
    let secrets = Arc::new(Secrets::open(store.clone()).expect("secrets"));
    let ecs = Ecs::open(EcsParts {
        docker: docker.clone(),
        store,
        instance: instance.to_owned(),
        targets: Arc::clone(targets) as Arc<dyn TargetGroups>,
        secrets: Arc::clone(&secrets) as _,
        environment: vec![
            ("AWS_REGION".to_owned(), "local".to_owned()),
            ("OWN".to_owned(), "added".to_owned()),
        ],
    })
    .await
    .expect("open");
    (ecs, secrets)
}

pub(super) fn context(kind: &str, id: &str, token: &str) -> ResourceContext {
    ResourceContext {
        stack: "shop-local-web".into(),
        logical_id: id.into(),
        resource_type: kind.into(),
        tags: IndexMap::from([("seaway:app".to_owned(), "shop".to_owned())]),
        token: token.into(),
        cancelled: CancellationToken::new(),
    }
}

pub(super) fn shell(script: &str) -> Value {
    json!({
        "Name": "web", "Image": IMAGE, "Command": ["/bin/sh", "-c", script], "StopTimeout": 2,
        "Environment": [{"Name": "OWN", "Value": "definition"}],
        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/g", "awslogs-stream-prefix": "web"}}
    })
}

/// A server on 8080 that says who it is, with the container's port.
pub(super) fn server(version: &str) -> Value {
    let script = format!(
        "trap 'exit 0' TERM; mkdir /tmp; echo {version} > /tmp/version; /bin/busybox httpd -f -p 8080 -h /tmp & wait"
    );
    let mut container = shell(&script);
    container["PortMappings"] = json!([{"ContainerPort": 8080}]);
    container
}

pub(super) fn service(definition: &str, count: u32, balanced: bool) -> Value {
    json!({
        "ServiceName": "web", "Cluster": "shop", "TaskDefinition": definition, "DesiredCount": count,
        "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": true, "Rollback": true}},
        "LoadBalancers": if balanced { json!([{"TargetGroupArn": "tg", "ContainerName": "web", "ContainerPort": 8080}]) } else { json!([]) }
    })
}
