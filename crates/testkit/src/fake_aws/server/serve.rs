//! Connections.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;

use bytes::Bytes;
use http::Request as HttpRequest;
use http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::net::sockopt::set_socket_linger;
use tokio::net::TcpListener;

use super::call::Call;
use super::reply::Failure;
use super::reply::write;
use super::route::route;
use crate::fake_aws::fault::Fault;
use crate::fake_aws::fault::FaultKind;
use crate::fake_aws::handle::control;
use crate::fake_aws::request::Request;
use crate::fake_aws::request::mask;
use crate::fake_aws::world::World;

type Shared = Arc<Mutex<World>>;

/// Locks the world; a test that panicked while it held the lock does not hide what it saw.
pub(crate) fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    match world.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}

/// Answers connections for ever; the runtime's end ends it.
pub(crate) async fn serve(listener: TcpListener, world: Shared) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Small answers at once: without it each waits for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let Ok((stream, twin)) = with_twin(stream) else { continue };
        let (world, twin) = (Arc::clone(&world), Arc::new(Mutex::new(Some(twin))));
        tokio::spawn(async move {
            let service = service_fn(move |request| converse(Arc::clone(&world), Arc::clone(&twin), request));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Twin = Arc<Mutex<Option<std::net::TcpStream>>>;

/// A second handle of the socket, to make its end a reset.
fn with_twin(stream: tokio::net::TcpStream) -> io::Result<(tokio::net::TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    Ok((tokio::net::TcpStream::from_std(stream)?, twin))
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("reset by a fault")]
struct Reset;

async fn converse(
    world: Shared,
    twin: Twin,
    request: HttpRequest<Incoming>,
) -> Result<Response<Full<Bytes>>, Reset> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else { return Err(Reset) };
    if let Some(path) = head.uri.path().strip_prefix("/_fake/") {
        let Ok(response) = control(&world, path, &body);
        return Ok(response);
    }
    let call = Call::decode(&head.method, &head.uri, &head.headers, &body);
    match answer(&world, &call) {
        Ok(response) => Ok(response),
        Err(FaultKind::Timeout) => std::future::pending().await,
        Err(_) => {
            let mut twin = match twin.lock() {
                Ok(guard) => guard,
                Err(poisoned) => poisoned.into_inner(),
            };
            if let Some(socket) = twin.take() {
                let _ = set_socket_linger(&socket, Some(Duration::ZERO));
            }
            Err(Reset)
        }
    }
}

/// Answers a call, records it, and lets time pass; the fault where no answer comes.
fn answer(world: &Mutex<World>, call: &Call) -> Result<Response<Full<Bytes>>, FaultKind> {
    let mut world = lock(world);
    let world = &mut *world;
    world.pass_time();
    let number = world.requests.0.len() as u64 + 1;
    let mut request = Request {
        number,
        at_ms: world.now,
        service: call.service.clone(),
        operation: call.operation.clone(),
        account: world.account_of(call.access_key.as_deref()),
        parameters: call.parameters.clone(),
        outcome: "ok".to_owned(),
    };
    mask(&call.service, &mut request.parameters);
    let fault = world.faults.hit(&request);
    let effect = fault.as_ref().is_none_or(|fault| fault.after_effect);
    let reply = effect.then(|| route(world, call));
    let (outcome, response) = match (fault, reply) {
        (Some(Fault { kind, .. }), _) => {
            let name = serde_json::to_value(kind).ok();
            let outcome = name.as_ref().and_then(|name| name.as_str()).unwrap_or("fault").to_owned();
            match Failure::fault(kind, call.wire, &call.service, &call.operation) {
                Some(failure) => (outcome, Ok(write(&Err(failure), call.wire, &call.operation, number))),
                None => (outcome, Err(kind)),
            }
        }
        (None, Some(reply)) => {
            let outcome = match &reply {
                Ok(_) => "ok".to_owned(),
                Err(failure) => failure.code.clone(),
            };
            (outcome, Ok(write(&reply, call.wire, &call.operation, number)))
        }
        (None, None) => ("fault".to_owned(), Err(FaultKind::Reset)),
    };
    request.outcome = outcome;
    world.requests.0.push(request);
    response
}

/// Says that an answer of the control addresses cannot fail.
pub(crate) type Control = Result<Response<Full<Bytes>>, Infallible>;
