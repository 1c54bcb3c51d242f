//! Handing a request to a target.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::Version;
use http::header;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use sha2::Digest;
use sha2::Sha256;
use tokio::net::TcpStream;

use super::body::Activity;
use super::body::ClientBody;
use super::body::Download;
use super::body::TargetBody;
use super::body::Upload;
use super::body::full;
use super::cookie;
use super::definition::Sticky;
use super::group::Group;
use super::page;
use super::proxy::Client;
use super::state::Inner;
use super::table::Table;
use super::target::InFlight;
use super::target::Sender;

/// Bodies up to this size are read before a target is chosen, so that they can be sent twice.
const REPLAYABLE: u64 = 64 * 1024;
/// ELB gives up connecting after ten seconds.
const CONNECT: Duration = Duration::from_secs(10);
/// An idle connection this young is used even for a request that must not be sent twice: a
/// server that closes idle connections waits longer.
const SURELY_OPEN: Duration = Duration::from_millis(500);
/// Older idle connections are not worth a try.
pub(super) const PROBABLY_OPEN: Duration = Duration::from_secs(30);
const ATTEMPTS: usize = 12;

enum Payload {
    Whole(Bytes),
    Stream(Option<TargetBody>),
}

/// Sends a request to a target of one of `groups` and returns the answer, or the page that ELB
/// would show.
pub(super) async fn forward(
    inner: &Inner,
    table: &Table,
    groups: &[(String, u32)],
    group_sticky: Option<u64>,
    client: Client,
    mut request: Request<Incoming>,
) -> Response<ClientBody> {
    let Some((arn, group)) = choose_group(inner, groups, group_sticky.is_some(), request.headers()) else {
        return page::error(StatusCode::SERVICE_UNAVAILABLE);
    };
    let settings = group.settings();
    let target_cookie = match &settings.sticky {
        Sticky::Off => None,
        Sticky::Cookie(_) => cookie::read(request.headers(), cookie::TARGET),
        Sticky::Application(..) => cookie::read(request.headers(), cookie::APPLICATION),
    };
    let upgrade = wants_upgrade(request.headers()).then(|| hyper::upgrade::on(&mut request));
    let activity = Activity::new();
    let (parts, incoming) = request.into_parts();
    let parts = prepare(parts, table, client, upgrade.is_some(), inner.turn.load(Ordering::Relaxed));
    let payload = if incoming.is_end_stream() {
        Payload::Whole(Bytes::new())
    } else if incoming.size_hint().upper().is_some_and(|size| size <= REPLAYABLE) {
        match activity.limit(table.idle_timeout, incoming.collect()).await {
            Some(Ok(collected)) => Payload::Whole(collected.to_bytes()),
            Some(Err(_)) => return page::error(StatusCode::BAD_REQUEST),
            None => return page::error(StatusCode::REQUEST_TIMEOUT),
        }
    } else {
        Payload::Stream(Some(Upload::new(incoming, activity.clone()).boxed_unsync()))
    };
    let exchange =
        Exchange { group: &group, parts, sticky: target_cookie, activity, limit: table.idle_timeout };
    let (mut response, in_flight, connection) = match exchange.send(payload, upgrade.is_some()).await {
        Ok(answer) => answer,
        Err(status) => return page::error(status),
    };

    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let Some(upgrade) = upgrade else { return page::error(StatusCode::BAD_GATEWAY) };
        tokio::spawn(tunnel(upgrade, hyper::upgrade::on(&mut response), in_flight));
        return response.map(|_| full(Bytes::new()));
    }
    remove_hop_headers(response.headers_mut());
    *response.version_mut() = Version::HTTP_11;
    match &settings.sticky {
        Sticky::Cookie(seconds) => {
            cookie::set(response.headers_mut(), cookie::TARGET, &in_flight.target().key, Some(*seconds));
        }
        Sticky::Application(name, seconds) if cookie::is_set(response.headers(), name) => {
            cookie::set(response.headers_mut(), cookie::APPLICATION, &in_flight.target().key, Some(*seconds));
        }
        _ => (),
    }
    if let Some(seconds) = group_sticky {
        cookie::set(response.headers_mut(), cookie::GROUP, &cookie::key(&arn), Some(seconds));
    }
    let limit = table.idle_timeout;
    response.map(|body| Download::new(body, in_flight, connection, limit).boxed_unsync())
}

/// Chooses a target group by weight, or the one of the cookie. Like ELB, it does not look at
/// whether the group has healthy targets.
fn choose_group(
    inner: &Inner,
    groups: &[(String, u32)],
    sticky: bool,
    headers: &HeaderMap,
) -> Option<(String, Arc<Group>)> {
    let turn = inner.turn.fetch_add(1, Ordering::Relaxed);
    let known = sticky.then(|| cookie::read(headers, cookie::GROUP)).flatten();
    let arn = match known
        .and_then(|key| groups.iter().find(|(arn, weight)| *weight > 0 && cookie::key(arn) == key))
    {
        Some((arn, _)) => arn,
        None => by_weight(groups, turn)?,
    };
    Some((arn.clone(), inner.group(arn)?))
}

/// Spreads turns over the weights evenly (multiples of the golden ratio), without randomness.
pub(super) fn by_weight(groups: &[(String, u32)], turn: u64) -> Option<&String> {
    let total: u64 = groups.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let point = u128::from(turn.wrapping_mul(0x9E37_79B9_7F4A_7C15)) * u128::from(total);
    let mut point = u64::try_from(point >> 64).unwrap_or(0);
    for (arn, weight) in groups {
        let weight = u64::from(*weight);
        if point < weight {
            return Some(arn);
        }
        point -= weight;
    }
    None
}

struct Exchange<'a> {
    group: &'a Group,
    parts: Parts,
    sticky: Option<String>,
    activity: Activity,
    limit: Duration,
}

