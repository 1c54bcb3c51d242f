//! The socket: connections, requests, responses.

use std::sync::Arc;

use futures::FutureExt;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecRequest;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::net::UnixListener;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::net::unix::OwnedWriteHalf;
use tokio_util::sync::CancellationToken;

use super::dispatch::dispatch;
use super::host::Host;
use super::session::session;
use crate::log::Log;
use crate::rpc::Outcome;
use crate::rpc::Request;
use crate::rpc::Response;

/// The lines of a connection.
pub(super) type Input = Lines<BufReader<OwnedReadHalf>>;

/// Answers until `stop`.
pub(super) async fn listen(listener: UnixListener, host: Arc<dyn Host>, log: Log, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let peer = stream.peer_cred().map(|peer| peer.uid()).ok();
                if !may_talk(peer, rustix::process::getuid().as_raw()) {
                    log.line(&format!("a connection of user {peer:?} was refused"));
                    continue;
                }
                let (host, log) = (Arc::clone(&host), log.clone());
                tokio::spawn(async move { converse(stream, &*host, &log).await });
            }
            Err(error) => {
                // Too many open files, as a rule: wait for some to be closed.
                log.line(&format!("failed to accept a connection: {error}"));
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// Returns true for the user whose process this is, and for root, who may do everything anyway. The
/// modes of socket and folder say the same; a folder that was there before may be open to others.
fn may_talk(peer: Option<u32>, own: u32) -> bool {
    peer.is_some_and(|peer| peer == own || peer == 0)
}

async fn converse(stream: UnixStream, host: &dyn Host, log: &Log) {
    let (input, mut output) = stream.into_split();
    let mut lines = BufReader::new(input).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(request) = serde_json::from_str::<Request>(&line) else {
            log.line("a line that is no request was received; the connection is closed");
            return;
        };
        if request.method == "exec" {
            exec(host, request, lines, output).await;
            return;
        }
        let call = std::panic::AssertUnwindSafe(dispatch(host, &request.method, request.params));
        let answer = call.catch_unwind().await.unwrap_or_else(|_| {
            log.line(&format!("{} panicked", request.method));
            Err(CloudError::new(
                ErrorKind::Internal,
                format!("call {}", request.method),
                "the background process panicked; this is a bug of Seaway",
            ))
        });
        if respond(&mut output, request.id, answer).await.is_err() {
            return;
        }
    }
}

async fn exec(host: &dyn Host, request: Request, lines: Input, mut output: OwnedWriteHalf) {
    let opened = match serde_json::from_value::<(ExecRequest,)>(request.params) {
        Ok((exec,)) => host.exec(&exec).await,
        Err(error) => {
            Err(CloudError::new(ErrorKind::Validation, "open a session", format!("bad request: {error}")))
        }
    };
    match opened {
        Ok(open) => {
            if respond(&mut output, request.id, Ok(serde_json::Value::Null)).await.is_ok() {
                session(open, lines, output).await;
            }
        }
        // Nobody is left to tell when this fails.
        Err(error) => drop(respond(&mut output, request.id, Err(error)).await),
    }
}

async fn respond(
    output: &mut OwnedWriteHalf,
    id: u64,
    answer: Result<serde_json::Value, CloudError>,
) -> std::io::Result<()> {
    let outcome = match answer {
        Ok(value) => Outcome::Ok(value),
        Err(error) => Outcome::Error(error),
    };
    let mut line = serde_json::to_vec(&Response { id, outcome })?;
    line.push(b'\n');
    output.write_all(&line).await
}

#[cfg(test)]
mod tests {
    use super::may_talk;

    #[test]
    fn only_the_user_and_root_are_answered() {
        for (peer, own, expected) in [
            (Some(1000), 1000, true),
            (Some(0), 1000, true),
            (Some(0), 0, true),
            (Some(1001), 1000, false),
            (Some(1000), 0, false),
            (None, 1000, false),
        ] {
            assert_eq!(may_talk(peer, own), expected, "{peer:?} to {own}");
        }
    }
}
