//! HTTP by hand: what goes over the wire, without an SDK in between.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use seaway_testkit::fake_aws::FakeAws;
use serde_json::Value as Json;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Returns the text of the first element of this name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let begin = self.body.find(&format!("<{name}>"))? + name.len() + 2;
        let end = self.body[begin..].find(&format!("</{name}>"))? + begin;
        Some(&self.body[begin..end])
    }

    /// Returns the texts of all elements of this name, in order.
    pub(crate) fn elements(&self, name: &str) -> Vec<&str> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let parts = self.body.split(open.as_str()).skip(1);
        parts.filter_map(|part| part.split(close.as_str()).next()).collect()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Sends a request; an error where no answer comes within a second.
pub(crate) fn send(
    aws: &FakeAws,
    head: &str,
    service: &str,
    headers: &str,
    body: &str,
) -> std::io::Result<Answer> {
    let address = aws.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAFAKE/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {scope}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A call in the Query protocol.
pub(crate) fn query(aws: &FakeAws, service: &str, action: &str, parameters: &[(&str, &str)]) -> Answer {
    try_query(aws, service, action, parameters).unwrap()
}

pub(crate) fn try_query(
    aws: &FakeAws,
    service: &str,
    action: &str,
    parameters: &[(&str, &str)],
) -> std::io::Result<Answer> {
    let mut body = format!("Action={action}&Version=2010-05-15");
    for (name, value) in parameters {
        body.push_str(&format!("&{}={}", encode(name), encode(value)));
    }
    send(aws, "POST /", service, "Content-Type: application/x-www-form-urlencoded\r\n", &body)
}

/// A call of CloudFormation.
pub(crate) fn cfn(aws: &FakeAws, action: &str, parameters: &[(&str, &str)]) -> Answer {
    query(aws, "cloudformation", action, parameters)
}

/// A call in the JSON protocol.
pub(crate) fn json(aws: &FakeAws, service: &str, target: &str, body: &Json) -> Answer {
    let headers = format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n");
    send(aws, "POST /", service, &headers, &body.to_string()).unwrap()
}

/// A call of ECS.
pub(crate) fn ecs(aws: &FakeAws, operation: &str, body: &Json) -> Json {
    json(aws, "ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), body).json()
}

/// Creates or updates a stack by change set and waits until it is settled.
pub(crate) fn deploy(aws: &FakeAws, name: &str, kind: &str, template: &Json, parameters: &[(&str, &str)]) {
    start(aws, name, kind, template, parameters);
    assert!(aws.settle(Duration::from_secs(3600)), "{name} does not settle: {:?}", aws.stack_status(name));
}

/// The same without waiting for the end.
pub(crate) fn start(aws: &FakeAws, name: &str, kind: &str, template: &Json, parameters: &[(&str, &str)]) {
    let set = format!("set-{}", aws.requests().len());
    let body = template.to_string();
    let mut call = vec![
        ("StackName", name),
        ("ChangeSetName", set.as_str()),
        ("ChangeSetType", kind),
        ("TemplateBody", body.as_str()),
    ];
    let keys: Vec<(String, String)> = (1..=parameters.len())
        .map(|n| {
            (format!("Parameters.member.{n}.ParameterKey"), format!("Parameters.member.{n}.ParameterValue"))
        })
        .collect();
    for ((key, value), (name, text)) in keys.iter().zip(parameters) {
        call.push((key, name));
        call.push((value, text));
    }
    let created = cfn(aws, "CreateChangeSet", &call);
    assert_eq!(created.status, 200, "{}", created.body);
    aws.advance(Duration::from_secs(2));
    let executed = cfn(aws, "ExecuteChangeSet", &[("StackName", name), ("ChangeSetName", &set)]);
    assert_eq!(executed.status, 200, "{}", executed.body);
}

/// A cluster, a task definition whose image and environment are parameters, and a service of two.
pub(crate) fn web() -> Json {
    serde_json::json!({
        "Parameters": {
            "Image": {"Type": "String", "Default": "shop/web:v1"},
            "Release": {"Type": "String", "Default": "good"},
        },
        "Resources": {
            // The order in the file is not the order of creation.
            "Service": {"Type": "AWS::ECS::Service", "Properties": {
                "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 2,
                "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": true, "Rollback": true}},
                "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": {"Ref": "Targets"}}],
            }},
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
                "Family": "web",
                "ContainerDefinitions": [{
                    "Name": "web", "Image": {"Ref": "Image"},
                    "Environment": [{"Name": "RELEASE", "Value": {"Ref": "Release"}}],
                    "LogConfiguration": {"LogDriver": "awslogs", "Options": {
                        "awslogs-group": {"Ref": "Logs"}, "awslogs-stream-prefix": "web",
                    }},
                }],
            }},
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shop/web"}},
            "Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 80}},
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
        },
        "Outputs": {
            "ServiceArn": {"Value": {"Ref": "Service"}},
            "TargetGroup": {"Value": {"Fn::GetAtt": ["Targets", "TargetGroupFullName"]}},
        },
    })
}
