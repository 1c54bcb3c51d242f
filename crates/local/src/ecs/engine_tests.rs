//! ECS with a real container engine. Skipped with a message where none answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use async_trait::async_trait;
use camino::Utf8Path;
use indexmap::IndexMap;
use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecRequest;
use seaway_cloud::LogQuery;
use seaway_cloud::RolloutState;
use seaway_cloud::RunTask;
use seaway_cloud::Service;
use seaway_cloud::ServiceRef;
use seaway_cloud::ServiceUpdate;
use seaway_cloud::StopType;
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
use crate::realiser::SecretReader;
use crate::realiser::TargetGroups;
use crate::store::Store;

const IMAGE: &str = "seaway-test-busybox:1";

/// Target groups that believe in every address that accepts a connection, unless told otherwise.
#[derive(Default)]
struct FakeTargets {
    known: Mutex<BTreeMap<(String, String), (SocketAddr, &'static str)>>,
    history: Mutex<Vec<String>>,
    refuse: Mutex<bool>,
}

#[async_trait]
impl TargetGroups for FakeTargets {
    async fn register(&self, group: &str, target: &str, address: SocketAddr) {
        self.history.lock().expect("lock").push(format!("register {group}"));
        self.known.lock().expect("lock").insert((group.into(), target.into()), (address, "initial"));
    }

    async fn deregister(&self, group: &str, target: &str) {
        self.history.lock().expect("lock").push(format!("deregister {group}"));
        self.known.lock().expect("lock").remove(&(group.to_owned(), target.to_owned()));
    }

    async fn health(&self, group: &str, target: &str) -> Option<TargetHealth> {
        let (address, _) = *self.known.lock().expect("lock").get(&(group.to_owned(), target.to_owned()))?;
        let open = tokio::net::TcpStream::connect(address).await.is_ok();
        let state = match (*self.refuse.lock().expect("lock"), open) {
            (true, _) => "unhealthy",
            (false, true) => "healthy",
            (false, false) => "initial",
        };
        Some(TargetHealth { target_group: group.into(), state: state.into(), reason: None, description: None })
    }
}

struct FixedSecrets;

impl SecretReader for FixedSecrets {
    fn secret(&self, name: &str) -> Option<SecretString> {
        (name == "/shop/KEY").then(|| SecretString::from("hunter2".to_owned()))
    }
}

struct Bed {
    ecs: Ecs,
    targets: Arc<FakeTargets>,
    docker: bollard::Docker,
    instance: String,
    dir: tempfile::TempDir,
}

impl Bed {
    async fn new(name: &str) -> Option<Bed> {
        let Ok(docker) = seaway_image::connect(None, None, 0).await else {
            eprintln!("no container engine answers: {name} is skipped");
            return None;
        };
        if docker.inspect_image(IMAGE).await.is_err() {
            eprintln!("the image {IMAGE} is missing: {name} is skipped");
            return None;
        }
        let dir = tempfile::tempdir().expect("dir");
        let targets = Arc::new(FakeTargets::default());
        let instance = format!("t{}{name}", std::process::id());
        let ecs = open(&docker, &dir, &targets, &instance).await;
        let bed = Bed { ecs, targets, docker, instance, dir };
        bed.create("AWS::ECS::Cluster", "Cluster", "c", json!({"ClusterName": "shop"})).await.expect("cluster");
        Some(bed)
    }

    /// As if the process had been killed.
    async fn reopen(&mut self) {
        self.ecs.halt();
        self.ecs = open(&self.docker, &self.dir, &self.targets, &self.instance).await;
    }

    async fn create(&self, kind: &str, id: &str, token: &str, properties: Value) -> Result<Physical, Failure> {
        self.ecs.create(&context(kind, id, token), &properties).await
    }

    async fn definition(&self, token: &str, container: Value) -> String {
        let properties = json!({"Family": "web", "ContainerDefinitions": [container]});
        self.create("AWS::ECS::TaskDefinition", "Definition", token, properties).await.expect("definition").id
    }

    async fn service(&self) -> Service {
        let reference = ServiceRef { cluster: "shop".into(), service: "web".into() };
        self.ecs.describe_service(&reference).await.expect("describe").expect("service")
    }

    async fn tasks(&self, stopped: bool) -> Vec<Task> {
        self.ecs.list_tasks(&TaskFilter { stopped, ..TaskFilter::default() }).await.expect("tasks")
    }

