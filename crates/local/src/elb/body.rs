//! Bodies on their way through the proxy.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::body::SizeHint;
use tokio::time::Instant;
use tokio::time::Sleep;

use super::target::InFlight;
use super::target::Sender;
use crate::lock::lock;

/// Any error of a body.
pub(super) type BodyError = Box<dyn std::error::Error + Send + Sync>;
/// What goes to a target.
pub(super) type TargetBody = UnsyncBoxBody<Bytes, BodyError>;
/// What goes to a client.
pub(super) type ClientBody = UnsyncBoxBody<Bytes, BodyError>;

/// Returns a body that is there as a whole.
pub(super) fn full(bytes: Bytes) -> UnsyncBoxBody<Bytes, BodyError> {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// When something last went over a connection.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<Instant>>);

impl Activity {
    /// Begins now.
    pub(super) fn new() -> Activity {
        Activity(Arc::new(Mutex::new(Instant::now())))
    }

    /// Notes that something went over the connection.
    pub(super) fn touch(&self) {
        *lock(&self.0) = Instant::now();
    }

    /// Waits for `future`, at most until nothing happened for `limit`.
    pub(super) async fn limit<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        tokio::pin!(future);
        loop {
            let until = *lock(&self.0) + limit;
            tokio::select! {
                output = &mut future => return Some(output),
                () = tokio::time::sleep_until(until) => {
                    if *lock(&self.0) + limit <= Instant::now() {
                        return None;
                    }
                }
            }
        }
    }
}

/// A request body that streams to a target.
pub(super) struct Upload {
    inner: Incoming,
    activity: Activity,
}

impl Upload {
    /// Wraps a client's body.
    pub(super) fn new(inner: Incoming, activity: Activity) -> Upload {
        Upload { inner, activity }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if polled.is_ready() {
            self.activity.touch();
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A response body that streams to a client. The request counts as under way until it is
/// dropped; the connection goes back to the target when it was read to its end.
pub(super) struct Download {
    inner: Incoming,
    in_flight: InFlight,
    connection: Option<Sender>,
    limit: Duration,
    silence: Pin<Box<Sleep>>,
}

impl Download {
    /// Wraps a target's body; `limit` is how long it may be silent.
    pub(super) fn new(inner: Incoming, in_flight: InFlight, connection: Sender, limit: Duration) -> Download {
        let silence = Box::pin(tokio::time::sleep(limit));
        let mut download = Download { inner, in_flight, connection: Some(connection), limit, silence };
        download.finish_at_end();
        download
    }

    fn finish_at_end(&mut self) {
        if self.inner.is_end_stream() {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.in_flight.target().give_back(connection);
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let until = Instant::now() + self.limit;
                self.silence.as_mut().reset(until);
                self.finish_at_end();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                self.connection = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                self.finish();
                Poll::Ready(None)
            }
            Poll::Pending => match self.silence.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Some(Err("the target was silent for too long".into()))),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
