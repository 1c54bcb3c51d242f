//! A small shop on the fake cloud.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cfn::Output;
use seaway_cfn::Parameter;
use seaway_cfn::Resource;
use seaway_cfn::Template;
use seaway_cfn::Value;
use seaway_cloud::event::Event;
use seaway_cloud::fake::FakeCloud;
use seaway_engine::Clock;
use seaway_engine::Engine;
use seaway_engine::EventSink;
use seaway_engine::Finished;
use seaway_engine::Http;
use seaway_engine::HttpAnswer;
use seaway_engine::Options;
use seaway_synth::Gate;
use seaway_synth::ParameterSource;
use seaway_synth::StackKind;
use seaway_synth::StackSet;
use seaway_synth::StackSpec;
use seaway_synth::VerifyCheck;
use seaway_synth::WorkloadSpec;

pub(crate) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_767_225_600).unwrap()
    }
}

/// Answers every address with this status.
pub(crate) struct FixedHttp(pub(crate) u16);

#[async_trait]
impl Http for FixedHttp {
    async fn get(&self, _url: &str) -> Result<HttpAnswer, String> {
        Ok(HttpAnswer { status: self.0, text: "HTTP/1.1 200 OK\r\n\r\nshop".into() })
    }
}

/// A test's shop: a fake cloud, the events, and engines on it.
pub(crate) struct Shop {
    pub(crate) cloud: Arc<FakeCloud>,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    pub(crate) images: IndexMap<String, String>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Shop {
            cloud: Arc::new(FakeCloud::new()),
            events: Arc::default(),
            images: IndexMap::from([("web".into(), "shop/web:1".into())]),
        }
    }

    pub(crate) fn image(&mut self, image: &str) {
        self.images.insert("web".into(), image.into());
    }

    pub(crate) fn engine_with(&self, options: Options) -> Engine {
        let events = self.events.clone();
        let sink = EventSink::new(Arc::new(FixedClock), move |event| {
            events.lock().unwrap().push(event);
        });
        Engine::new(self.cloud.clone(), sink, options).with_http(Arc::new(FixedHttp(200)))
    }

    pub(crate) fn engine(&self) -> Engine {
        static RUNS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let run = RUNS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let run_id = format!("run-{run}");
        self.engine_with(Options { run_id, who: "me@here".into(), ..Options::default() })
    }

    pub(crate) async fn up(&self, set: &StackSet) -> Finished {
        self.engine().up(set, &self.images, &[], None).await
    }

    /// Events as lines without times, for snapshots.
    pub(crate) fn lines(&self) -> String {
        let events = self.events.lock().unwrap();
        let line = |event: &Event| {
            let mut json = serde_json::to_value(event).unwrap();
            let object = json.as_object_mut().unwrap();
            object.shift_remove("time");
            object.shift_remove("seq");
            json.to_string()
        };
        events.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

fn output(template: &mut Template, name: &str) {
    let value = match name {
        "TaskDefinitionArn" => Value::reference("TaskDefinition"),
        other => Value::from(other),
    };
    let output = Output { value, description: None, condition: None, export: None };
    template.outputs.insert(name.into(), output);
}

fn parameter(template: &mut Template, name: &str) {
    let parameter =
        Parameter { kind: "String".into(), default: None, description: None, extra: IndexMap::new() };
    template.parameters.insert(name.into(), parameter);
}

fn tags(workload: Option<&str>) -> IndexMap<String, String> {
    let mut tags = IndexMap::from([
        ("seaway:app".to_owned(), "shop".to_owned()),
        ("seaway:env".to_owned(), "test".to_owned()),
    ]);
    if let Some(workload) = workload {
        tags.insert("seaway:workload".into(), workload.into());
    }
    tags
}

fn base(name: &str, kind: StackKind, resource: &str, depends_on: &[&str]) -> StackSpec {
    let mut template = Template::default();
    template.resources.insert("Main".into(), Resource::new(resource));
    output(&mut template, "Id");
    if kind == StackKind::Platform {
        output(&mut template, "ClusterName");
    }
    StackSpec {
        name: format!("shop-test-{name}"),
        kind,
        template,
        parameters: IndexMap::new(),
        tags: tags(None),
        depends_on: depends_on.iter().map(|name| format!("shop-test-{name}")).collect(),
    }
}

pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) depends_on: &'static [&'static str],
    pub(crate) gate: Option<Gate>,
    pub(crate) env: &'static str,
    pub(crate) routed: bool,
    pub(crate) built: bool,
}

