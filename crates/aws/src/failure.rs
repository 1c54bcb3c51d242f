//! Failed calls as errors of the port.

use std::error::Error;

use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::error::SdkError;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;

use crate::error_kind;

/// What to do when credentials ran out: nothing is lost, for the state is in the cloud.
const SIGN_IN: &str =
    "sign in again (such as `aws sso login`), then run the same command: it goes on where it stopped";

/// Returns the port's error for a failed call; `operation` reads after "failed to".
pub(crate) fn failed<E>(operation: impl Into<String>, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let metadata = ProvideErrorMetadata::meta(&error);
    let (kind, message) = match metadata.code() {
        Some(code) => {
            let text = metadata.message().unwrap_or_default();
            let request = metadata.extra("aws_request_id").map(|id| format!(" (request {id})"));
            let between = if text.is_empty() { "" } else { ": " };
            let kind = error_kind(code, text, status);
            (kind, format!("{code}{between}{text}{}", request.unwrap_or_default()))
        }
        None => without_code(&error, status),
    };
    with_hint(CloudError::new(kind, operation, message))
}

/// Nothing that AWS said: no answer, no credentials, or an answer that cannot be read.
fn without_code<E>(error: &SdkError<E, HttpResponse>, status: Option<u16>) -> (ErrorKind, String)
where
    E: Error + Send + Sync + 'static,
{
    let message = chain(error);
    let lower = message.to_lowercase();
    let credentials = ["credential", "sso", "assume role", "assumerole"];
    let kind = match (error, status) {
        (_, Some(status)) => error_kind("", "", Some(status)),
        _ if credentials.iter().any(|word| lower.contains(word)) => ErrorKind::Credentials,
        (SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_), None) => {
            ErrorKind::Unavailable
        }
        _ => ErrorKind::Internal,
    };
    (kind, message)
}

/// Returns an error and its causes in one line; causes that repeat what was said are left out.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}

fn with_hint(error: CloudError) -> CloudError {
    match error.kind {
        ErrorKind::Credentials => error.hint(SIGN_IN),
        ErrorKind::Throttled => error.hint("AWS limits the rate of calls: try again in a minute"),
        ErrorKind::Unavailable => error.hint("check the network, the region and AWS_ENDPOINT_URL"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("inner")]
    struct Inner;

    #[test]
    fn causes_are_told() {
        assert_eq!(chain(&Outer(Inner)), "outer: inner");
        assert_eq!(chain(&Inner), "inner");
    }
}
