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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use seaway_cloud::CloudError;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_passing_errors_are_tried_again() {
        let cases = [
            (ErrorKind::Throttled, 2, true, 3),
            (ErrorKind::Unavailable, 9, false, ATTEMPTS),
            (ErrorKind::AccessDenied, 1, false, 1),
        ];
        for (kind, failures, succeeds, calls) in cases {
            let made = Cell::new(0);
            let answer = read(Duration::from_millis(1), || {
                made.set(made.get() + 1);
                let fails = made.get() <= failures;
                async move { if fails { Err(CloudError::new(kind, "look", "no")) } else { Ok(()) } }
            })
            .await;
            assert_eq!((answer.is_ok(), made.get()), (succeeds, calls), "{kind:?}");
        }
    }
}
