//! The HTTP server.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use indexmap::IndexMap;
use serde::Deserialize;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use winterbaume_core::MockRequest;
use winterbaume_core::MockResponse;
use winterbaume_core::MockService;
use winterbaume_core::auth::extract_service_from_headers;
use winterbaume_sqs::SqsService;

use super::attributes;
use super::backend::Backend;
use super::backend::REGION;
use super::fault;
use super::query;
use super::xml;
use crate::realiser::Failure;
use crate::store::Store;

/// Name under which containers reach this machine.
const HOST: &str = "host.docker.internal";
const STATE: &str = "emulator";
/// First port that is tried on a new machine.
const FIRST_PORT: u16 = 9750;
/// How long a restart waits for a port that is briefly taken.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long changes of messages are collected before they go to disk.
const COLLECT: Duration = Duration::from_millis(200);
/// SQS takes 1 MiB; the JSON around it needs some more.
const LARGEST_REQUEST: usize = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Port {
    port: u16,
}

/// The emulated AWS APIs.
#[derive(Clone, Debug)]
pub(crate) struct Emulator {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Arc<Backend>,
    port: u16,
    stop: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Emulator {
    /// Starts the server on the port that it had, on 127.0.0.1 and, if that can be bound, on the
    /// address that containers reach this machine at (the gateway of the container bridge). With
    /// Docker Desktop there is no such address here; it forwards to the loopback interface.
    ///
    /// # Errors
    /// State cannot be read, or another program has the port.
    pub(crate) async fn open(store: Store, bridge_address: Option<IpAddr>) -> Result<Emulator, Failure> {
        let kept: Option<Port> = store
            .load(STATE)
            .map_err(|error| Failure(format!("the state file emulator.json cannot be read: {error}")))?;
        let (port, listeners) = match kept {
            Some(Port { port }) => (port, reopen(port, bridge_address).await?),
            None => {
                let (port, listeners) = (FIRST_PORT..u16::MAX)
                    .find_map(|port| Some((port, bind(port, bridge_address).ok()?)))
                    .ok_or_else(|| {
                        Failure(format!("no port from {FIRST_PORT} on is free for the emulated AWS APIs"))
                    })?;
                store.save(STATE, &Port { port }).map_err(|error| {
                    Failure(format!("the state file emulator.json cannot be written: {error}"))
                })?;
                (port, listeners)
            }
        };
        let backend = Arc::new(Backend::open(store, format!("http://{HOST}:{port}"))?);
        let services: Arc<Vec<Arc<dyn MockService>>> =
            Arc::new(vec![Arc::new(SqsService::with_backend(backend.clone()))]);
        let stop = CancellationToken::new();
        let mut tasks = vec![tokio::spawn(keep(backend.clone(), stop.clone()))];
        for listener in listeners {
            tasks.push(tokio::spawn(accept(listener, services.clone(), port, stop.clone())));
        }
        Ok(Emulator { inner: Arc::new(Inner { backend, port, stop, tasks: Mutex::new(tasks) }) })
    }

    /// Returns the environment with which SDKs in containers find the emulator.
    pub(crate) fn environment(&self) -> IndexMap<String, String> {
        [
            ("AWS_ENDPOINT_URL", self.inner.backend.endpoint.as_str()),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    /// Returns the address for programs on this machine, such as `http://127.0.0.1:9750`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.inner.port)
    }

    /// Stops the server and keeps everything on disk; returns when the port is free.
    pub(crate) async fn close_all(&self) {
        self.inner.stop.cancel();
        let tasks: Vec<_> =
            self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        for task in tasks {
            // The tasks end with the token; a panic in one has been reported already.
            let _ = task.await;
        }
    }

    /// Returns the queues.
    pub(super) fn backend(&self) -> &Backend {
        &self.inner.backend
    }
}

/// Binds a port on the loopback interface and on the bridge. An address that is not of this
/// machine is left out, one where the port is taken is an error.
fn bind(port: u16, bridge_address: Option<IpAddr>) -> io::Result<Vec<TcpListener>> {
    let mut listeners = vec![listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?];
    if let Some(address) = bridge_address.filter(|address| !address.is_loopback()) {
        match listen(SocketAddr::from((address, port))) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => (),
        }
    }
    Ok(listeners)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn reopen(port: u16, bridge_address: Option<IpAddr>) -> Result<Vec<TcpListener>, Failure> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        match bind(port, bridge_address) {
            Ok(listeners) => return Ok(listeners),
            Err(error) if tokio::time::Instant::now() >= until => {
                return Err(Failure(format!(
                    "port {port} of the emulated AWS APIs, which is part of the queue URLs, cannot be opened: {error}; \
                     stop the program that has it"
                )));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Writes changes to disk, those of a moment together.
async fn keep(backend: Arc<Backend>, stop: CancellationToken) {
    loop {
        let stopped = tokio::select! {
            () = async { backend.changed.notified().await; tokio::time::sleep(COLLECT).await } => false,
            () = stop.cancelled() => true,
        };
        let saving = backend.clone();
        // A full disk: the next change tries again, with everything.
        let _ = tokio::task::spawn_blocking(move || saving.save()).await;
        if stopped {
            return;
        }
    }
}

async fn accept(
    listener: TcpListener,
    services: Arc<Vec<Arc<dyn MockService>>>,
    port: u16,
    stop: CancellationToken,
) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = stream else {
            // Out of file descriptors: the next may work.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (services, stop) = (services.clone(), stop.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let services = services.clone();
                async move { Ok::<_, Infallible>(answer(&services, port, request).await) }
            });
            // An error is the client's: it closed, or sent something that is no HTTP.
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                _ = connection => (),
                () = stop.cancelled() => (),
            }
        });
    }
}

