//! Sockets of the load balancers.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::proxy;
use super::proxy::Client;
use super::state::Inner;
use super::table::Table;

/// How often a port that is taken is tried again after a restart.
const RETRY: Duration = Duration::from_millis(100);
/// As many connections as the kernel allows may wait to be accepted.
const BACKLOG: u32 = 4096;

/// What a socket serves; replaced while connections stay open.
#[derive(Debug, Default)]
pub(super) struct Route(RwLock<Option<Arc<Table>>>);

impl Route {
    /// Returns the table in force.
    pub(super) fn table(&self) -> Option<Arc<Table>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the table.
    pub(super) fn set(&self, table: Option<Arc<Table>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = table;
    }
}

/// A socket, bound or about to be.
#[derive(Debug)]
pub(super) struct Door {
    /// What it serves.
    pub(super) route: Arc<Route>,
    /// Becomes true once it is bound.
    pub(super) bound: watch::Receiver<bool>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Door {
    /// Serves `port` of the loopback address; without `listener` it is bound first, and that is
    /// tried until it works.
    pub(super) fn open(inner: Arc<Inner>, port: u16, listener: Option<TcpListener>) -> Door {
        let route = Arc::new(Route::default());
        let stop = CancellationToken::new();
        let (bound, watch) = watch::channel(listener.is_some());
        let task = tokio::spawn({
            let (route, stop) = (route.clone(), stop.clone());
            async move {
                tokio::select! {
                    () = serve(inner, port, listener, bound, route, stop.clone()) => (),
                    () = stop.cancelled() => (),
                }
            }
        });
        Door { route, bound: watch, stop, task }
    }

    /// Stops listening and lets connections end after the request that they are in; returns
    /// when the port is free.
    pub(super) async fn close(self) {
        self.stop.cancel();
        // The task ends with the token; a panic in it has been reported already.
        let _ = self.task.await;
    }
}

/// Binds a port on 127.0.0.1.
pub(super) fn bind(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(BACKLOG)
}

/// Returns true when somebody else has the port on ::1, where `localhost` may lead first.
pub(super) fn taken_on_ipv6(port: u16) -> bool {
    let probe = std::net::TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    matches!(probe, Err(error) if error.kind() == io::ErrorKind::AddrInUse)
}

async fn serve(
    inner: Arc<Inner>,
    port: u16,
    listener: Option<TcpListener>,
    bound: watch::Sender<bool>,
    route: Arc<Route>,
    stop: CancellationToken,
) {
    let listener = match listener {
        Some(listener) => listener,
        None => loop {
            match bind(port) {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        },
    };
    bound.send_replace(true);
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let client = Client { peer, port };
                tokio::spawn(connection(inner.clone(), stream, client, route.clone(), stop.clone()));
            }
            // Out of file descriptors, or the client is gone already: the next may work.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(
    inner: Arc<Inner>,
    stream: TcpStream,
    client: Client,
    route: Arc<Route>,
    stop: CancellationToken,
) {
    // A failure costs only time.
    let _ = stream.set_nodelay(true);
    let idle = route.table().map_or(Duration::from_secs(60), |table| table.idle_timeout);
    let service = service_fn(move |request: Request<Incoming>| {
        let (inner, route) = (inner.clone(), route.clone());
        async move { Ok::<_, Infallible>(proxy::answer(&inner, &route, client, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(served);
    // An error here is the client's: it closed, or sent something that is no HTTP.
    tokio::select! {
        _ = served.as_mut() => (),
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}