pub(crate) fn workload(it: &Workload) -> StackSpec {
    let mut template = Template::default();
    let image = if it.built { Value::reference("Image") } else { Value::from("busybox:1") };
    let environment =
        Value::map([("Name".to_owned(), Value::from("LEVEL")), ("Value".to_owned(), Value::from(it.env))]);
    let container = Value::map([
        ("Name".to_owned(), Value::from(it.name)),
        ("Image".to_owned(), image),
        ("Environment".to_owned(), Value::List(vec![environment])),
    ]);
    template.resources.insert(
        "TaskDefinition".into(),
        Resource::new("AWS::ECS::TaskDefinition")
            .with("Family", format!("shop-test-{}", it.name))
            .with("ContainerDefinitions", Value::List(vec![container])),
    );
    for name in ["TaskDefinitionArn", "ClusterName", "SubnetIds", "SecurityGroupIds"] {
        output(&mut template, name);
    }
    let service = it.kind == "service";
    if service {
        template.resources.insert(
            "Service".into(),
            Resource::new("AWS::ECS::Service").with("TaskDefinition", Value::reference("TaskDefinition")),
        );
        output(&mut template, "ServiceName");
    }
    if it.kind == "job" {
        template.resources.insert(
            "Schedule".into(),
            Resource::new("AWS::Scheduler::Schedule").with("ScheduleExpression", "rate(1 hour)"),
        );
        output(&mut template, "ScheduleName");
    }
    if it.routed {
        output(&mut template, "Url");
    }
    parameter(&mut template, "Cluster");
    let mut parameters = IndexMap::from([(
        "Cluster".to_owned(),
        ParameterSource::Output { stack: "shop-test-platform".into(), output: "ClusterName".into() },
    )]);
    if it.built {
        parameter(&mut template, "Image");
        parameters.insert("Image".into(), ParameterSource::Image { service: it.name.into() });
    }
    let spec = WorkloadSpec {
        name: it.name.into(),
        kind: it.kind,
        service: service.then(|| "Service".to_owned()),
        gate: it.gate,
        depends_on: it.depends_on.iter().map(|name| (*name).to_owned()).collect(),
        completed: Vec::new(),
        container: it.name.into(),
        log_group: format!("/seaway/shop/test/{}", it.name),
        secrets: Vec::new(),
        built: Vec::new(),
        fail_fast: true,
        confirm: false,
        timeout: None,
        verify: if it.routed {
            vec![VerifyCheck { path: "/health".into(), status: 200, contains: Some("shop".into()) }]
        } else {
            Vec::new()
        },
    };
    StackSpec {
        name: format!("shop-test-{}", it.name),
        kind: StackKind::Workload(Box::new(spec)),
        template,
        parameters,
        tags: tags(Some(it.name)),
        depends_on: vec!["shop-test-platform".into(), "shop-test-resources".into()],
    }
}

/// Returns the shop: web → api, worker, migrate before, report on a schedule. `env` gives
/// workloads another value of LEVEL.
pub(crate) fn set(env: &[(&str, &'static str)]) -> StackSet {
    let level = |name: &str| env.iter().find(|(n, _)| *n == name).map_or("info", |(_, v)| *v);
    let mut stacks = vec![
        base("network", StackKind::Network, "AWS::EC2::VPC", &[]),
        base("platform", StackKind::Platform, "AWS::ECS::Cluster", &["network"]),
        base("resources", StackKind::Resources, "AWS::SQS::Queue", &["network"]),
    ];
    type Row = (&'static str, &'static str, &'static [&'static str], Option<Gate>);
    let rows: [Row; 5] = [
        ("migrate", "task", &[], Some(Gate::Before)),
        ("api", "service", &[], None),
        ("worker", "service", &[], None),
        ("web", "service", &["api"], None),
        ("report", "job", &[], None),
    ];
    for (name, kind, depends_on, gate) in rows {
        let routed = name == "web";
        stacks.push(workload(&Workload {
            name,
            kind,
            depends_on,
            gate,
            env: level(name),
            routed,
            built: name == "web",
        }));
    }
    StackSet { app: "shop".into(), environment: "test".into(), protected: false, stacks }
}

/// Returns the set without a workload.
pub(crate) fn without(mut set: StackSet, name: &str) -> StackSet {
    set.stacks.retain(|stack| stack.name != format!("shop-test-{name}"));
    set
}