async fn answer(
    services: &[Arc<dyn MockService>],
    port: u16,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(ToOwned::to_owned);
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return respond(fault::json(413, "RequestEntityTooLarge", "the request is larger than 4 MiB"));
    };
    let body = body.to_bytes();
    let target =
        parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).map(ToOwned::to_owned);
    let form = match parts.uri.query() {
        Some(query) if body.is_empty() => query.to_owned(),
        _ => String::from_utf8_lossy(&body).into_owned(),
    };
    let query = if target.is_none() { query::read(parts.uri.path(), &form) } else { None };
    let service = match &target {
        Some(target) if target.starts_with("AmazonSQS.") => Some("sqs".to_owned()),
        // SQS is the only service here with the query protocol; unsigned requests are its, too.
        _ => {
            extract_service_from_headers(&parts.headers).or_else(|| query.as_ref().map(|_| "sqs".to_owned()))
        }
    };
    let found = services.iter().find(|candidate| Some(candidate.service_name()) == service.as_deref());
    let Some(found) = found else {
        let name = service.unwrap_or_else(|| "this request".to_owned());
        let message = format!("seaway emulates SQS on this machine, not {name} (docs/emulators.md)");
        return respond(fault::json(501, "NotImplemented", &message));
    };
    let mut headers = parts.headers;
    let (body, action) = match query {
        Some(query) => {
            let Ok(target) = HeaderValue::from_str(&format!("AmazonSQS.{}", query.action)) else {
                return respond(fault::json(400, "InvalidAction", "the action is no name"));
            };
            headers.insert("x-amz-target", target);
            (query.body.to_string().into(), Some(query.action))
        }
        None => (body, None),
    };
    let call = MockRequest { method: parts.method.to_string(), uri: parts.uri.to_string(), headers, body };
    let operation =
        call.headers.get("x-amz-target").and_then(|target| target.to_str().ok()?.rsplit('.').next());
    let operation = operation.unwrap_or_default().to_owned();
    let sent = call.body.clone();
    let mut response = fault::complete(found.handle(call).await);
    response.body = attributes::add_digests(&operation, &sent, response.body);
    if let Some(host) = host {
        // Queue URLs lead back to where the caller came in.
        let text = String::from_utf8_lossy(&response.body)
            .replace(&format!("http://{HOST}:{port}/"), &format!("http://{host}/"));
        response.body = text.into();
    }
    match action {
        Some(action) => respond(xml::answer(&action, &response)),
        None => respond(response),
    }
}

fn respond(response: MockResponse) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(response.body));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *answer.headers_mut() = response.headers;
    answer
        .headers_mut()
        .insert("x-amzn-requestid", HeaderValue::from_static("00000000-0000-0000-0000-000000000000"));
    answer
}
