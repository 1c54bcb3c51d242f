//! Answers, and how each protocol writes them.

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http_body_util::Full;
use serde_json::Value as Json;

use super::call::Wire;
use super::xml;
use crate::fake_aws::fault::FaultKind;

/// What an operation gives.
pub(crate) type Reply = Result<Answer, Failure>;

/// A good answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The fields of the operation's output.
    Fields(Json),
    /// Nothing: the operation has no output.
    Nothing,
    /// S3: everything is said.
    Raw(Raw),
}

/// An HTTP answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: Vec<u8>,
}

/// An error as a service says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) status: u16,
}

impl Failure {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Failure { code: code.to_owned(), message: message.into(), status: 400 }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// CloudFormation's answer to nearly everything.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Failure::new("ValidationError", message)
    }

    /// A fault that is an answer; `None` where no answer comes.
    pub(super) fn fault(kind: FaultKind, wire: Wire, service: &str, operation: &str) -> Option<Self> {
        let json = matches!(wire, Wire::Json | Wire::RestJson);
        let named = |plain: &str| if json { format!("{plain}Exception") } else { plain.to_owned() };
        let (code, message, status) = match kind {
            FaultKind::Throttled if wire == Wire::S3 => {
                ("SlowDown".to_owned(), "Please reduce your request rate.".to_owned(), 503)
            }
            FaultKind::Throttled if wire == Wire::RestJson => {
                (named("Throttling"), "Rate exceeded".to_owned(), 429)
            }
            FaultKind::Throttled => (named("Throttling"), "Rate exceeded".to_owned(), 400),
            FaultKind::InternalError => {
                let code = if wire == Wire::S3 { "InternalError" } else { "InternalFailure" };
                (code.to_owned(), "We encountered an internal error. Please try again.".to_owned(), 500)
            }
            FaultKind::Unavailable => {
                let code = if json { "ServiceUnavailableException" } else { "ServiceUnavailable" };
                (code.to_owned(), "Service is unable to handle request.".to_owned(), 503)
            }
            FaultKind::AccessDenied => {
                let message = format!(
                    "User: arn:aws:sts::123456789012:assumed-role/deploy/tester is not authorized to perform: \
                     {service}:{operation} because no identity-based policy allows the {service}:{operation} action"
                );
                (named("AccessDenied"), message, if json { 400 } else { 403 })
            }
            FaultKind::ExpiredToken => {
                let message = "The security token included in the request is expired".to_owned();
                (named("ExpiredToken"), message, if json || wire == Wire::S3 { 400 } else { 403 })
            }
            FaultKind::Timeout | FaultKind::Reset => return None,
        };
        Some(Failure { code, message, status })
    }
}

/// Writes an answer.
pub(super) fn write(reply: &Reply, wire: Wire, operation: &str, number: u64) -> Response<Full<Bytes>> {
    let id = format!("00000000-0000-4000-8000-{number:012x}");
    let raw = match reply {
        Ok(Answer::Raw(raw)) => raw.clone(),
        Ok(Answer::Fields(fields)) => fields_of(fields, wire, operation, &id),
        Ok(Answer::Nothing) => match wire {
            Wire::Query => {
                let text = format!(
                    "<{operation}Response xmlns=\"{NAMESPACE}\"><ResponseMetadata><RequestId>{id}</RequestId>\
                     </ResponseMetadata></{operation}Response>"
                );
                xml_raw(200, text)
            }
            _ => json_raw(200, &Json::Object(serde_json::Map::new()), wire),
        },
        Err(failure) => failed(failure, wire, &id),
    };
    let mut response = Response::new(Full::new(Bytes::from(raw.body)));
    *response.status_mut() = StatusCode::from_u16(raw.status).unwrap_or(StatusCode::OK);
    for (name, value) in raw.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            response.headers_mut().append(name, value);
        }
    }
    let name = if wire == Wire::S3 { "x-amz-request-id" } else { "x-amzn-requestid" };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(name, value);
    }
    response
}

const NAMESPACE: &str = "http://amazonaws.com/doc/";

fn xml_raw(status: u16, text: String) -> Raw {
    let headers = vec![(CONTENT_TYPE.into(), "text/xml".to_owned())];
    Raw { status, headers, body: text.into_bytes() }
}

fn json_raw(status: u16, json: &Json, wire: Wire) -> Raw {
    let kind = if wire == Wire::RestJson { "application/json" } else { "application/x-amz-json-1.1" };
    let headers = vec![(CONTENT_TYPE.into(), kind.to_owned())];
    Raw { status, headers, body: json.to_string().into_bytes() }
}

fn fields_of(fields: &Json, wire: Wire, operation: &str, id: &str) -> Raw {
    match wire {
        Wire::Json | Wire::RestJson => json_raw(200, fields, wire),
        Wire::S3 => {
            let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
            // Only lists of objects come this way.
            xml::element(&mut text, "ListBucketResult", fields, false);
            xml_raw(200, text)
        }
        Wire::Query => {
            let mut text = format!("<{operation}Response xmlns=\"{NAMESPACE}\">");
            xml::element(&mut text, &format!("{operation}Result"), fields, true);
            text.push_str(&format!(
                "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
            ));
            xml_raw(200, text)
        }
    }
}

fn failed(failure: &Failure, wire: Wire, id: &str) -> Raw {
    let Failure { code, message, status } = failure;
    match wire {
        Wire::Json => json_raw(*status, &serde_json::json!({"__type": code, "message": message}), wire),
        Wire::RestJson => {
            let mut raw = json_raw(*status, &serde_json::json!({"Message": message}), wire);
            raw.headers.push(("x-amzn-errortype".into(), code.clone()));
            raw
        }
        Wire::S3 => xml_raw(
            *status,
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
                 <RequestId>{id}</RequestId></Error>",
                xml::escape(code),
                xml::escape(message)
            ),
        ),
        Wire::Query => {
            let kind = if *status < 500 { "Sender" } else { "Receiver" };
            xml_raw(
                *status,
                format!(
                    "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{}</Code>\
                     <Message>{}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
                    xml::escape(code),
                    xml::escape(message)
                ),
            )
        }
    }
}

const CONTENT_TYPE: &str = "content-type";
