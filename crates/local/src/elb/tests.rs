//! The load balancer against real servers on the loopback interface.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use camino::Utf8Path;
use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use indexmap::IndexMap;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::RwLock;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Elb;
use crate::lock::lock;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;
use crate::realiser::TargetGroups;
use crate::store::Store;

/// Held for writing while a test wants a port of its own to stay free for a moment.
static PORTS: RwLock<()> = RwLock::const_new(());

/// A server that answers with its name, `/echo` with the request's head, `/slow` once it may.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    status: Arc<AtomicU16>,
    pub(super) slow: Arc<Semaphore>,
    pub(super) slow_seen: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(name: &'static str) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let status = Arc::new(AtomicU16::new(200));
        let slow = Arc::new(Semaphore::new(0));
        let slow_seen = Arc::new(AtomicUsize::new(0));
        let shared = (status.clone(), slow.clone(), slow_seen.clone());
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let shared = shared.clone();
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let shared = shared.clone();
                        async move {
                            Ok::<_, Infallible>(reply(name, request, &shared.0, &shared.1, &shared.2).await)
                        }
                    });
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Server { address, status, slow, slow_seen, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn reply(
    name: &'static str,
    request: Request<Incoming>,
    status: &AtomicU16,
    slow: &Semaphore,
    slow_seen: &AtomicUsize,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let text = match parts.uri.path() {
        "/echo" => {
            let mut text = format!("{} {}\n", parts.method, parts.uri);
            for (name, value) in &parts.headers {
                text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
            }
            text
        }
        "/length" => body.collect().await.unwrap().to_bytes().len().to_string(),
        "/slow" => {
            slow_seen.fetch_add(1, Ordering::SeqCst);
            slow.acquire().await.unwrap().forget();
            name.to_owned()
        }
        _ => name.to_owned(),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    if parts.uri.path() == "/health" {
        *response.status_mut() = StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap();
    }
    response
}

pub(super) struct World {
    pub(super) elb: Elb,
    pub(super) port: u16,
    load_balancer: String,
    client: Client<HttpConnector, Full<Bytes>>,
    dir: tempfile::TempDir,
}

fn context(kind: &str, id: &str) -> ResourceContext {
    ResourceContext {
        stack: "shop-local-web".to_owned(),
        logical_id: id.to_owned(),
        resource_type: format!("AWS::ElasticLoadBalancingV2::{kind}"),
        tags: IndexMap::new(),
        token: format!("token-{id}"),
        cancelled: CancellationToken::new(),
    }
}

pub(super) fn store(dir: &tempfile::TempDir) -> Store {
    Store::open(Utf8Path::from_path(dir.path()).unwrap()).unwrap()
}

impl World {
    pub(super) async fn new() -> World {
        let _reserving = PORTS.read().await;
        let dir = tempfile::tempdir().unwrap();
        let elb = Elb::open(store(&dir)).await.unwrap();
        let made = elb.create(&context("LoadBalancer", "Lb"), &json!({"Name": "shop"})).await.unwrap();
        let port = made.attributes["DNSName"].strip_prefix("localhost:").unwrap().parse().unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        World { elb, port, load_balancer: made.id, client, dir }
    }

    async fn make(&self, kind: &str, id: &str, properties: Value) -> Result<Physical, Failure> {
        self.elb.create(&context(kind, id), &properties).await
    }

    pub(super) async fn group(&self, id: &str, attributes: Value) -> String {
        let attributes: Vec<Value> = attributes
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        let properties = json!({
            "Port": 80, "Protocol": "HTTP", "HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 1,
            "HealthCheckTimeoutSeconds": 1, "UnhealthyThresholdCount": 2, "HealthyThresholdCount": 2,
            "TargetGroupAttributes": attributes,
        });
        self.make("TargetGroup", id, properties).await.unwrap().id
    }

    pub(super) async fn listener(&self, action: Value) -> String {
        let properties = json!({"LoadBalancerArn": self.load_balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": [action]});
        self.make("Listener", "Http", properties).await.unwrap().id
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::default()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    pub(super) async fn register(&self, group: &str, id: &str, server: &Server) {
        self.elb.register(group, id, server.address).await;
        self.wait(group, id, "healthy").await;
    }

    pub(super) async fn state(&self, group: &str, id: &str) -> String {
        self.elb.health(group, id).await.map_or_else(|| "gone".to_owned(), |health| health.state)
    }

    /// Waits for a state; the limit is only there so that a broken test ends.
    pub(super) async fn wait(&self, group: &str, id: &str, state: &str) {
        for _ in 0..2000 {
            if self.state(group, id).await == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{id} is {}, not {state}", self.state(group, id).await);
    }
}

pub(super) fn forward(group: &str) -> Value {
    json!({"Type": "forward", "TargetGroupArn": group})
}

fn fixed(body: &str) -> Value {
    json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": body}})
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_its_own() {
    let world = World::new().await;
    assert_eq!(world.get("/", &[]).await.0, 503, "no listener");
    let group = world.group("Tg", json!({})).await;
    let listener = world.listener(forward(&group)).await;
    let (status, _, body) = world.get("/", &[]).await;
    assert_eq!(status, 503);
    assert!(body.contains("<h1>503 Service Temporarily Unavailable</h1>"), "{body}");
    world.elb.register(&group, "dead", "127.0.0.1:1".parse().unwrap()).await;
    assert_eq!(world.get("/", &[]).await.0, 502);

    let rule = |priority: u32, path: &str, action: Value| json!({"ListenerArn": listener, "Priority": priority, "Actions": [action], "Conditions": [{"Field": "path-pattern", "Values": [path]}]});
    world.make("ListenerRule", "Fixed", rule(5, "/fixed", fixed("hello"))).await.unwrap();
    let (status, headers, body) = world.get("/fixed", &[]).await;
    assert_eq!(
        (status.as_u16(), headers["content-type"].to_str().unwrap(), body.as_str()),
        (200, "text/plain", "hello")
    );
    let redirect = json!({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "444", "Path": "/new/#{path}", "StatusCode": "HTTP_301"}});
    world.make("ListenerRule", "Redirect", rule(6, "/old*", redirect)).await.unwrap();
    let (status, headers, _) = world.get("/old/x?a=1", &[("host", "shop.test:80")]).await;
    assert_eq!(
        (status.as_u16(), headers["location"].to_str().unwrap()),
        (301, "https://shop.test:444/new/old/x?a=1")
    );
    // With a listener at that port, the redirect leads to where it really is.
    let https = json!({"LoadBalancerArn": world.load_balancer, "Port": 444, "Protocol": "HTTPS", "DefaultActions": [fixed("tls")]});
    world.make("Listener", "Https", https).await.unwrap();
    let (_, headers, _) = world.get("/old/x", &[("host", "shop.test")]).await;
    let local = world.elb.listeners()[1].address.rsplit_once(':').unwrap().1.to_owned();
    assert_eq!(headers["location"].to_str().unwrap(), format!("http://shop.test:{local}/new/old/x"));

    let clash = world.make("ListenerRule", "Clash", rule(5, "/other", fixed("x"))).await.unwrap_err();
    assert_eq!(clash.0, "Priority '5' is currently in use (ELBv2 PriorityInUse)");
    let same = world.make("ListenerRule", "Fixed", rule(5, "/fixed", fixed("again"))).await;
    assert!(same.is_ok(), "creating twice is creating once: {same:?}");
    let unknown =
        world.make("ListenerRule", "Unknown", rule(9, "/u", forward("arn:nope"))).await.unwrap_err();
    assert!(unknown.0.contains("TargetGroupNotFound"), "{unknown}");
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_and_bodies_pass() {
    let world = World::new().await;
    let group = world.group("Tg", json!({})).await;
    world.listener(forward(&group)).await;
    let server = Server::start("a").await;
    world.register(&group, "a", &server).await;
    let headers =
        [("host", "shop.test"), ("x-forwarded-for", "1.2.3.4"), ("connection", "x-mine"), ("x-mine", "1")];
    let (_, _, echo) = world.get("/echo?a=%20b", &headers).await;
    let lines: Vec<&str> = echo.lines().collect();
    assert_eq!(lines[0], "GET /echo?a=%20b");
    for line in ["host: shop.test", "x-forwarded-for: 1.2.3.4, 127.0.0.1", "x-forwarded-proto: http"] {
        assert!(lines.contains(&line), "{line} in {echo}");
    }
    assert!(lines.contains(&format!("x-forwarded-port: {}", world.port).as_str()), "{echo}");
    assert!(!echo.contains("x-mine"), "hop-by-hop headers stay behind: {echo}");

    for size in [0, 1000, 64 * 1024 + 1, 20_000_000] {
        let request =
            Request::post(world.url("/length")).body(Full::new(Bytes::from(vec![b'x'; size]))).unwrap();
        let response = world.client.request(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, size.to_string(), "upload of {size} bytes");
    }
    let head = Request::head(world.url("/")).body(Full::default()).unwrap();
    let response = world.client.request(head).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-length"].to_str().unwrap()),
        (200, "1")
    );

    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).await.unwrap();
    let head = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 200") && rest.ends_with("\r\n\r\n3"), "{rest}");
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn weighted_groups_and_stickiness() {
    let world = World::new().await;
    let one = world.group("One", json!({"stickiness.enabled": "true", "stickiness.type": "lb_cookie"})).await;
    let two = world.group("Two", json!({})).await;
    let listener = world
        .listener(json!({"Type": "forward", "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": one, "Weight": 3}, {"TargetGroupArn": two, "Weight": "1"}],
        }}))
        .await;
    let (a, b, c) = (Server::start("a").await, Server::start("b").await, Server::start("c").await);
    world.register(&one, "a", &a).await;
    world.register(&one, "b", &b).await;
    world.register(&two, "c", &c).await;
    let mut counts: IndexMap<String, usize> = IndexMap::new();
    for _ in 0..400 {
        *counts.entry(world.get("/", &[]).await.2).or_default() += 1;
    }
    assert!(counts["c"].abs_diff(100) < 10 && counts["a"].abs_diff(150) < 10, "{counts:?}");

    // All to the first group: its cookie leads to the same target again and again.
    let only = json!({"LoadBalancerArn": world.load_balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": [forward(&one)]});
    world.elb.update(&context("Listener", "Http"), &listener, &json!({}), &only).await.unwrap();
    let (_, headers, first) = world.get("/", &[]).await;
    let cookie = headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("AWSALB=") && cookie.contains("; Expires=") && cookie.ends_with("; Path=/"),
        "{cookie}"
    );
    let cookie = format!("x=y; {}", cookie.split(';').next().unwrap());
    for _ in 0..20 {
        assert_eq!(world.get("/", &[("cookie", &cookie)]).await.2, first);
    }
    world.elb.deregister(&one, &first).await;
    let (_, _, other) = world.get("/", &[("cookie", &cookie)]).await;
    assert_ne!(other, first, "a target that is leaving loses its clients");
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_the_target() {
    let world = World::new().await;
    let group = world.group("Tg", json!({})).await;
    let server = Server::start("a").await;
    world.elb.register(&group, "a", server.address).await;
    assert_eq!(world.state(&group, "a").await, "unused", "no listener names the group");
    world.listener(forward(&group)).await;
    world.wait(&group, "a", "healthy").await;
    server.status.store(503, Ordering::SeqCst);
    world.wait(&group, "a", "unhealthy").await;
    let health = world.elb.health(&group, "a").await.unwrap();
    assert_eq!(health.reason.as_deref(), Some("Target.ResponseCodeMismatch"));
    assert_eq!(health.description.as_deref(), Some("Health checks failed with these codes: [503]"));
    assert_eq!(world.get("/", &[]).await.2, "a", "fail open");
    server.status.store(200, Ordering::SeqCst);
    world.wait(&group, "a", "healthy").await;
    drop(server);
    world.wait(&group, "a", "unhealthy").await;
    let reason = world.elb.health(&group, "a").await.unwrap().reason;
    assert_eq!(reason.as_deref(), Some("Target.FailedHealthChecks"));
    assert_eq!(world.elb.health(&group, "other").await, None);
    assert_eq!(world.elb.health("arn:other", "a").await, None);
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_lets_requests_end() {
    let world = World::new().await;
    let group = world.group("Tg", json!({"deregistration_delay.timeout_seconds": "60"})).await;
    world.listener(forward(&group)).await;
    let (old, new) = (Server::start("old").await, Server::start("new").await);
    world.register(&group, "old", &old).await;
    let slow = tokio::spawn({
        let (client, url) = (world.client.clone(), world.url("/slow"));
        async move {
            let response = client.request(Request::get(url).body(Full::default()).unwrap()).await.unwrap();
            (response.status(), response.into_body().collect().await.unwrap().to_bytes())
        }
    });
    while old.slow_seen.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    world.register(&group, "new", &new).await;
    world.elb.deregister(&group, "old").await;
    for _ in 0..50 {
        assert_eq!(world.get("/", &[]).await.2, "new");
    }
    let health = world.elb.health(&group, "old").await.unwrap();
    assert_eq!(
        (health.state.as_str(), health.reason.as_deref()),
        ("draining", Some("Target.DeregistrationInProgress"))
    );
    old.slow.add_permits(1);
    assert_eq!(slow.await.unwrap(), (StatusCode::OK, Bytes::from("old")));
    // Long before the delay of 60 s is over.
    world.wait(&group, "old", "gone").await;

    // A target without requests is dropped at once, one that hangs after the delay.
    world.elb.register(&group, "old", old.address).await;
    world.wait(&group, "old", "healthy").await;
    world.elb.deregister(&group, "old").await;
    world.wait(&group, "old", "gone").await;
    world.elb.close_all().await;
}

/// Tasks are swapped one by one, as ECS does it, while 2,000 clients keep asking.
#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_swap_fails_no_request() {
    const CLIENTS: usize = 2_000;
    let world = World::new().await;
    let group = world.group("Tg", json!({"deregistration_delay.timeout_seconds": "30"})).await;
    world.listener(forward(&group)).await;
    let mut running = Vec::new();
    for id in ["v1-a", "v1-b", "v1-c"] {
        let server = Server::start("v1").await;
        world.register(&group, id, &server).await;
        running.push((id, server));
    }
    let stop = CancellationToken::new();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let answered = Arc::new(AtomicUsize::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for n in 0..CLIENTS {
        let (client, url, stop) = (world.client.clone(), world.url("/page"), stop.clone());
        let (failures, answered) = (failures.clone(), answered.clone());
        clients.spawn(async move {
            while !stop.is_cancelled() {
                let method = if n % 4 == 0 { "POST" } else { "GET" };
                let request = Request::builder()
                    .method(method)
                    .uri(&url)
                    .body(Full::new(Bytes::from("order")))
                    .unwrap();
                let outcome = match client.request(request).await {
                    Err(error) => Err(format!("{error:?}")),
                    Ok(response) if response.status() != 200 => Err(response.status().to_string()),
                    Ok(response) => response.into_body().collect().await.map_err(|error| error.to_string()),
                };
                match outcome {
                    Ok(_) => answered.fetch_add(1, Ordering::Relaxed),
                    Err(error) => {
                        lock(&failures).push(error);
                        0
                    }
                };
            }
        });
    }
    let enough = |from: usize| {
        let answered = answered.clone();
        async move {
            while answered.load(Ordering::Relaxed) < from + CLIENTS {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    enough(0).await;
    for id in ["v2-a", "v2-b", "v2-c"] {
        let server = Server::start("v2").await;
        world.register(&group, id, &server).await;
        let (old, old_server) = running.remove(0);
        world.elb.deregister(&group, old).await;
        world.wait(&group, old, "gone").await;
        // The process ends: all its connections break.
        drop(old_server);
        running.push((id, server));
        enough(answered.load(Ordering::Relaxed)).await;
    }
    stop.cancel();
    clients.join_all().await;
    let failures = std::mem::take(&mut *lock(&failures));
    assert!(
        failures.is_empty(),
        "{} of {} failed, first {:?}",
        failures.len(),
        answered.load(Ordering::Relaxed),
        failures.first()
    );
    assert!(answered.load(Ordering::Relaxed) >= 4 * CLIENTS);
    assert_eq!(world.get("/", &[]).await.2, "v2");
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_after_a_restart() {
    let world = World::new().await;
    let group = world.group("Tg", json!({})).await;
    let listener = world.listener(forward(&group)).await;
    let rule = json!({"ListenerArn": listener, "Priority": 1, "Actions": [fixed("kept")], "Conditions": [{"Field": "path-pattern", "Values": ["/kept"]}]});
    let rule = world.make("ListenerRule", "Rule", rule).await.unwrap().id;
    let before = world.elb.listeners();
    let _alone = PORTS.write().await;
    world.elb.close_all().await;

    // Somebody has the port for a moment.
    let squatter = TcpListener::bind(("127.0.0.1", world.port)).await.unwrap();
    let opening = tokio::spawn(Elb::open(store(&world.dir)));
    tokio::task::yield_now().await;
    drop(squatter);
    let elb = opening.await.unwrap().unwrap();
    assert_eq!(elb.listeners(), before);
    assert!(before.iter().all(|listener| listener.bound));
    assert_eq!(world.get("/kept", &[]).await.2, "kept");
    let server = Server::start("a").await;
    elb.register(&group, "a", server.address).await;
    assert_eq!(world.get("/", &[]).await.2, "a");

    for (kind, id) in [
        ("ListenerRule", &rule),
        ("Listener", &listener),
        ("TargetGroup", &group),
        ("LoadBalancer", &world.load_balancer),
    ] {
        elb.delete(&context(kind, "x"), id, &json!({})).await.unwrap();
        elb.delete(&context(kind, "x"), id, &json!({})).await.unwrap();
    }
    assert!(elb.listeners().is_empty());
    assert!(TcpStream::connect(("127.0.0.1", world.port)).await.is_err(), "the port is free again");
    let again = elb.create(&context("LoadBalancer", "Lb"), &json!({"Name": "shop"})).await.unwrap();
    assert_eq!(again.id, world.load_balancer);
    elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_creation_left_is_found_by_its_token() {
    let world = World::new().await;
    let group = world.group("Tg", json!({})).await;
    let listener = world.listener(forward(&group)).await;
    let rule = json!({"ListenerArn": listener, "Priority": 1, "Actions": [fixed("x")], "Conditions": [{"Field": "path-pattern", "Values": ["/x"]}]});
    world.make("ListenerRule", "Rule", rule).await.unwrap();
    let server = Server::start("a").await;
    world.register(&group, "a", &server).await;
    for (kind, id) in
        [("ListenerRule", "Rule"), ("Listener", "Http"), ("TargetGroup", "Tg"), ("LoadBalancer", "Lb")]
    {
        world.elb.delete(&context(kind, "Other"), "", &json!({})).await.unwrap();
        world.elb.delete(&context(kind, id), "", &json!({})).await.unwrap();
    }
    assert!(world.elb.listeners().is_empty());
    assert_eq!(world.state(&group, "a").await, "gone");
    assert!(TcpStream::connect(("127.0.0.1", world.port)).await.is_err(), "the port is free again");
}
