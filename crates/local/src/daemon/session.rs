//! A session in a container, over its own connection.

use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecSession;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio_util::sync::CancellationToken;

use super::server::Input;

/// Carries input and output until the command ends or the client goes away; then the session is
/// dropped, which closes it.
pub(super) async fn session(open: ExecSession, mut lines: Input, mut output: OwnedWriteHalf) {
    let ExecSession { input, output: mut from } = open;
    let gone = CancellationToken::new();
    // A task of its own: a command that does not read its input must not keep its output back.
    let pump = {
        let gone = gone.clone();
        tokio::spawn(async move {
            let _gone = gone.drop_guard();
            while let Ok(Some(line)) = lines.next_line().await {
                let Ok(item) = serde_json::from_str::<ExecInput>(&line) else { return };
                if input.send(item).await.is_err() {
                    // The command takes no more; go on reading to see when the client leaves.
                    while let Ok(Some(_)) = lines.next_line().await {}
                    return;
                }
            }
        })
    };
    loop {
        let item = tokio::select! {
            () = gone.cancelled() => break,
            item = from.recv() => item,
        };
        let Some(item) = item else { break };
        let Ok(mut line) = serde_json::to_vec(&item) else { break };
        line.push(b'\n');
        if output.write_all(&line).await.is_err() || matches!(item, ExecOutput::Exit(_)) {
            break;
        }
    }
    pump.abort();
}
