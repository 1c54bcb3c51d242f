//! The port over a real socket, with the stack engine behind it and no container engine.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use camino::Utf8Path;
use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::Cloud;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
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
use seaway_cloud::SecretSource;
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
use seaway_cloud::StackStatus;
use seaway_cloud::Stacks;
use seaway_cloud::StopType;
use seaway_cloud::Store as _;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_cloud::Tasks;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::host::Host;
use super::server::listen;
use crate::client::LocalCloud;
use crate::declared::Declared;
use crate::log::Log;
use crate::options::LocalOptions;
use crate::realiser::SecretReader;
use crate::records::Records;
use crate::rpc::Ping;
use crate::rpc::build_id;
use crate::secrets::Secrets;
use crate::stacks::Engine;
use crate::status::LocalDown;
use crate::status::LocalStatus;
use crate::store::Store;

/// A host without containers: what would need them is not found.
struct Bare {
    stacks: Engine,
    secrets: Secrets,
    records: Records,
    ping: Ping,
    stop: CancellationToken,
}

fn none<T>(operation: &str) -> Result<T> {
    Err(CloudError::new(ErrorKind::NotFound, operation, "there are no containers here").hint("none"))
}

#[async_trait]
impl Stacks for Bare {
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
impl Services for Bare {
    async fn describe_service(&self, _service: &ServiceRef) -> Result<Option<Service>> {
        Ok(None)
    }
    async fn stop_deployment(&self, _service: &ServiceRef, _stop: StopType, _reason: &str) -> Result<()> {
        none("stop the deployment")
    }
    async fn update_service(&self, _service: &ServiceRef, _update: &ServiceUpdate) -> Result<()> {
        none("update the service")
    }
}

#[async_trait]
impl Tasks for Bare {
    async fn run_task(&self, _run: &RunTask) -> Result<Task> {
        none("run the task")
    }
    async fn describe_task(&self, _cluster: &str, _id: &str) -> Result<Option<Task>> {
        Ok(None)
    }
    async fn list_tasks(&self, _filter: &TaskFilter) -> Result<Vec<Task>> {
        Ok(Vec::new())
    }
    async fn stop_task(&self, _cluster: &str, _id: &str, _reason: &str) -> Result<()> {
        none("stop the task")
    }
    async fn list_schedules(&self, _tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        Ok(Vec::new())
    }
    async fn enable_schedule(&self, _name: &str, _enabled: bool) -> Result<()> {
        none("enable the schedule")
    }
    async fn logs(&self, _query: &LogQuery) -> Result<LogPage> {
        Ok(LogPage::default())
    }
    /// A session that gives its input back and ends with 7 at its end.
    async fn exec(&self, request: &ExecRequest) -> Result<ExecSession> {
        if request.container == "none" {
            return none("open a session");
        }
        let (input, mut from) = mpsc::channel(4);
        let (to, output) = mpsc::channel(4);
        tokio::spawn(async move {
            while let Some(item) = from.recv().await {
                let answer = match item {
                    ExecInput::Data(bytes) => ExecOutput::Stdout(bytes),
                    ExecInput::Resize(columns, _) => {
                        ExecOutput::Stderr(vec![u8::try_from(columns).unwrap_or(0)])
                    }
                    ExecInput::End => ExecOutput::Exit(7),
                };
                if to.send(answer).await.is_err() {
                    return;
                }
            }
        });
        Ok(ExecSession { input, output })
    }
}

#[async_trait]
impl seaway_cloud::Store for Bare {
    async fn put_secrets(&self, secrets: &[SecretValue]) -> Result<()> {
        self.secrets.put(secrets).expect("put");
        Ok(())
    }
    async fn missing_secrets(&self, names: &[String]) -> Result<Vec<String>> {
        Ok(self.secrets.missing(names))
    }
    async fn acquire_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock> {
        Ok(self.records.acquire(app, env, owner).expect("acquire"))
    }
    async fn release_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()> {
        self.records.release(app, env, owner).expect("release");
        Ok(())
    }
    async fn put_release(&self, record: &ReleaseRecord) -> Result<()> {
        self.records.put_release(record).expect("put");
        Ok(())
    }
    async fn release(&self, app: &str, env: &str, number: u64) -> Result<Option<ReleaseRecord>> {
        Ok(self.records.get_release(app, env, number).expect("get"))
    }
    async fn releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>> {
        Ok(self.records.releases(app, env).expect("list"))
    }
}

#[async_trait]
impl Cloud for Bare {
    async fn identity(&self) -> Result<Identity> {
        Ok(Identity { account: "000000000000".into(), region: "local".into(), caller: "test".into() })
    }
    fn poll_interval(&self) -> Duration {
        Duration::from_millis(1)
    }
}

#[async_trait]
impl Host for Bare {
    fn ping(&self) -> Ping {
        self.ping.clone()
    }
    async fn local_status(&self) -> Result<LocalStatus> {
        none("show the status")
    }
    async fn local_down(&self) -> Result<LocalDown> {
        self.stop.cancel();
        Ok(LocalDown { removed: IndexMap::from([("containers".to_owned(), 2)]), left: Vec::new() })
    }
    fn shutdown(&self) {
        self.stop.cancel();
    }
}

struct Bench {
    _dir: tempfile::TempDir,
    options: LocalOptions,
    host: Arc<Bare>,
}

/// Serves `options` in this process; every call is another "process".
fn start(options: &LocalOptions, pid: u32) -> Arc<Bare> {
    let store = Store::open(&options.state_dir).expect("open");
    let host = Arc::new(Bare {
        stacks: Engine::open(store.clone(), Vec::new(), Arc::new(Declared), Log::default()).expect("engine"),
        secrets: Secrets::open(store.clone()).expect("secrets"),
        records: Records::open(store),
        ping: Ping {
            version: env!("CARGO_PKG_VERSION").into(),
            build: build_id(&options.program),
            pid,
            started: Timestamp::now(),
        },
        stop: CancellationToken::new(),
    });
    let _ = std::fs::remove_file(options.socket());
    let listener = UnixListener::bind(options.socket()).expect("bind");
    tokio::spawn(listen(listener, Arc::clone(&host) as _, Log::default(), host.stop.clone()));
    host
}

fn bench() -> Bench {
    let dir = tempfile::tempdir().expect("temp dir");
    let root = Utf8Path::from_path(dir.path()).expect("utf-8");
    let options = LocalOptions {
        state_dir: root.join("state"),
        engine_host: None,
        program: root.join("no-such-program"),
        home: None,
    };
    let host = start(&options, 1);
    Bench { _dir: dir, options, host }
}

fn input() -> StackInput {
    StackInput {
        name: "shop-local-network".into(),
        template: r#"{
            "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}},
            "Outputs": {"Vpc": {"Value": {"Ref": "Vpc"}}, "Region": {"Value": {"Ref": "AWS::Region"}}}
        }"#
        .into(),
        parameters: IndexMap::new(),
        tags: IndexMap::from([("seaway:app".to_owned(), "shop".to_owned())]),
        termination_protection: false,
    }
}

