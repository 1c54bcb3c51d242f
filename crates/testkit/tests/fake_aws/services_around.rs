//! S3's conditions, STS' accounts, and who is meant by a call.

use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::Scenario;
use serde_json::json;

use crate::client::cfn;
use crate::client::json;
use crate::client::query;
use crate::client::send;

fn fake() -> FakeAws {
    FakeAws::start(Scenario { buckets: vec!["artifacts".into()], ..Scenario::default() }).unwrap()
}

#[test]
fn a_lock_is_taken_once() {
    let aws = fake();
    let put = |condition: &str, body: &str| {
        send(&aws, "PUT /artifacts/locks/shop.json", "s3", condition, body).unwrap()
    };
    assert_eq!(put("If-None-Match: *\r\n", "me").status, 200);
    let second = put("If-None-Match: *\r\n", "you");
    assert_eq!((second.status, second.element("Code")), (412, Some("PreconditionFailed")));
    let got = send(&aws, "GET /artifacts/locks/shop.json", "s3", "", "").unwrap();
    assert_eq!(got.body, "me");
    let tag = got.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    assert_eq!(tag, "\"ab86a1e1ef70dff97959067b723c5c24\"", "the MD5 of the object");
    assert_eq!(put("If-Match: \"0\"\r\n", "you").status, 412);
    assert_eq!(put(&format!("If-Match: {tag}\r\n"), "me again").status, 200);
    let drop = |condition: &str| {
        send(&aws, "DELETE /artifacts/locks/shop.json", "s3", condition, "").unwrap().status
    };
    assert_eq!(drop(&format!("If-Match: {tag}\r\n")), 412, "it is another object by now");
    assert_eq!(drop(""), 204);
    assert_eq!(aws.object("artifacts", "locks/shop.json"), None);
}

#[test]
fn keys_are_decoded_and_listed() {
    let aws = fake();
    for key in ["a%20b/one", "a%20b/two", "c"] {
        assert_eq!(send(&aws, &format!("PUT /artifacts/{key}"), "s3", "", "x").unwrap().status, 200);
    }
    assert_eq!(aws.object_keys("artifacts"), ["a b/one", "a b/two", "c"]);
    let listed = send(&aws, "GET /artifacts?list-type=2&prefix=a%20b%2F&max-keys=1", "s3", "", "").unwrap();
    assert_eq!((listed.elements("Key"), listed.element("IsTruncated")), (vec!["a b/one"], Some("true")));
    let folders = send(&aws, "GET /artifacts?list-type=2&delimiter=%2F", "s3", "", "").unwrap();
    assert_eq!((folders.elements("Key"), folders.elements("Prefix")), (vec!["c"], vec!["", "a b/"]));
    let chunks = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n";
    let body = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
    assert_eq!(send(&aws, "PUT /artifacts/chunks", "s3", chunks, body).unwrap().status, 200);
    assert_eq!(aws.object("artifacts", "chunks").unwrap(), b"abc");
}

#[test]
fn a_large_template_comes_from_the_bucket() {
    let aws = fake();
    let template = json!({
        "Description": "x".repeat(1000),
        "Metadata": {"Filler": "x".repeat(60_000)},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    });
    let text = template.to_string();
    let inline = cfn(&aws, "CreateStack", &[("StackName", "big"), ("TemplateBody", &text)]);
    assert!(inline.element("Message").unwrap().contains("less than or equal to 51200"));
    send(&aws, "PUT /artifacts/t/big.json", "s3", "", &text).unwrap();
    let url = format!("{}/artifacts/t/big.json", aws.url);
    assert_eq!(cfn(&aws, "CreateStack", &[("StackName", "big"), ("TemplateURL", &url)]).status, 200);
    let none =
        cfn(&aws, "CreateStack", &[("StackName", "b"), ("TemplateURL", "https://s3.amazonaws.com/x/y")]);
    assert_eq!(none.element("Message"), Some("S3 error: Access Denied"));
}

#[test]
fn capabilities_parameters_and_templates_are_checked() {
    let aws = fake();
    let create = |template: &serde_json::Value, more: &[(&str, &str)]| {
        let text = template.to_string();
        let mut call = vec![("StackName", "x"), ("TemplateBody", text.as_str())];
        call.extend(more);
        let answer = cfn(&aws, "CreateStack", &call);
        (
            answer.element("Code").unwrap_or("ok").to_owned(),
            answer.element("Message").unwrap_or_default().to_owned(),
        )
    };
    let role =
        json!({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "deploy"}}}});
    let (code, message) = create(&role, &[("Capabilities.member.1", "CAPABILITY_IAM")]);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    );
    let needs =
        json!({"Parameters": {"P": {"Type": "String"}}, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}});
    assert_eq!(create(&needs, &[]).1, "Parameters: [P] must have values");
    let extra = [
        ("Parameters.member.1.ParameterKey", "No"),
        ("Parameters.member.1.ParameterValue", "x"),
        ("Parameters.member.2.ParameterKey", "P"),
        ("Parameters.member.2.ParameterValue", "x"),
    ];
    assert_eq!(create(&needs, &extra).1, "Parameters: [No] do not exist in the template");
    let broken = json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "DependsOn": "Nobody"}}});
    let (code, message) = create(&broken, &[]);
    assert!(code == "ValidationError" && message.contains("Nobody"), "{code}: {message}");
    assert_eq!(aws.stack_names(), Vec::<String>::new());
}

#[test]
fn the_scope_of_the_signature_says_which_service_is_meant() {
    let aws = fake();
    query(&aws, "sts", "GetCallerIdentity", &[]);
    query(&aws, "elasticloadbalancing", "DescribeTargetGroups", &[]);
    json(&aws, "ecr", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", &json!({}));
    send(&aws, "GET /schedules?NamePrefix=shop", "scheduler", "", "").unwrap();
    send(&aws, "GET /artifacts?list-type=2", "s3", "", "").unwrap();
    let unknown = query(&aws, "sts", "GetFederationToken", &[]);
    assert_eq!(unknown.element("Code"), Some("InvalidAction"));
    assert_eq!(
        aws.requests().names(),
        [
            "sts:GetCallerIdentity",
            "elasticloadbalancing:DescribeTargetGroups",
            "ecr:GetAuthorizationToken",
            "scheduler:ListSchedules",
            "s3:ListObjectsV2",
            "sts:GetFederationToken",
        ]
    );
}
