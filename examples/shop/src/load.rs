//! `shop load URL`: sends requests over kept connections until it is stopped, and counts every
//! answer. Each response names the version that gave it, so a release is visible in the numbers.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::net::ToSocketAddrs;
use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use crate::stop;
use crate::stop::Stop;

/// What one connection saw.
#[derive(Default)]
struct Seen {
    requests: u64,
    failed: u64,
    connections: u64,
    versions: BTreeMap<String, u64>,
    /// Microseconds of each answered request.
    latencies: Vec<u32>,
    reasons: BTreeMap<String, u64>,
}

/// `--connections N` (8), `--seconds S` (until SIGTERM or SIGINT), `--pause-us U` between two
/// requests of a connection (0). Prints one JSON document; exit code 0 whatever the answers were.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let usage = "usage: shop load URL [--connections N] [--seconds S] [--pause-us U]";
    let [url, options @ ..] = arguments else {
        return Err(usage.to_owned());
    };
    let (mut connections, mut seconds, mut pause) = (8, None, 0);
    for pair in options.chunks(2) {
        let [name, value] = pair else {
            return Err(usage.to_owned());
        };
        let number: u64 = value.parse().map_err(|_| usage.to_owned())?;
        match name.as_str() {
            "--connections" => connections = number,
            "--seconds" => seconds = Some(number),
            "--pause-us" => pause = number,
            _ => return Err(usage.to_owned()),
        }
    }
    let rest = url.strip_prefix("http://").ok_or("only http:// addresses")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let path = if path.is_empty() { "/" } else { path };
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: shop-load\r\n\r\n");

    let stop = stop::on_signal(|| {})?;
    let begin = Instant::now();
    let end = seconds.map(|seconds| begin + Duration::from_secs(seconds));
    let threads: Vec<_> = (0..connections)
        .map(|_| {
            let (address, request, stop) = (address.clone(), request.clone(), stop.clone());
            std::thread::spawn(move || send(&address, &request, Duration::from_micros(pause), &stop, end))
        })
        .collect();
    let all: Vec<Seen> = threads.into_iter().filter_map(|thread| thread.join().ok()).collect();
    print(&all, begin.elapsed());
    Ok(())
}

fn send(address: &str, request: &str, pause: Duration, stop: &Stop, end: Option<Instant>) -> Seen {
    let mut seen = Seen::default();
    let mut kept: Option<BufReader<TcpStream>> = None;
    while !stop.asked() && end.is_none_or(|end| Instant::now() < end) {
        let begin = Instant::now();
        seen.requests += 1;
        let result = match kept.take() {
            Some(connection) => Ok(connection),
            None => {
                seen.connections += 1;
                connect(address)
            }
        }
        .and_then(|mut connection| {
            let answer = exchange(&mut connection, request)?;
            Ok((connection, answer))
        });
        match result {
            Ok((connection, answer)) => {
                let microseconds = begin.elapsed().as_micros();
                seen.latencies.push(u32::try_from(microseconds).unwrap_or(u32::MAX));
                *seen.versions.entry(answer.version).or_default() += 1;
                if answer.status != 200 {
                    seen.failed += 1;
                    *seen.reasons.entry(format!("status {}", answer.status)).or_default() += 1;
                }
                if !answer.close {
                    kept = Some(connection);
                }
            }
            Err(error) => {
                seen.failed += 1;
                *seen.reasons.entry(error.to_string()).or_default() += 1;
                // A server that is away must not turn this into a busy loop.
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
    }
    seen
}

fn connect(address: &str) -> std::io::Result<BufReader<TcpStream>> {
    let missing = || std::io::Error::other("the name has no address");
    let address = address.to_socket_addrs()?.next().ok_or_else(missing)?;
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::new(stream))
}

struct Answer {
    status: u16,
    version: String,
    close: bool,
}

fn exchange(connection: &mut BufReader<TcpStream>, request: &str) -> std::io::Result<Answer> {
    connection.get_mut().write_all(request.as_bytes())?;
    let invalid = |what: &str| std::io::Error::other(format!("invalid answer: {what}"));
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(std::io::Error::other("connection closed without an answer"));
    }
    let status = line.split(' ').nth(1).and_then(|text| text.parse().ok());
    let status = status.ok_or_else(|| invalid("status line"))?;
    let mut answer = Answer { status, version: "none".to_owned(), close: false };
    let (mut length, mut chunked) = (None, false);
    loop {
        line.clear();
        if connection.read_line(&mut line)? == 0 {
            return Err(invalid("cut off in its headers"));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => answer.close = value.eq_ignore_ascii_case("close"),
            "x-shop-version" => answer.version = value.to_owned(),
            _ => {}
        }
    }
    if chunked {
        loop {
            line.clear();
            connection.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16).map_err(|_| invalid("size of a chunk"))?;
            skip(connection, size + 2)?;
            if size == 0 {
                break;
            }
        }
    } else {
        skip(connection, length.ok_or_else(|| invalid("no length"))?)?;
    }
    Ok(answer)
}

fn skip(connection: &mut BufReader<TcpStream>, length: u64) -> std::io::Result<()> {
    let read = std::io::copy(&mut connection.by_ref().take(length), &mut std::io::sink())?;
    if read < length {
        return Err(std::io::Error::other("invalid answer: cut off in its body"));
    }
    Ok(())
}

fn print(all: &[Seen], elapsed: Duration) {
    let mut versions = BTreeMap::new();
    let mut reasons = BTreeMap::new();
    let mut latencies = Vec::new();
    for seen in all {
        for (version, count) in &seen.versions {
            *versions.entry(version.as_str()).or_insert(0) += count;
        }
        for (reason, count) in &seen.reasons {
            *reasons.entry(reason.as_str()).or_insert(0) += count;
        }
        latencies.extend_from_slice(&seen.latencies);
    }
    latencies.sort_unstable();
    let percentile = |percent: usize| {
        let index = (latencies.len() * percent / 100).min(latencies.len().saturating_sub(1));
        latencies.get(index).map(|microseconds| f64::from(*microseconds) / 1000.0)
    };
    let document = json!({
        "requests": all.iter().map(|seen| seen.requests).sum::<u64>(),
        "failed": all.iter().map(|seen| seen.failed).sum::<u64>(),
        "connections": all.iter().map(|seen| seen.connections).sum::<u64>(),
        "versions": versions,
        "reasons": reasons,
        "seconds": (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "p50_ms": percentile(50),
        "p99_ms": percentile(99),
        "max_ms": percentile(100),
    });
    println!("{document}");
}