fn key(value: &str) -> SecretValue {
    SecretValue {
        name: "/shop/local/KEY".into(),
        source: SecretSource::Value(SecretString::from(value.to_owned())),
    }
}

#[tokio::test]
async fn the_port_works_over_the_socket() {
    let bench = bench();
    let cloud = LocalCloud::connect(&bench.options).await.expect("connect");
    assert_eq!(cloud.identity().await.expect("identity").region, "local");
    assert_eq!(cloud.describe_stack("shop-local-network").await.expect("describe"), None);
    let StackChange::Started { after } = cloud.put_stack(&input()).await.expect("put") else {
        panic!("a new stack is started");
    };
    let stack = loop {
        let stack = cloud.describe_stack("shop-local-network").await.expect("describe").expect("stack");
        if !stack.status.in_progress() {
            break stack;
        }
    };
    assert_eq!(stack.status, StackStatus::CreateComplete);
    assert!(stack.outputs["Vpc"].starts_with("vpc-"), "{:?}", stack.outputs);
    assert_eq!(stack.outputs["Region"], "local");
    assert_eq!(cloud.list_stacks(&input().tags).await.expect("list"), [stack]);
    let other = IndexMap::from([("seaway:app".to_owned(), "other".to_owned())]);
    assert_eq!(cloud.list_stacks(&other).await.expect("list"), []);
    let events = cloud.stack_events("shop-local-network", after).await.expect("events");
    assert_eq!(events.last().map(|event| event.status.as_str()), Some("CREATE_COMPLETE"));
    assert_eq!(cloud.put_stack(&input()).await.expect("put"), StackChange::Unchanged);

    // Errors keep their kind, words and hint; the connection stays usable.
    let error = cloud.enable_schedule("report", true).await.expect_err("none");
    assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::NotFound, Some("none")));
    assert_eq!(cloud.stack_template("nothing").await.expect_err("none").kind, ErrorKind::NotFound);
    assert_eq!(cloud.releases("shop", "local").await.expect("releases"), []);
    let down = cloud.local_down().await.expect("down");
    assert_eq!(down.removed["containers"], 2);
    assert!(bench.host.stop.is_cancelled());
}

