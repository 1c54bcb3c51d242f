//! What an error code of AWS means.

use seaway_cloud::ErrorKind;

/// Code, or its beginning where it ends with `*`, and kind; the first match counts. From the
/// "Common errors" pages of CloudFormation, ECS, ELBv2, IAM, STS, SSM, Secrets Manager, SQS, ECR
/// and CloudWatch Logs, and the retry modes of the AWS SDKs.
const CODES: &[(&str, ErrorKind)] = &[
    // Credentials before AccessDenied: an expired token must not look like a missing right.
    ("ExpiredToken*", ErrorKind::Credentials),
    ("InvalidClientTokenId", ErrorKind::Credentials),
    ("UnrecognizedClient*", ErrorKind::Credentials),
    ("MissingAuthenticationToken*", ErrorKind::Credentials),
    ("InvalidSignatureException", ErrorKind::Credentials),
    ("SignatureDoesNotMatch", ErrorKind::Credentials),
    ("IncompleteSignature*", ErrorKind::Credentials),
    ("InvalidAccessKeyId", ErrorKind::Credentials),
    ("AuthFailure", ErrorKind::Credentials),
    ("RequestExpired", ErrorKind::Credentials),
    ("CredentialsProviderError", ErrorKind::Credentials),
    // `AccessDenied`, `AccessDeniedException`.
    ("AccessDenied*", ErrorKind::AccessDenied),
    ("UnauthorizedOperation", ErrorKind::AccessDenied),
    ("UnauthorizedException", ErrorKind::AccessDenied),
    ("NotAuthorized*", ErrorKind::AccessDenied),
    ("AuthorizationError*", ErrorKind::AccessDenied),
    ("OptInRequired", ErrorKind::AccessDenied),
    ("Throttl*", ErrorKind::Throttled),
    ("RequestThrottled*", ErrorKind::Throttled),
    ("RequestLimitExceeded", ErrorKind::Throttled),
    ("TooManyRequests*", ErrorKind::Throttled),
    ("SlowDown", ErrorKind::Throttled),
    ("BandwidthLimitExceeded", ErrorKind::Throttled),
    ("PriorRequestNotComplete", ErrorKind::Throttled),
    ("ProvisionedThroughputExceededException", ErrorKind::Throttled),
    ("EC2ThrottledException", ErrorKind::Throttled),
    ("TransactionInProgressException", ErrorKind::Throttled),
    ("AlreadyExists*", ErrorKind::Conflict),
    ("EntityAlreadyExists*", ErrorKind::Conflict),
    ("ResourceAlreadyExists*", ErrorKind::Conflict),
    ("ResourceExistsException", ErrorKind::Conflict),
    ("OperationInProgressException", ErrorKind::Conflict),
    ("OperationAborted*", ErrorKind::Conflict),
    ("UpdateInProgressException", ErrorKind::Conflict),
    ("TokenAlreadyExists*", ErrorKind::Conflict),
    ("ConflictException", ErrorKind::Conflict),
    ("ConcurrentModification*", ErrorKind::Conflict),
    ("ConditionalCheckFailedException", ErrorKind::Conflict),
    ("DeleteConflict*", ErrorKind::Conflict),
    ("ResourceInUse*", ErrorKind::Conflict),
    ("QueueDeletedRecently", ErrorKind::Conflict),
    ("LimitExceeded*", ErrorKind::Limit),
    ("ServiceQuotaExceeded*", ErrorKind::Limit),
    ("ServiceLimitExceeded*", ErrorKind::Limit),
    ("QuotaExceeded*", ErrorKind::Limit),
    ("ParameterLimitExceeded", ErrorKind::Limit),
    ("VpcLimitExceeded", ErrorKind::Limit),
    ("AddressLimitExceeded", ErrorKind::Limit),
    ("InsufficientCapacity*", ErrorKind::Limit),
    ("ChangeSetNotFound*", ErrorKind::NotFound),
    ("StackNotFoundException", ErrorKind::NotFound),
    ("ResourceNotFound*", ErrorKind::NotFound),
    ("ClusterNotFoundException", ErrorKind::NotFound),
    ("ServiceNotFoundException", ErrorKind::NotFound),
    ("ServiceNotActiveException", ErrorKind::NotFound),
    ("TargetNotFoundException", ErrorKind::NotFound),
    ("ParameterNotFound", ErrorKind::NotFound),
    ("RepositoryNotFoundException", ErrorKind::NotFound),
    ("ImageNotFoundException", ErrorKind::NotFound),
    ("LoadBalancerNotFound", ErrorKind::NotFound),
    ("TargetGroupNotFound", ErrorKind::NotFound),
    ("ListenerNotFound", ErrorKind::NotFound),
    ("RuleNotFound", ErrorKind::NotFound),
    ("QueueDoesNotExist", ErrorKind::NotFound),
    ("AWS.SimpleQueueService.NonExistentQueue", ErrorKind::NotFound),
    ("NoSuch*", ErrorKind::NotFound),
    ("NotFound*", ErrorKind::NotFound),
    ("ServiceUnavailable*", ErrorKind::Unavailable),
    ("RequestTimeout*", ErrorKind::Unavailable),
    ("DispatchFailure", ErrorKind::Unavailable),
    ("TimeoutError", ErrorKind::Unavailable),
    ("Validation*", ErrorKind::Validation),
    ("InvalidParameter*", ErrorKind::Validation),
    ("InvalidRequest*", ErrorKind::Validation),
    ("InvalidInput*", ErrorKind::Validation),
    ("InvalidChangeSetStatus*", ErrorKind::Validation),
    ("MissingParameter", ErrorKind::Validation),
    ("MalformedPolicyDocument*", ErrorKind::Validation),
    ("MalformedQueryString", ErrorKind::Validation),
    ("InsufficientCapabilities*", ErrorKind::Validation),
    ("ClientException", ErrorKind::Validation),
    ("UnsupportedFeatureException", ErrorKind::Validation),
    ("PlatformUnknownException", ErrorKind::Validation),
    ("InternalFailure", ErrorKind::Internal),
    ("InternalError", ErrorKind::Internal),
    ("InternalServer*", ErrorKind::Internal),
    ("ServerException", ErrorKind::Internal),
];

