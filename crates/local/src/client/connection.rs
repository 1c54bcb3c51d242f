//! One connection to the background process.

use std::io;
use std::time::Duration;

use seaway_cloud::CloudError;
use serde_json::Value;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::net::unix::OwnedWriteHalf;

use crate::options::LocalOptions;
use crate::rpc::Outcome;
use crate::rpc::Ping;
use crate::rpc::Request;
use crate::rpc::Response;

/// How long a process may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection without a request under way.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) lines: Lines<BufReader<OwnedReadHalf>>,
    pub(super) output: OwnedWriteHalf,
    id: u64,
}

impl Connection {
    /// Connects; `None` when nobody answers.
    pub(super) async fn open(options: &LocalOptions) -> Option<(Connection, Ping)> {
        let stream = UnixStream::connect(options.socket()).await.ok()?;
        let (input, output) = stream.into_split();
        let mut connection = Connection { lines: BufReader::new(input).lines(), output, id: 0 };
        let answer = tokio::time::timeout(PATIENCE, connection.call("ping", Value::Null)).await.ok()?;
        let ping = serde_json::from_value(answer.ok()?.ok()?).ok()?;
        Some((connection, ping))
    }

    /// Returns false when the other side has gone. Asks the kernel: the runtime may not have
    /// heard yet.
    pub(super) fn lives(&mut self) -> bool {
        let input: &OwnedReadHalf = self.lines.get_mut().get_ref();
        let stream: &UnixStream = input.as_ref();
        let mut byte = [0_u8];
        let flags = rustix::net::RecvFlags::PEEK | rustix::net::RecvFlags::DONTWAIT;
        matches!(rustix::net::recv(stream, &mut byte, flags), Err(rustix::io::Errno::WOULDBLOCK))
    }

    /// Sends a request and returns its response; the outer error is that of the connection.
    pub(super) async fn call(
        &mut self,
        method: &str,
        params: Value,
    ) -> io::Result<std::result::Result<Value, CloudError>> {
        self.id += 1;
        let mut line = serde_json::to_vec(&Request { id: self.id, method: method.to_owned(), params })?;
        line.push(b'\n');
        self.output.write_all(&line).await?;
        let Some(line) = self.lines.next_line().await? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let response: Response = serde_json::from_str(&line)?;
        if response.id != self.id {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer to another request"));
        }
        Ok(match response.outcome {
            Outcome::Ok(value) => Ok(value),
            Outcome::Error(error) => Err(error),
        })
    }
}
