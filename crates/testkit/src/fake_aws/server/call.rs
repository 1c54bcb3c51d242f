//! A call: which service, which operation, with what.

use bytes::Bytes;
use http::HeaderMap;
use http::Method;
use http::Uri;
use http::header::AUTHORIZATION;
use serde_json::Map;
use serde_json::Value as Json;

use super::chunked;
use super::query;

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Form parameters in, XML out.
    Query,
    /// JSON 1.1 with `X-Amz-Target`.
    Json,
    /// Paths and JSON.
    RestJson,
    /// Paths, headers and XML.
    S3,
}

/// A call, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) wire: Wire,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) parameters: Json,
    pub(crate) access_key: Option<String>,
    /// S3: the object.
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// Decodes a call.
    pub(super) fn decode(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Call {
        let scope = scope(headers);
        let target = text(headers, "x-amz-target");
        let form = text(headers, "content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
        let access_key = scope.as_ref().map(|(key, _)| key.clone());
        let service = scope.map(|(_, service)| service);
        if let Some((prefix, operation)) = target.as_deref().and_then(|target| target.rsplit_once('.')) {
            let service = service.unwrap_or_else(|| service_of_target(prefix).to_owned());
            let parameters = serde_json::from_slice(body).unwrap_or_default();
            let operation = operation.to_owned();
            return Call { wire: Wire::Json, service, operation, parameters, access_key, body: Vec::new() };
        }
        let query_text = uri.query().unwrap_or_default();
        let is_query = form || query::pairs(query_text).iter().any(|(name, _)| name == "Action");
        if is_query && service.as_deref() != Some("s3") {
            let mut pairs = query::pairs(query_text);
            pairs.extend(query::pairs(&String::from_utf8_lossy(body)));
            let value =
                |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
            let service = service.unwrap_or_else(|| match value("Version").as_deref() {
                Some("2011-06-15") => "sts".to_owned(),
                Some("2015-12-01") => "elasticloadbalancing".to_owned(),
                _ => "cloudformation".to_owned(),
            });
            let operation = value("Action").unwrap_or_default();
            let parameters = query::parameters(&pairs);
            return Call { wire: Wire::Query, service, operation, parameters, access_key, body: Vec::new() };
        }
        let scheduler = uri.path() == "/schedules" || uri.path().starts_with("/schedules/");
        let mut call = if service.as_deref() == Some("scheduler") || (service.is_none() && scheduler) {
            schedules(method, uri, body)
        } else {
            s3(method, uri, headers, body)
        };
        call.access_key = access_key;
        call
    }

    /// Returns a parameter that is text, a number or a truth value, as text; `None` where it is
    /// missing or empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.parameters.get(name)? {
            Json::String(text) if text.is_empty() => None,
            Json::String(text) => Some(text.clone()),
            value @ (Json::Number(_) | Json::Bool(_)) => Some(value.to_string()),
            _ => None,
        }
    }

    /// Returns whether a parameter is true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).as_deref() == Some("true")
    }

    /// Returns the items of a list; none where it is missing.
    pub(crate) fn list(&self, name: &str) -> Vec<Json> {
        self.parameters.get(name).and_then(Json::as_array).cloned().unwrap_or_default()
    }

    /// Returns the texts of a list.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(Json::as_str).map(str::to_owned).collect()
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Returns access key and service of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn scope(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let credential = text.split("Credential=").nth(1)?.split([',', ' ']).next()?;
    let mut parts = credential.split('/');
    let key = parts.next()?.to_owned();
    let service = parts.nth(2)?.to_owned();
    Some((key, service))
}

fn service_of_target(prefix: &str) -> &'static str {
    match prefix {
        "AmazonEC2ContainerServiceV20141113" => "ecs",
        "AmazonEC2ContainerRegistry_V20150921" => "ecr",
        "Logs_20140328" => "logs",
        "AmazonSSM" => "ssm",
        "secretsmanager" => "secretsmanager",
        _ => "unknown",
    }
}

