//! One request: find its rule, do what the rule says.

use std::net::SocketAddr;
use std::sync::Arc;

use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Version;
use http::header;
use hyper::body::Incoming;

use super::action::Action;
use super::action::Origin;
use super::body::ClientBody;
use super::condition::Facts;
use super::forward;
use super::listen::Route;
use super::page;
use super::state::Inner;

/// Who sent a request, and to which port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// The other end.
    pub(super) peer: SocketAddr,
    /// Local port.
    pub(super) port: u16,
}

/// Answers a request.
pub(super) async fn answer(
    inner: &Arc<Inner>,
    route: &Route,
    client: Client,
    request: Request<Incoming>,
) -> Response<ClientBody> {
    let Some(table) = route.table() else {
        return page::error(StatusCode::SERVICE_UNAVAILABLE);
    };
    if request.method() == Method::CONNECT {
        return page::error(StatusCode::METHOD_NOT_ALLOWED);
    }
    let authority = match (request.uri().authority(), request.headers().get(header::HOST)) {
        (Some(authority), _) => authority.as_str().to_owned(),
        (None, Some(host)) => String::from_utf8_lossy(host.as_bytes()).into_owned(),
        (None, None) if request.version() == Version::HTTP_10 => String::new(),
        (None, None) => return page::error(StatusCode::BAD_REQUEST),
    };
    let (host, port) = split_authority(&authority);
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let action = table.action(&Facts {
        method: request.method().as_str(),
        host,
        path: &path,
        query: &query,
        headers: request.headers(),
        source: client.peer.ip(),
    });
    match action {
        Action::Fixed { status, content_type, body } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
            page::fixed(status, content_type, body.clone())
        }
        Action::Redirect(redirect) => {
            let origin = Origin {
                protocol: &table.protocol,
                host,
                port: port.unwrap_or(client.port),
                path: &path,
                query: &query,
            };
            page::redirect(
                redirect.status,
                &redirect.location(&origin, |port| table.ports.get(&port).copied()),
            )
        }
        Action::Forward { groups, sticky } => {
            forward::forward(inner, &table, groups, *sticky, client, request).await
        }
    }
}

fn split_authority(authority: &str) -> (&str, Option<u16>) {
    // The colons inside of `[::1]` do not count.
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}
