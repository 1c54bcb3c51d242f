//! A session in a container, over its own connection.

use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecSession;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::connection::Connection;

/// How many items wait in each direction.
const QUEUE: usize = 64;

/// Carries a session over `connection`; it is closed when the session is dropped, and the
/// connection with it.
pub(super) fn carry(connection: Connection) -> ExecSession {
    let Connection { mut lines, mut output, .. } = connection;
    let (input, mut from) = mpsc::channel::<ExecInput>(QUEUE);
    let (to, answers) = mpsc::channel::<ExecOutput>(QUEUE);
    let writer = tokio::spawn(async move {
        loop {
            let item = from.recv().await;
            let last = item.is_none();
            // Whoever lets go of the input still hears the output: only the input ends.
            let Ok(mut line) = serde_json::to_vec(&item.unwrap_or(ExecInput::End)) else { break };
            line.push(b'\n');
            if output.write_all(&line).await.is_err() || last {
                break;
            }
        }
        // Held until the reader ends: closing it would end the session.
        std::future::pending::<()>().await;
        drop(output);
    });
    tokio::spawn(async move {
        loop {
            let line = tokio::select! {
                () = to.closed() => break,
                line = lines.next_line() => line,
            };
            let Ok(Some(line)) = line else { break };
            let Ok(item) = serde_json::from_str::<ExecOutput>(&line) else { break };
            let last = matches!(item, ExecOutput::Exit(_));
            if to.send(item).await.is_err() || last {
                break;
            }
        }
        writer.abort();
    });
    ExecSession { input, output: answers }
}