/// EventBridge Scheduler: `/schedules[/NAME]`.
fn schedules(method: &Method, uri: &Uri, body: &Bytes) -> Call {
    let name = uri.path().strip_prefix("/schedules/").map(|name| query::decode(name, false));
    let operation = match (method.as_str(), &name) {
        ("GET", None) => "ListSchedules",
        ("GET", Some(_)) => "GetSchedule",
        ("PUT", Some(_)) => "UpdateSchedule",
        ("POST", Some(_)) => "CreateSchedule",
        ("DELETE", Some(_)) => "DeleteSchedule",
        _ => "Unknown",
    };
    let mut parameters = Map::new();
    if let Some(name) = name {
        parameters.insert("Name".to_owned(), name.into());
    }
    for (key, value) in query::pairs(uri.query().unwrap_or_default()) {
        // The names in the address are those of the API but for these.
        let key = match key.as_str() {
            "groupName" => "GroupName".to_owned(),
            "ScheduleGroup" => "GroupName".to_owned(),
            _ => key,
        };
        parameters.insert(key, value.into());
    }
    if let Ok(Json::Object(fields)) = serde_json::from_slice(body) {
        parameters.extend(fields);
    }
    Call {
        wire: Wire::RestJson,
        service: "scheduler".to_owned(),
        operation: operation.to_owned(),
        parameters: Json::Object(parameters),
        access_key: None,
        body: Vec::new(),
    }
}

/// S3 in path style: `/BUCKET[/KEY]`.
fn s3(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Call {
    let path = uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let key = query::decode(key, false);
    let pairs = query::pairs(uri.query().unwrap_or_default());
    let has = |name: &str| pairs.iter().any(|(key, _)| key == name);
    let sub_resource = ["versioning", "policy", "encryption", "tagging", "location", "uploads", "delete"];
    let operation = match (method.as_str(), bucket.is_empty(), key.is_empty()) {
        _ if sub_resource.iter().any(|name| has(name)) => "Unknown",
        ("GET", true, _) => "ListBuckets",
        ("PUT", false, true) => "CreateBucket",
        ("HEAD", false, true) => "HeadBucket",
        ("GET", false, true) => "ListObjectsV2",
        ("DELETE", false, true) => "DeleteBucket",
        ("PUT", false, false) => "PutObject",
        ("GET", false, false) => "GetObject",
        ("HEAD", false, false) => "HeadObject",
        ("DELETE", false, false) => "DeleteObject",
        _ => "Unknown",
    };
    let mut parameters = Map::new();
    parameters.insert("Bucket".to_owned(), query::decode(bucket, false).into());
    if !key.is_empty() {
        parameters.insert("Key".to_owned(), key.into());
    }
    for (header, name) in [
        ("if-match", "IfMatch"),
        ("if-none-match", "IfNoneMatch"),
        ("content-type", "ContentType"),
        ("range", "Range"),
    ] {
        // A `Content-Type` without an object is the client's habit.
        if let Some(value) = text(headers, header)
            && (header != "content-type" || operation == "PutObject")
        {
            parameters.insert(name.to_owned(), value.into());
        }
    }
    for (key, name) in [
        ("prefix", "Prefix"),
        ("delimiter", "Delimiter"),
        ("max-keys", "MaxKeys"),
        ("continuation-token", "ContinuationToken"),
        ("start-after", "StartAfter"),
    ] {
        if let Some((_, value)) = pairs.iter().find(|(found, _)| found == key) {
            parameters.insert(name.to_owned(), value.clone().into());
        }
    }
    let metadata: Map<String, Json> = headers
        .iter()
        .filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-amz-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.into()))
        })
        .collect();
    if !metadata.is_empty() {
        parameters.insert("Metadata".to_owned(), Json::Object(metadata));
    }
    let streamed = text(headers, "x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"));
    let object = if streamed { chunked::decode(body) } else { body.to_vec() };
    if operation == "PutObject" {
        parameters.insert("Size".to_owned(), object.len().into());
    }
    Call {
        wire: Wire::S3,
        service: "s3".to_owned(),
        operation: operation.to_owned(),
        parameters: Json::Object(parameters),
        access_key: None,
        body: object,
    }
}
