//! What goes over the wires of the load balancer, byte by byte.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::tests::Server;
use super::tests::World;
use super::tests::forward;
use crate::realiser::TargetGroups;

type Row = (&'static str, &'static [u8], &'static str, &'static [&'static str], &'static [&'static str]);

/// A server that answers every request but health checks with these bytes and closes.
async fn scripted(answer: &'static [u8]) -> SocketAddr {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = server.accept().await.unwrap();
            tokio::spawn(async move {
                let head = head(&mut stream).await;
                let bytes = match head.contains(" /health ") {
                    true => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                    false => answer,
                };
                stream.write_all(bytes).await.unwrap();
            });
        }
    });
    address
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Sends a request and returns everything until the connection is closed.
async fn talk(world: &World, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    // An answer that was cut off may end with a reset.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8(text).unwrap().to_ascii_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_keep_their_framing() {
    let get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    // name, answer of the target, request, what comes back, what does not
    let table: [Row; 8] = [
        (
            "HEAD has the length and no body",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            &["200 ok\r\n", "content-length: 5\r\n", "\r\n\r\n$"],
            &["transfer-encoding"],
        ),
        (
            "204 has neither length nor body",
            b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
            get,
            &["204 no content\r\n", "x-a: 1\r\n", "\r\n\r\n$"],
            &["transfer-encoding", "content-length"],
        ),
        (
            "304 keeps its headers and has no body",
            b"HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\nContent-Length: 5\r\n\r\n",
            get,
            &["304 not modified\r\n", "etag: \"e\"\r\n", "\r\n\r\n$"],
            &["transfer-encoding"],
        ),
        (
            "chunks stay chunks",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n",
            get,
            &["transfer-encoding: chunked\r\n", "2\r\nab\r\n", "1\r\nc\r\n", "\r\n0\r\n\r\n$"],
            &["content-length"],
        ),
        (
            "HTTP/1.0 gets no chunks",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            &["200 ok\r\n", "\r\n\r\nabc$"],
            &["transfer-encoding"],
        ),
        (
            "a body that ends with the connection is complete",
            b"HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\nabc",
            get,
            &["abc", "\r\n0\r\n\r\n$"],
            &["x-hop", "keep-alive"],
        ),
        (
            "a body that is cut off is not made to look complete",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            get,
            &["200 ok\r\n"],
            &["\r\n0\r\n\r\n"],
        ),
        (
            "every cookie passes",
            b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
            get,
            &["set-cookie: a=1\r\n", "set-cookie: b=2\r\n"],
            &[],
        ),
    ];
    let world = World::new().await;
    let group = world.group("Tg", json!({"deregistration_delay.timeout_seconds": "1"})).await;
    world.listener(forward(&group)).await;
    for (name, answer, request, present, absent) in table {
        world.elb.register(&group, name, scripted(answer).await).await;
        world.wait(&group, name, "healthy").await;
        let text = talk(&world, request).await;
        let marked = format!("{text}$");
        for part in present {
            assert!(marked.contains(part), "{name}: {part:?} in {text:?}");
        }
        for part in absent {
            assert!(!text.contains(part), "{name}: no {part:?} in {text:?}");
        }
        world.elb.deregister(&group, name).await;
        world.wait(&group, name, "gone").await;
    }
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_refused() {
    let world = World::new().await;
    let group = world.group("Tg", json!({})).await;
    world.listener(forward(&group)).await;
    let server = Server::start("a").await;
    world.register(&group, "a", &server).await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(1024 * 1024));
    for (request, status) in [
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "http/1.1 400"),
        ("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\nConnection: close\r\n\r\n", "http/1.1 405"),
        ("nonsense\r\n\r\n", "http/1.1 400"),
        (
            "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "http/1.1 400",
        ),
        (long.as_str(), "http/1.1 431"),
    ] {
        let text = talk(&world, request).await;
        assert!(text.starts_with(status), "{:.60}: {text}", request);
    }
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_does_not_hold_its_target() {
    let world = World::new().await;
    let group = world.group("Tg", json!({"deregistration_delay.timeout_seconds": "300"})).await;
    world.listener(forward(&group)).await;
    let server = Server::start("a").await;
    world.register(&group, "a", &server).await;
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).await.unwrap();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    while server.slow_seen.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.elb.deregister(&group, "a").await;
    assert_eq!(world.state(&group, "a").await, "draining");
    drop(stream);
    world.wait(&group, "a", "gone").await;
    world.elb.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_become_tunnels() {
    let world = World::new().await;
    let group = world.group("Tg", json!({})).await;
    world.listener(forward(&group)).await;
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.elb.register(&group, "ws", server.local_addr().unwrap()).await;
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = server.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                if head.starts_with(b"GET /health") {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
                    return;
                }
                stream
                    .write_all(
                        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n",
                    )
                    .await
                    .unwrap();
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await.unwrap();
            });
        }
    });
    world.wait(&group, "ws", "healthy").await;
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).await.unwrap();
    stream
        .write_all(b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        .await
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream.write_all(b"ping").await.unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"ping");
    // An open tunnel is a request under way: it keeps the target until it closes.
    world.elb.deregister(&group, "ws").await;
    assert_eq!(world.state(&group, "ws").await, "draining");
    drop(stream);
    world.wait(&group, "ws", "gone").await;
    world.elb.close_all().await;
}