impl Exchange<'_> {
    /// Tries targets until one answers. A request may have reached a target when its connection
    /// breaks; then only a request that may be repeated (RFC 9110, section 9.2.2) goes out again.
    async fn send(
        &self,
        mut payload: Payload,
        upgrade: bool,
    ) -> Result<(Response<Incoming>, InFlight, Sender), StatusCode> {
        let repeatable =
            is_idempotent(&self.parts.method) && matches!(payload, Payload::Whole(_)) && !upgrade;
        let fresh = match payload {
            Payload::Stream(_) => None,
            Payload::Whole(_) if upgrade => None,
            Payload::Whole(_) if repeatable => Some(PROBABLY_OPEN),
            Payload::Whole(_) => Some(SURELY_OPEN),
        };
        let mut pooled = true;
        let mut tried = Vec::new();
        let mut verdict = StatusCode::SERVICE_UNAVAILABLE;
        for _ in 0..ATTEMPTS {
            let Some(in_flight) = self.group.choose(self.sticky.as_deref(), &tried) else { break };
            let target = in_flight.target().clone();
            let reused = match fresh {
                Some(fresh) if pooled => target.reuse(fresh).await,
                _ => None,
            };
            let was_reused = reused.is_some();
            let mut connection = match reused {
                Some(connection) => connection,
                None => match connect(target.address).await {
                    Ok(connection) => connection,
                    Err(status) => {
                        verdict = status;
                        tried.push(target);
                        continue;
                    }
                },
            };
            let body = match &mut payload {
                Payload::Whole(bytes) => full(bytes.clone()),
                Payload::Stream(body) => body.take().ok_or(StatusCode::BAD_GATEWAY)?,
            };
            self.activity.touch();
            let request = Request::from_parts(self.parts.clone(), body);
            let answer = self.activity.limit(self.limit, connection.try_send_request(request)).await;
            match answer {
                None => return Err(StatusCode::GATEWAY_TIMEOUT),
                Some(Ok(response)) => return Ok((response, in_flight, connection)),
                Some(Err(mut error)) => {
                    verdict = StatusCode::BAD_GATEWAY;
                    match error.take_message() {
                        Some(unsent) => {
                            if let Payload::Stream(body) = &mut payload {
                                *body = Some(unsent.into_body());
                            }
                        }
                        None if !repeatable => return Err(verdict),
                        None => (),
                    }
                    if was_reused {
                        // The target closed the idle connection; it is not to blame.
                        pooled = false;
                    } else {
                        tried.push(target);
                    }
                }
            }
        }
        Err(verdict)
    }
}

async fn connect(address: SocketAddr) -> Result<Sender, StatusCode> {
    let stream = match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
        Err(_) => return Err(StatusCode::GATEWAY_TIMEOUT),
        Ok(Err(_)) => return Err(StatusCode::BAD_GATEWAY),
        Ok(Ok(stream)) => stream,
    };
    // Without it small writes wait for acknowledgements; a failure costs only time.
    let _ = stream.set_nodelay(true);
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| StatusCode::BAD_GATEWAY)?;
    // Ends by itself when the sender is dropped or the target closes.
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

/// Carries an upgraded connection (WebSocket) until one side closes or the target is drained.
async fn tunnel(client: OnUpgrade, target: OnUpgrade, in_flight: InFlight) {
    let carry = async {
        let (Ok(client), Ok(target)) = tokio::join!(client, target) else { return };
        let (mut client, mut target) = (TokioIo::new(client), TokioIo::new(target));
        // An error is one side gone: nobody is left to tell.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut target).await;
    };
    tokio::select! {
        () = carry => (),
        () = in_flight.target().gone.cancelled() => (),
    }
}

fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE, Method::TRACE].contains(method)
}

fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE) && connection_tokens(headers).any(|token| token == "upgrade")
}

fn connection_tokens(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|token| token.trim().to_ascii_lowercase())
}

/// Removes the headers that concern one connection only (RFC 9110, section 7.6.1).
fn remove_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<String> = connection_tokens(headers).collect();
    for name in named {
        headers.remove(name.as_str());
    }
    for name in
        ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"]
    {
        headers.remove(name);
    }
}

/// Makes the head of the request to the target.
fn prepare(mut parts: Parts, table: &Table, client: Client, upgrade: bool, turn: u64) -> Parts {
    let upgrade = if upgrade { parts.headers.get(header::UPGRADE).cloned() } else { None };
    if !parts.headers.contains_key(header::HOST)
        && let Some(host) =
            parts.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
    {
        parts.headers.insert(header::HOST, host);
    }
    let path = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    parts.uri = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    remove_hop_headers(&mut parts.headers);
    // The server side has answered with 100 Continue when the body was first read.
    parts.headers.remove(header::EXPECT);
    if let Some(upgrade) = upgrade {
        parts.headers.insert(header::UPGRADE, upgrade);
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
    let before: Vec<String> = parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    let mut chain = before.join(", ");
    if !chain.is_empty() {
        chain.push_str(", ");
    }
    chain.push_str(&client.peer.ip().to_string());
    set(&mut parts.headers, "x-forwarded-for", &chain);
    set(&mut parts.headers, "x-forwarded-proto", &table.protocol);
    set(&mut parts.headers, "x-forwarded-port", &client.port.to_string());
    if !parts.headers.contains_key("x-amzn-trace-id") {
        let now = Timestamp::now();
        let unique = Sha256::digest(format!("{turn} {} {}", now.as_nanosecond(), client.peer));
        let unique = hex::encode(&unique[..12]);
        set(&mut parts.headers, "x-amzn-trace-id", &format!("Root=1-{:08x}-{unique}", now.as_second()));
    }
    parts
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