#[tokio::test]
async fn secrets_reach_the_process_and_no_file_even_when_it_is_replaced() {
    let bench = bench();
    let cloud = LocalCloud::connect(&bench.options).await.expect("connect");
    cloud.put_secrets(&[key("canary-9d2")]).await.expect("put");
    assert!(!format!("{cloud:?}").contains("canary"));
    // The process dies; the next one does not know the value until the client tells it again.
    bench.host.stop.cancel();
    drop(cloud.idle_connections());
    let second = start(&bench.options, 2);
    assert_eq!(cloud.identity().await.expect("identity").caller, "test");
    let value = second.secrets.secret("/shop/local/KEY").map(|value| value.expose_secret().to_owned());
    assert_eq!(value.as_deref(), Some("canary-9d2"));
    let mut folders = vec![bench.options.state_dir.clone()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().expect("read") {
            let path = entry.expect("entry").path().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                assert!(!text.contains("canary"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_session_carries_bytes_both_ways() {
    let bench = bench();
    let cloud = LocalCloud::connect(&bench.options).await.expect("connect");
    let mut request = ExecRequest {
        cluster: "shop".into(),
        task: "1".into(),
        container: "web".into(),
        command: vec!["sh".into()],
        tty: Some((80, 24)),
    };
    let mut session = cloud.exec(&request).await.expect("exec");
    session.input.send(ExecInput::Data(vec![0, 255, b'\n'])).await.expect("send");
    assert_eq!(session.output.recv().await, Some(ExecOutput::Stdout(vec![0, 255, b'\n'])));
    session.input.send(ExecInput::Resize(100, 40)).await.expect("send");
    assert_eq!(session.output.recv().await, Some(ExecOutput::Stderr(vec![100])));
    let ExecSession { input, mut output } = session;
    drop(input);
    assert_eq!(output.recv().await, Some(ExecOutput::Exit(7)), "letting go of the input ends it");
    assert_eq!(output.recv().await, None);
    request.container = "none".into();
    assert_eq!(cloud.exec(&request).await.expect_err("none").kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn nobody_there_is_told() {
    let bench = bench();
    let cloud = LocalCloud::connect(&bench.options).await.expect("connect");
    let existing = LocalCloud::connect_existing(&bench.options).await.expect("there is one");
    drop(existing);
    bench.host.stop.cancel();
    drop(cloud.idle_connections());
    std::fs::remove_file(bench.options.socket()).expect("remove");
    assert!(LocalCloud::connect_existing(&bench.options).await.is_none());
    // The program that it would start does not exist.
    let error = cloud.identity().await.expect_err("nobody");
    assert!(error.message.contains("no-such-program"), "{error}");
}

#[tokio::test]
async fn no_engine_and_a_second_process_are_refused_with_a_reason() {
    let dir = tempfile::tempdir().expect("temp dir");
    let root = Utf8Path::from_path(dir.path()).expect("utf-8");
    let options = LocalOptions {
        state_dir: root.join("state"),
        engine_host: Some(format!("unix://{root}/no-engine.sock")),
        program: root.join("no-such-program"),
        home: None,
    };
    let error = super::serve(options.clone()).await.expect_err("no engine");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("no container engine answers"), "{error}");
    assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("apt-get install docker.io")));
    // The client that started the process reads the very same error.
    let left = std::fs::read(options.start_error(std::process::id())).expect("start error");
    assert_eq!(serde_json::from_slice::<CloudError>(&left).expect("json"), error);

    let lock = std::fs::File::open(options.lock()).expect("lock file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("lock");
    assert_eq!(super::serve(options).await.expect_err("second").kind, ErrorKind::Conflict);
}
