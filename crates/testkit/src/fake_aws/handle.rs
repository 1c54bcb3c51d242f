//! The handle that a test holds.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use indexmap::IndexMap;
use seaway_cloud::StackStatus;
use seaway_cloud::fake::Behaviour;
use serde_json::Value as Json;
use tokio::sync::oneshot;

use super::behaviour::BehaviourRule;
use super::cloudformation;
use super::fault::Fault;
use super::picture::Picture;
use super::request::Requests;
use super::scenario::ResourceFailure;
use super::scenario::ResourceName;
use super::scenario::Scenario;
use super::server::Control;
use super::server::lock;
use super::server::serve;
use super::world::World;

/// A running fake; it stops when this is dropped. It has a thread of its own, so it answers also
/// while a test blocks.
#[derive(Debug)]
pub struct FakeAws {
    /// Such as `http://127.0.0.1:40123`: the value for `AWS_ENDPOINT_URL`.
    pub url: String,
    world: Arc<Mutex<World>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeAws {
    /// Starts on a free port of the loopback interface.
    ///
    /// # Errors
    /// No port, no thread or no runtime to be had.
    pub fn start(scenario: Scenario) -> io::Result<FakeAws> {
        FakeAws::start_on(scenario, 0)
    }

    /// Starts on this port of the loopback interface.
    ///
    /// # Errors
    /// As [`FakeAws::start`]; a port that is taken.
    pub fn start_on(scenario: Scenario, port: u16) -> io::Result<FakeAws> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let world = Arc::new(Mutex::new(World::new(scenario)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&world);
        let thread = std::thread::Builder::new().name("fake-aws".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    () = serve(listener, shared) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(FakeAws { url, world, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the variables with which a child process talks to this fake.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let region = lock(&self.world).scenario.region.clone();
        vec![
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("AWS_ACCESS_KEY_ID", "AKIAFAKE000000000000".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "fake".to_owned()),
            ("AWS_REGION", region.clone()),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Returns all calls so far, in order.
    pub fn requests(&self) -> Requests {
        lock(&self.world).requests.clone()
    }

    /// Forgets the calls so far; their numbers begin at 1 again.
    pub fn clear_requests(&self) {
        lock(&self.world).requests = Requests::default();
    }

    /// Puts a fault in the way.
    pub fn fault(&self, fault: Fault) {
        lock(&self.world).faults.add(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        lock(&self.world).faults.clear();
    }

    /// Tasks that hold `text` behave like this from now on; see [`BehaviourRule::when`].
    pub fn behave(&self, text: &str, behaviour: Behaviour) {
        self.rule(BehaviourRule::new(text, behaviour));
    }

    /// Adds a rule for containers; it wins over the earlier ones.
    pub fn rule(&self, rule: BehaviourRule) {
        lock(&self.world).scenario.containers.push(rule);
    }

    /// The operation on this resource fails.
    pub fn fail_resource(&self, failure: ResourceFailure) {
        lock(&self.world).scenario.failures.push(failure);
    }

    /// The operation on this resource never ends, until [`FakeAws::unstick`].
    pub fn stick(&self, resource: ResourceName) {
        lock(&self.world).scenario.stuck.push(resource);
    }

    /// Nothing is stuck any more, and no resource fails any more.
    pub fn unstick(&self) {
        let mut world = lock(&self.world);
        world.scenario.stuck.clear();
        world.scenario.failures.clear();
    }

    /// Lets virtual time pass.
    pub fn advance(&self, time: Duration) {
        lock(&self.world).advance(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    }

    /// Returns the virtual time since the start.
    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(lock(&self.world).now)
    }

    /// Lets virtual time pass until no stack, service or task moves any more, at most this long.
    /// Returns false when the time was up first.
    pub fn settle(&self, at_most: Duration) -> bool {
        let mut world = lock(&self.world);
        let end = world.now + u64::try_from(at_most.as_millis()).unwrap_or(u64::MAX);
        while world.now < end {
            if !cloudformation::busy(&world) && !super::ecs::busy(&world) {
                return true;
            }
            world.advance(1000);
        }
        false
    }

    /// Returns the status of a stack, `None` when there is none of that name (deleted ones do not
    /// count).
    pub fn stack_status(&self, name: &str) -> Option<StackStatus> {
        let world = lock(&self.world);
        cloudformation::find_live(&world, name).map(|id| world.stacks[&id].status)
    }

    /// Returns the outputs of a stack; none when it is not there.
    pub fn stack_outputs(&self, name: &str) -> IndexMap<String, String> {
        let world = lock(&self.world);
        cloudformation::find_live(&world, name)
            .map(|id| world.stacks[&id].outputs.clone())
            .unwrap_or_default()
    }

    /// Returns the names of the stacks that are there, sorted.
    pub fn stack_names(&self) -> Vec<String> {
        self.picture().stacks.into_iter().map(|stack| stack.name).collect()
    }

    /// Returns the state of the account without times and ids: equal for equal states.
    pub fn picture(&self) -> Picture {
        Picture::of(&lock(&self.world))
    }

    /// Returns the keys of the objects in a bucket.
    pub fn object_keys(&self, bucket: &str) -> Vec<String> {
        let world = lock(&self.world);
        let bucket = world.around.buckets.get(bucket);
        bucket.map(|objects| objects.keys().cloned().collect()).unwrap_or_default()
    }

    /// Returns an object's content.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let world = lock(&self.world);
        world.around.buckets.get(bucket)?.get(key).map(|object| object.body.clone())
    }

    /// Returns the names of the SSM parameters and secrets that have a value, sorted.
    pub fn secret_names(&self) -> Vec<String> {
        lock(&self.world).around.names_with_value()
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers the addresses `/_fake/…`, for people and for programs that are not Rust:
/// `requests`, `mutating`, `picture`, `advance` (body: virtual milliseconds), `fault` (body: a
/// [`Fault`]), `rule` (body: a [`BehaviourRule`]).
pub(super) fn control(world: &Mutex<World>, path: &str, body: &Bytes) -> Control {
    let mut world = lock(world);
    let done = || Json::from(true);
    let wrong = |error: String| serde_json::json!({ "error": error });
    let json = match path {
        "requests" => serde_json::to_value(&world.requests).unwrap_or_default(),
        "mutating" => serde_json::to_value(world.requests.mutating()).unwrap_or_default(),
        "picture" => serde_json::to_value(Picture::of(&world)).unwrap_or_default(),
        "advance" => match std::str::from_utf8(body).ok().and_then(|text| text.trim().parse().ok()) {
            Some(millis) => {
                world.advance(millis);
                done()
            }
            None => wrong("the body must be a number of milliseconds".to_owned()),
        },
        "fault" => match serde_json::from_slice(body) {
            Ok(fault) => {
                world.faults.add(fault);
                done()
            }
            Err(error) => wrong(error.to_string()),
        },
        "rule" => match serde_json::from_slice(body) {
            Ok(rule) => {
                world.scenario.containers.push(rule);
                done()
            }
            Err(error) => wrong(error.to_string()),
        },
        _ => wrong(format!("there is no /_fake/{path}")),
    };
    let status = if json.get("error").is_some() { 400 } else { 200 };
    let mut response = Response::new(Full::new(Bytes::from(json.to_string())));
    if let Ok(status) = http::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    Ok(response)
}
