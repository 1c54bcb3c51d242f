//! Answers of the load balancer itself.

use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header;

use super::body::ClientBody;
use super::body::full;

/// Returns an error page with ELB's wording.
pub(super) fn error(status: StatusCode) -> Response<ClientBody> {
    let reason = match status {
        StatusCode::SERVICE_UNAVAILABLE => "Service Temporarily Unavailable",
        StatusCode::GATEWAY_TIMEOUT => "Gateway Time-out",
        other => other.canonical_reason().unwrap_or("Error"),
    };
    let title = format!("{} {reason}", status.as_u16());
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    fixed(status, "text/html", page)
}

/// Returns an answer with this content.
pub(super) fn fixed(status: StatusCode, content_type: &str, text: impl Into<Bytes>) -> Response<ClientBody> {
    let mut response = Response::new(full(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("seaway-local"));
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// Returns a redirect.
pub(super) fn redirect(status: u16, location: &str) -> Response<ClientBody> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
    match HeaderValue::from_str(location) {
        Ok(location) => {
            let mut response = error(status);
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(_) => error(StatusCode::BAD_REQUEST),
    }
}
