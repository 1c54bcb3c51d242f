//! An HTTP/1.1 server that is just large enough: a thread per connection, keep-alive, bodies with
//! `Content-Length`, and an orderly end.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use crate::settings;
use crate::stop;
use crate::stop::Stop;

const MAX_HEAD: u64 = 16 * 1024;
const MAX_BODY: usize = 64 * 1024;
/// How long an idle connection is kept: longer than the 60 s of a load balancer, which must be
/// the one that closes, or a request may meet a closing connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often an idle connection looks whether the process stops.
const TICK: Duration = Duration::from_millis(100);

/// A request.
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Headers with lower-case names.
    headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Returns a header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A response.
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    /// Makes a response with plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Response::new(status, "text/plain; charset=utf-8", body.into())
    }

    /// Makes a response with HTML.
    pub fn html(status: u16, body: String) -> Self {
        Response::new(status, "text/html; charset=utf-8", body)
    }

    /// Makes a response with JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Response::new(status, "application/json", body.to_string())
    }

    /// Sends the browser elsewhere with a GET.
    pub fn see_other(location: &str) -> Self {
        let mut response = Response::text(303, "");
        response.headers.push(("Location", location.to_owned()));
        response
    }

    fn new(status: u16, content_type: &str, body: String) -> Self {
        Response { status, headers: vec![("Content-Type", content_type.to_owned())], body }
    }
}

/// Serves until SIGTERM: then connections are told to close, requests under way are finished, and
/// new ones are still answered for `SHOP_LINGER_MS` (500), because whoever sends them may not
/// have heard yet that this task leaves.
pub fn serve(
    address: &str,
    handle: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> Result<(), String> {
    let listener = TcpListener::bind(address).map_err(|e| format!("cannot listen on {address}: {e}"))?;
    let local = listener.local_addr().map_err(|e| e.to_string())?;
    let linger = Duration::from_millis(settings::number("SHOP_LINGER_MS").unwrap_or(500));
    let over = Arc::new(AtomicBool::new(false));
    let end = over.clone();
    let stop = stop::on_signal(move || {
        println!("stopping: no new connections in {} ms", linger.as_millis());
        std::thread::sleep(linger);
        end.store(true, Ordering::Release);
        // Wakes the accept loop below.
        let _ = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], local.port())));
    })?;
    println!("listening on {local}, version {}", settings::version());

    let handle = Arc::new(handle);
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        if over.load(Ordering::Acquire) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let (handle, stop, open) = (handle.clone(), stop.clone(), open.clone());
        open.fetch_add(1, Ordering::AcqRel);
        std::thread::spawn(move || {
            // A broken connection is the client's business; there is nobody to tell.
            let _ = connection(&stream, &*handle, &stop, linger);
            open.fetch_sub(1, Ordering::AcqRel);
        });
    }
    while open.load(Ordering::Acquire) > 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    println!("stopped");
    Ok(())
}

/// Answers the requests of one connection.
fn connection(
    stream: &TcpStream,
    handle: &dyn Fn(&Request) -> Response,
    stop: &Stop,
    linger: Duration,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        if !wait_for_request(&mut reader, stop, linger)? {
            return Ok(());
        }
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let (response, keep_alive) = match read_request(&mut reader)? {
            Incoming::Request(request) => {
                let close =
                    request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
                let head_only = request.method == "HEAD";
                let mut response = handle(&request);
                if head_only {
                    response.body.clear();
                }
                (response, !close)
            }
            Incoming::Bad(status, reason) => (Response::text(status, reason), false),
            Incoming::Closed => return Ok(()),
        };
        let keep_alive = keep_alive && !stop.asked();
        write_response(stream, &response, keep_alive)?;
        if !keep_alive {
            return Ok(());
        }
    }
}

/// Waits for the first byte of a request; false when the connection is over.
fn wait_for_request(
    reader: &mut BufReader<&TcpStream>,
    stop: &Stop,
    linger: Duration,
) -> std::io::Result<bool> {
    let idle_since = Instant::now();
    let mut stopping_since = None;
    reader.get_ref().set_read_timeout(Some(TICK))?;
    loop {
        match reader.fill_buf() {
            Ok(bytes) => return Ok(!bytes.is_empty()),
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock
                        | std::io::ErrorKind::TimedOut
                        | std::io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
        let lingered = stop.asked() && stopping_since.get_or_insert_with(Instant::now).elapsed() >= linger;
        if lingered || idle_since.elapsed() >= KEEP_ALIVE {
            return Ok(false);
        }
    }
}

/// What was read from a connection.
enum Incoming {
    Request(Request),
    Bad(u16, &'static str),
    Closed,
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Incoming> {
    let mut head = Vec::new();
    let mut limited = reader.by_ref().take(MAX_HEAD);
    while !head.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut head)? == 0 {
            return Ok(if head.len() as u64 >= MAX_HEAD {
                Incoming::Bad(431, "the request's headers are too large\n")
            } else {
                Incoming::Closed
            });
        }
    }
    let Ok(text) = std::str::from_utf8(&head) else {
        return Ok(Incoming::Bad(400, "the request's head is not UTF-8\n"));
    };
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(_)) = (first.next(), first.next(), first.next()) else {
        return Ok(Incoming::Bad(400, "this is not HTTP\n"));
    };
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Request {
        method: method.to_owned(),
        path: target.split('?').next().unwrap_or_default().to_owned(),
        headers,
        body: Vec::new(),
    };
    if request.header("transfer-encoding").is_some() {
        return Ok(Incoming::Bad(411, "a Content-Length is needed\n"));
    }
    match request.header("content-length").map_or(Ok(0), str::parse::<usize>) {
        Ok(length) if length <= MAX_BODY => {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            request.body = body;
            Ok(Incoming::Request(request))
        }
        Ok(_) => Ok(Incoming::Bad(413, "the body is too large\n")),
        Err(_) => Ok(Incoming::Bad(400, "the Content-Length is not a number\n")),
    }
}

fn write_response(mut stream: &TcpStream, response: &Response, keep_alive: bool) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!(
        "Content-Length: {}\r\nConnection: {}\r\nX-Shop-Version: {}\r\n\r\n",
        response.body.len(),
        if keep_alive { "keep-alive" } else { "close" },
        settings::version(),
    ));
    // One write, one packet: small answers are not held back.
    text.push_str(&response.body);
    stream.write_all(text.as_bytes())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        303 => "See Other",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}

/// Answers what every part of the shop answers: `/health` and `/version`.
pub fn common(request: &Request) -> Option<Response> {
    match request.path.as_str() {
        "/health" if settings::unhealthy() => Some(Response::text(503, "unhealthy: SHOP_UNHEALTHY is set\n")),
        "/health" => Some(Response::text(200, "ok\n")),
        "/version" => Some(Response::text(200, format!("{}\n", settings::version()))),
        _ => None,
    }
}
