//! Reads that may fail for a moment.

use std::time::Duration;

use seaway_cloud::ErrorKind;
use seaway_cloud::Result;

/// Attempts of a read before its error counts.
const ATTEMPTS: u32 = 5;

/// Repeats a read while its error is one that passes: too many calls, nobody answers.
pub(crate) async fn read<T, F>(interval: Duration, mut call: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut attempt = 1;
    loop {
        match call().await {
            Err(error)
                if attempt < ATTEMPTS
                    && matches!(error.kind, ErrorKind::Throttled | ErrorKind::Unavailable) =>
            {
                tokio::time::sleep(interval * (1 << attempt)).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}