/// Returns the kind of an error. `message` matters only where AWS has one code for several faults:
/// CloudFormation says `ValidationError` for a stack that does not exist, for an update that
/// changes nothing and for one that comes while another is running; the HTTP `status` decides for
/// codes that are not in the table.
pub fn error_kind(code: &str, message: &str, status: Option<u16>) -> ErrorKind {
    // `com.amazonaws.ecs#ClientException`, `ValidationException:http://…`.
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split(':').next().unwrap_or(code);
    if code == "ValidationError" {
        if message.contains("does not exist") {
            return ErrorKind::NotFound;
        }
        if message.contains("_IN_PROGRESS state") {
            return ErrorKind::Conflict;
        }
        if message.contains("Rate exceeded") {
            return ErrorKind::Throttled;
        }
    }
    let listed = CODES.iter().find(|(listed, _)| match listed.strip_suffix('*') {
        Some(beginning) => code.starts_with(beginning),
        None => code == *listed,
    });
    match (listed, status) {
        (Some((_, kind)), _) => *kind,
        (None, Some(401)) => ErrorKind::Credentials,
        (None, Some(403)) => ErrorKind::AccessDenied,
        (None, Some(404)) => ErrorKind::NotFound,
        (None, Some(409)) => ErrorKind::Conflict,
        (None, Some(429)) => ErrorKind::Throttled,
        (None, Some(502..=504)) => ErrorKind::Unavailable,
        (None, Some(400..=499)) => ErrorKind::Validation,
        (None, _) => ErrorKind::Internal,
    }
}

/// Returns true where the same request may succeed a little later.
pub fn is_retryable(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (code, message, status, expected) in [
            ("Throttling", "Rate exceeded", Some(400), ErrorKind::Throttled),
            ("ThrottlingException", "", Some(400), ErrorKind::Throttled),
            ("RequestLimitExceeded", "", Some(503), ErrorKind::Throttled),
            ("TooManyRequestsException", "", None, ErrorKind::Throttled),
            ("ExpiredToken", "", Some(403), ErrorKind::Credentials),
            ("ExpiredTokenException", "", Some(403), ErrorKind::Credentials),
            ("InvalidClientTokenId", "", Some(403), ErrorKind::Credentials),
            ("UnrecognizedClientException", "", Some(400), ErrorKind::Credentials),
            ("AccessDenied", "", Some(403), ErrorKind::AccessDenied),
            ("AccessDeniedException", "", Some(400), ErrorKind::AccessDenied),
            ("UnauthorizedOperation", "", Some(403), ErrorKind::AccessDenied),
            ("ValidationError", "Stack with id shop does not exist", Some(400), ErrorKind::NotFound),
            (
                "ValidationError",
                "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.",
                Some(400),
                ErrorKind::Conflict,
            ),
            ("ValidationError", "No updates are to be performed.", Some(400), ErrorKind::Validation),
            ("ValidationException", "", Some(400), ErrorKind::Validation),
            ("ValidationException:http://internal.amazon.com/", "", None, ErrorKind::Validation),
            ("com.amazonaws.ecs#ClusterNotFoundException", "", Some(400), ErrorKind::NotFound),
            ("AlreadyExistsException", "", Some(400), ErrorKind::Conflict),
            ("LimitExceededException", "", Some(400), ErrorKind::Limit),
            ("ServiceQuotaExceededException", "", Some(402), ErrorKind::Limit),
            ("NoSuchBucket", "", Some(404), ErrorKind::NotFound),
            ("NoSuchEntity", "", Some(404), ErrorKind::NotFound),
            ("AWS.SimpleQueueService.NonExistentQueue", "", Some(400), ErrorKind::NotFound),
            ("ServiceUnavailable", "", Some(503), ErrorKind::Unavailable),
            ("InternalFailure", "", Some(500), ErrorKind::Internal),
            ("SomethingNew", "", Some(400), ErrorKind::Validation),
            ("SomethingNew", "", Some(403), ErrorKind::AccessDenied),
            ("SomethingNew", "", Some(429), ErrorKind::Throttled),
            ("SomethingNew", "", Some(503), ErrorKind::Unavailable),
            ("SomethingNew", "", Some(500), ErrorKind::Internal),
            ("", "", None, ErrorKind::Internal),
        ] {
            assert_eq!(error_kind(code, message, status), expected, "{code} {message}");
        }
    }

    #[test]
    fn every_row_can_be_reached() {
        for (code, kind) in CODES {
            assert_eq!(error_kind(code.trim_end_matches('*'), "", None), *kind, "{code}");
        }
    }

    #[test]
    fn what_to_try_again() {
        assert!(is_retryable(ErrorKind::Throttled) && is_retryable(ErrorKind::Unavailable));
        assert!(!is_retryable(ErrorKind::AccessDenied) && !is_retryable(ErrorKind::Conflict));
    }
}