    async fn containers(&self) -> usize {
        engine::containers(&self.docker, &self.instance).await.expect("containers").len()
    }

    async fn run(&self, definition: &str, command: &[&str]) -> Task {
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

    async fn until_stopped(&self, id: &str) -> Task {
        self.until(|tasks| tasks.iter().find(|task| task.id == id && task.last_status == "STOPPED").cloned()).await
    }

    async fn until<T>(&self, look: impl Fn(Vec<Task>) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look(self.tasks(true).await) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{:#?}", self.tasks(true).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn messages(&self, id: &str) -> Vec<String> {
        let query = LogQuery { group: "/g".into(), stream_suffix: Some(format!("/{id}")), ..LogQuery::default() };
        let page = self.ecs.logs(&query).await.expect("logs");
        page.events.into_iter().map(|event| event.message).collect()
    }

    async fn end(self) {
        self.ecs.remove_everything().await.expect("remove");
        assert_eq!(self.containers().await, 0);
        assert_eq!(engine::networks(&self.docker, &self.instance).await.expect("networks"), Vec::<String>::new());
        assert_eq!(engine::volumes(&self.docker, &self.instance).await.expect("volumes"), Vec::<String>::new());
        self.ecs.halt();
    }
}

async fn open(docker: &bollard::Docker, dir: &tempfile::TempDir, targets: &Arc<FakeTargets>, instance: &str) -> Ecs {
    Ecs::open(EcsParts {
        docker: docker.clone(),
        store: Store::open(Utf8Path::from_path(dir.path()).expect("utf-8")).expect("store"),
        instance: instance.to_owned(),
        targets: Arc::clone(targets) as Arc<dyn TargetGroups>,
        secrets: Arc::new(FixedSecrets),
        environment: vec![("AWS_REGION".to_owned(), "local".to_owned()), ("OWN".to_owned(), "added".to_owned())],
    })
    .await
    .expect("open")
}

fn context(kind: &str, id: &str, token: &str) -> ResourceContext {
    ResourceContext {
        stack: "shop-local-web".into(),
        logical_id: id.into(),
        resource_type: kind.into(),
        tags: IndexMap::from([("seaway:app".to_owned(), "shop".to_owned())]),
        token: token.into(),
        cancelled: CancellationToken::new(),
    }
}

fn shell(script: &str) -> Value {
    json!({
        "Name": "web", "Image": IMAGE, "Command": ["/bin/sh", "-c", script], "StopTimeout": 2,
        "Environment": [{"Name": "OWN", "Value": "definition"}],
        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/g", "awslogs-stream-prefix": "web"}}
    })
}

/// A server on 8080 that says who it is, with the container's port.
fn server(version: &str) -> Value {
    let script = format!(
        "trap 'exit 0' TERM; mkdir /tmp; echo {version} > /tmp/version; /bin/busybox httpd -f -p 8080 -h /tmp & wait"
    );
    let mut container = shell(&script);
    container["PortMappings"] = json!([{"ContainerPort": 8080}]);
    container
}

fn service(definition: &str, count: u32, balanced: bool) -> Value {
    json!({
        "ServiceName": "web", "Cluster": "shop", "TaskDefinition": definition, "DesiredCount": count,
        "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": true, "Rollback": true}},
        "LoadBalancers": if balanced { json!([{"TargetGroupArn": "tg", "ContainerName": "web", "ContainerPort": 8080}]) } else { json!([]) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_run_once_with_exit_code_logs_and_environment() {
    let Some(bed) = Bed::new("once").await else { return };
    let mut container = shell("true");
    container["Secrets"] = json!([{"Name": "KEY", "ValueFrom": "/shop/KEY"}]);
    let definition = bed.definition("d1", container).await;
    let task = bed
        .run(&definition, &["/bin/sh", "-c", "echo $AWS_REGION $OWN $EXTRA $KEY; echo bad >&2; exit 3"])
        .await;
    assert_eq!(task.exit_code(), Some(3));
    assert_eq!(task.stop_code.as_deref(), Some("EssentialContainerExited"));
    assert_eq!(task.stopped_reason.as_deref(), Some("Essential container in task exited"));
    let mut lines = bed.messages(&task.id).await;
    lines.sort();
    assert_eq!(lines, ["bad", "local definition yes hunter2"]);
    assert_eq!(bed.containers().await, 0);
    for name in ["tasks", "definitions", "services"] {
        let path = bed.dir.path().join("ecs").join(format!("{name}.json"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        assert!(!text.contains("hunter2"), "{name}.json holds the value of a secret");
    }
    // The last of many lines are there when the task is reported STOPPED.
    let task = bed.run(&definition, &["/bin/busybox", "seq", "1", "20000"]).await;
    let lines = bed.messages(&task.id).await;
    assert_eq!((lines.len(), lines.last().map(String::as_str)), (20000, Some("20000")));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_cannot_start_say_why() {
    let Some(bed) = Bed::new("why").await else { return };
    let mut container = shell("true");
    container["Secrets"] = json!([{"Name": "KEY", "ValueFrom": "/shop/NONE"}]);
    let secret = bed.definition("d1", container).await;
    let mut container = shell("true");
    container["Image"] = json!("nosuch.invalid/image:1");
    let image = bed.definition("d2", container).await;
    let command = bed.definition("d3", shell("true")).await;
    for (definition, command, reason) in [
        (&secret, "true", "ResourceInitializationError: unable to pull secrets or registry auth: "),
        (&image, "true", "CannotPullContainerError: "),
        (&command, "/no/such/program", "CannotStartContainerError: "),
    ] {
        let task = bed.run(definition, &[command]).await;
        assert_eq!(task.stop_code.as_deref(), Some("TaskFailedToStart"));
        let text = task.stopped_reason.unwrap_or_default();
        assert!(text.starts_with(reason), "{text}");
    }
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_rolls_and_goes_back() {
    let Some(bed) = Bed::new("roll").await else { return };
    let first = bed.definition("d1", server("one")).await;
    let kind = "AWS::ECS::Service";
    let made = bed.create(kind, "Service", "s", service(&first, 2, true)).await.expect("create");
    assert_eq!(made.id, "arn:aws:ecs:local:000000000000:service/shop/web");
    assert_eq!(bed.service().await.running, 2);

    let second = bed.definition("d2", server("two")).await;
    let begun = Instant::now();
    let (old, new) = (service(&first, 2, true), service(&second, 2, true));
    bed.ecs.update(&context(kind, "Service", "s"), &made.id, &old, &new).await.expect("update");
    eprintln!("rolled two tasks in {:?}", begun.elapsed());
    let shown = bed.service().await;
    assert_eq!((shown.task_definition.as_str(), shown.running, shown.deployments.len()), ("web:2", 2, 1));
    assert_eq!(shown.deployments[0].rollout_state, RolloutState::Completed);
    let address = bed.tasks(false).await[0].containers[0].ports[&8080].clone();
    assert!(address.starts_with("127.0.0.1:"));

    // A revision that crashes: the old tasks stay, and nothing of the new one is left.
    let before: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    let third = bed.definition("d3", shell("echo broken; exit 7")).await;
    let mut bad = service(&third, 2, false);
    bad["ServiceConnectConfiguration"] = json!({"Services": [{"PortName": "x"}]});
    let failed = bed.ecs.update(&context(kind, "Service", "s"), &made.id, &new, &bad).await;
    let text = failed.expect_err("breaker").0;
    assert!(text.contains("ECS Deployment Circuit Breaker was triggered"), "{text}");
    bed.ecs.update(&context(kind, "Service", "s"), &made.id, &bad, &new).await.expect("back");
    let after: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    assert_eq!(before, after);
    let crashed = bed.tasks(true).await.into_iter().find(|task| task.exit_code() == Some(7)).expect("crashed");
    assert_eq!(bed.messages(&crashed.id).await, ["broken"]);

    let events: Vec<String> = bed.service().await.events.into_iter().map(|event| event.message).collect();
    for part in ["has started 2 tasks", "registered 1 targets", "begun draining", "has reached a steady state."] {
        assert!(events.iter().any(|event| event.contains(part)), "{part}: {events:#?}");
    }
    bed.ecs.delete(&context(kind, "Service", "s"), &made.id, &new).await.expect("delete");
    assert_eq!(bed.containers().await, 0);
    let cluster = context("AWS::ECS::Cluster", "Cluster", "c");
    bed.ecs.delete(&cluster, "shop", &json!({})).await.expect("cluster");
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_stopped_at_once() {
    let Some(bed) = Bed::new("stop").await else { return };
    let first = bed.definition("d1", shell("trap 'exit 0' TERM; sleep 1000 & wait")).await;
    let kind = "AWS::ECS::Service";
    let old = service(&first, 1, false);
    let made = bed.create(kind, "Service", "s", old.clone()).await.expect("create");
    let mut never = shell("trap 'exit 0' TERM; sleep 1000 & wait");
    never["HealthCheck"] = json!({"Command": ["CMD-SHELL", "false"], "Interval": 5, "Retries": 10});
    let second = bed.definition("d2", never).await;
    let new = service(&second, 1, false);
    let reference = ServiceRef { cluster: "shop".into(), service: made.id.clone() };
    let context = context(kind, "Service", "s");
    let update = bed.ecs.update(&context, &made.id, &old, &new);
    let stop = async {
        bed.until(|tasks| (tasks.iter().filter(|task| task.last_status == "RUNNING").count() == 2).then_some(()))
            .await;
        bed.ecs.stop_deployment(&reference, StopType::Rollback, "never healthy").await.expect("stop");
    };
    let (updated, ()) = tokio::join!(update, stop);
    assert!(updated.expect_err("stopped").0.contains("never healthy"));
    bed.ecs.update(&context, &made.id, &new, &old).await.expect("back");
    let shown = bed.service().await;
    assert_eq!((shown.task_definition.as_str(), shown.running), ("web:1", 1));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_taken_over_after_a_kill() {
    let Some(mut bed) = Bed::new("kill").await else { return };
    let definition = bed.definition("d1", shell("n=0; while true; do n=$((n+1)); echo $n; usleep 20000; done")).await;
    let made = bed.create("AWS::ECS::Service", "Service", "s", service(&definition, 2, false)).await.expect("create");
    let before: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    bed.ecs.halt();
    // One container dies while nobody looks; another one is nobody's.
    let victim = engine::containers(&bed.docker, &bed.instance).await.expect("list")[0].id.clone().expect("id");
    bed.docker.kill_container(&victim, None).await.expect("kill");
    let stray = bollard::models::ContainerCreateBody {
        image: Some(IMAGE.to_owned()),
        labels: Some(std::collections::HashMap::from([
            ("seaway.instance".to_owned(), bed.instance.clone()),
            ("seaway.task".to_owned(), "unknown".to_owned()),
        ])),
        cmd: Some(vec!["/bin/sh".to_owned()]),
        ..Default::default()
    };
    bed.docker.create_container(None, stray).await.expect("stray");
    bed.reopen().await;
    let dead = bed
        .until(|tasks| tasks.into_iter().find(|task| before.contains(&task.id) && task.last_status == "STOPPED"))
        .await;
    assert_eq!(dead.exit_code(), Some(137));
    bed.until(|tasks| (tasks.iter().filter(|task| task.last_status == "RUNNING").count() == 2).then_some(())).await;
    let now = bed.tasks(false).await;
    let survivor = now.iter().find(|task| before.contains(&task.id)).expect("the other one goes on");
    assert_eq!(bed.containers().await, 2);
    bed.ecs.stop_task("shop", &survivor.id, "test").await.expect("stop");
    let stopped = bed.until_stopped(&survivor.id).await;
    assert_eq!(stopped.stopped_reason.as_deref(), Some("test"));
    let lines = bed.messages(&survivor.id).await;
    let expected: Vec<String> = (1..=lines.len()).map(|number| number.to_string()).collect();
    assert_eq!(lines, expected, "no line is lost or doubled");
    let reference = ServiceRef { cluster: "shop".into(), service: made.id };
    let none = ServiceUpdate { desired: Some(0), force_new_deployment: false };
    bed.ecs.update_service(&reference, &none).await.expect("scale");
    bed.until(|tasks| tasks.iter().all(|task| task.last_status == "STOPPED").then_some(())).await;
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_share_a_network_and_wait_for_each_other() {
    let Some(bed) = Bed::new("share").await else { return };
    let mut web = server("shared");
    web["DependsOn"] = json!([{"ContainerName": "init", "Condition": "SUCCESS"}]);
    web["HealthCheck"] = json!({"Command": ["CMD", "/bin/busybox", "wget", "-q", "-O", "-", "http://localhost:8080/version"], "Interval": 5});
    web["MountPoints"] = json!([{"SourceVolume": "data", "ContainerPath": "/data"}]);
    let mut init = shell("echo made > /data/file");
    init["Name"] = json!("init");
    init["Essential"] = json!(false);
    init["MountPoints"] = json!([{"SourceVolume": "data", "ContainerPath": "/data"}]);
    let mut beside = shell("cat /data/file; /bin/busybox wget -q -O - http://localhost:8080/version; /bin/busybox wget -q -O - http://shop-web:8080/version; trap 'exit 0' TERM; sleep 1000 & wait");
    beside["Name"] = json!("beside");
    beside["DependsOn"] = json!([{"ContainerName": "web", "Condition": "HEALTHY"}]);
    beside["MountPoints"] = json!([{"SourceVolume": "data", "ContainerPath": "/data", "ReadOnly": true}]);
    let properties = json!({"ContainerDefinitions": [beside, web, init], "Volumes": [{"Name": "data"}], "Memory": "64"});
    let made = bed.create("AWS::ECS::TaskDefinition", "Definition", "d", properties).await.expect("definition");
    assert_eq!(made.id, "arn:aws:ecs:local:000000000000:task-definition/shop-local-web-Definition:1");
    let mut properties = service(&made.id, 1, false);
    properties["ServiceConnectConfiguration"] =
        json!({"Services": [{"PortName": "http", "ClientAliases": [{"DnsName": "shop-web", "Port": 8080}]}]});
    bed.create("AWS::ECS::Service", "Service", "s", properties).await.expect("create");
    let task = bed.tasks(false).await.remove(0);
    let begun = Instant::now();
    while bed.messages(&task.id).await.len() < 3 && begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bed.messages(&task.id).await, ["made", "shared", "shared"]);

    let request = ExecRequest {
        cluster: "shop".into(),
        task: task.id.clone(),
        container: "beside".into(),
        command: vec!["/bin/sh".into(), "-c".into(), "cat; echo oops >&2; exit 4".into()],
        tty: None,
    };
    let mut session = bed.ecs.exec(&request).await.expect("exec");
    session.input.send(ExecInput::Data(b"hello".to_vec())).await.expect("send");
    session.input.send(ExecInput::End).await.expect("end");
    let (mut out, mut err, mut code) = (Vec::new(), Vec::new(), None);
    while let Some(output) = session.output.recv().await {
        match output {
            ExecOutput::Stdout(bytes) => out.extend(bytes),
            ExecOutput::Stderr(bytes) => err.extend(bytes),
            ExecOutput::Exit(exit) => code = Some(exit),
        }
    }
    assert_eq!((out.as_slice(), err.as_slice(), code), (&b"hello"[..], &b"oops\n"[..], Some(4)));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_fire_once() {
    let Some(mut bed) = Bed::new("fire").await else { return };
    let definition = bed.definition("d1", shell("echo plain")).await;
    // `at` counts whole seconds.
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let at = time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let properties = json!({
        "Name": "report", "ScheduleExpression": format!("at({at})"), "State": "ENABLED",
        "Target": {
            "Arn": "arn:aws:ecs:local:000000000000:cluster/shop",
            "EcsParameters": {"TaskDefinitionArn": definition},
            "Input": "{\"containerOverrides\":[{\"name\":\"web\",\"command\":[\"/bin/busybox\",\"echo\",\"fired\"]}]}"
        }
    });
    bed.create("AWS::Scheduler::Schedule", "Schedule", "x", properties).await.expect("schedule");
    let listed = bed.ecs.list_schedules(&IndexMap::new()).await.expect("list");
    assert_eq!((listed[0].task_definition.as_str(), listed[0].next.is_some()), ("web:1", true));
    let task = bed.until(|tasks| tasks.into_iter().find(|task| task.last_status == "STOPPED")).await;
    assert_eq!((task.started_by.as_str(), bed.messages(&task.id).await), ("report", vec!["fired".to_owned()]));
    bed.reopen().await;
    let listed = bed.ecs.list_schedules(&IndexMap::new()).await.expect("list");
    assert_eq!((listed[0].next, listed[0].last_task.as_deref()), (None, Some(task.id.as_str())));
    assert_eq!(bed.tasks(true).await.len(), 1);
    bed.end().await;
}
