//! How checks ask an address: one small HTTP/1.1 request.

use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// The part of an answer that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Headers and body as text, at most the first mebibyte.
    pub text: String,
}

/// Asks an address.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends a `GET`; the error says in words what went wrong.
    async fn get(&self, url: &str) -> Result<HttpAnswer, String>;
}

/// HTTP/1.1 without TLS.
#[derive(Clone, Debug)]
pub struct PlainHttp {
    /// How long a request may take in all.
    pub timeout: Duration,
}

impl Default for PlainHttp {
    fn default() -> Self {
        PlainHttp { timeout: Duration::from_secs(10) }
    }
}

/// Most bytes of an answer that are read.
const LIMIT: u64 = 1 << 20;

/// Returns authority, connect address and path of an `http://` address.
fn split(url: &str) -> Result<(String, String, String), String> {
    let rest = url.strip_prefix("http://").ok_or("only http:// addresses can be checked here")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port),
        _ => (authority, "80"),
    };
    // RFC 6761 section 6.3: localhost and all names below it are this machine.
    let host = if host == "localhost" || host.ends_with(".localhost") { "127.0.0.1" } else { host };
    Ok((authority.to_owned(), format!("{host}:{port}"), format!("/{path}")))
}

async fn ask(url: &str) -> Result<HttpAnswer, String> {
    let (authority, address, path) = split(url)?;
    let mut stream = TcpStream::connect(&address).await.map_err(|error| format!("no connection: {error}"))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: seaway\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| format!("the request was not taken: {error}"))?;
    let mut bytes = Vec::new();
    let read = stream.take(LIMIT).read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    match (status, read) {
        (Some(status), _) if text.starts_with("HTTP/1.") => Ok(HttpAnswer { status, text }),
        (_, Err(error)) => Err(format!("no answer: {error}")),
        _ => Err("the answer is not HTTP".to_owned()),
    }
}

#[async_trait]
impl Http for PlainHttp {
    async fn get(&self, url: &str) -> Result<HttpAnswer, String> {
        let late = || format!("no answer within {} s", self.timeout.as_secs());
        tokio::time::timeout(self.timeout, ask(url)).await.unwrap_or_else(|_| Err(late()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_addresses() {
        let parts = |url| split(url).map(|(a, b, c)| format!("{a} {b} {c}"));
        assert_eq!(parts("http://localhost:8080/a/b"), Ok("localhost:8080 127.0.0.1:8080 /a/b".into()));
        assert_eq!(parts("http://web.localhost"), Ok("web.localhost 127.0.0.1:80 /".into()));
        assert_eq!(parts("http://example.com/"), Ok("example.com example.com:80 /".into()));
        assert!(parts("https://example.com").is_err());
    }

    #[tokio::test]
    async fn reads_status_and_body() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/health", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 512];
            let size = stream.read(&mut request).await.unwrap();
            stream.write_all(b"HTTP/1.1 503 Busy\r\n\r\nnot yet").await.unwrap();
            String::from_utf8_lossy(&request[..size]).into_owned()
        });
        let answer = PlainHttp::default().get(&url).await.unwrap();
        assert_eq!(answer.status, 503);
        assert!(answer.text.ends_with("not yet"));
        assert!(server.await.unwrap().starts_with("GET /health HTTP/1.1\r\nHost: 127.0.0.1:"));
    }
}
