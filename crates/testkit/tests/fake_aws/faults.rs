//! Faults in the way, and what is recorded.

use std::io::ErrorKind;
use std::time::Duration;

use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::Fault;
use seaway_testkit::fake_aws::FaultKind;
use seaway_testkit::fake_aws::Scenario;
use serde_json::json;

use crate::client::cfn;
use crate::client::deploy;
use crate::client::ecs;
use crate::client::json;
use crate::client::query;
use crate::client::send;
use crate::client::try_query;
use crate::client::web;

fn fake() -> FakeAws {
    FakeAws::start(Scenario::default()).unwrap()
}

#[test]
fn each_protocol_says_it_in_its_own_words() {
    let aws = fake();
    for (kind, query_code, query_status, json_code, s3_code, s3_status) in [
        (FaultKind::Throttled, "Throttling", 400, "ThrottlingException", "SlowDown", 503),
        (FaultKind::InternalError, "InternalFailure", 500, "InternalFailure", "InternalError", 500),
        (FaultKind::AccessDenied, "AccessDenied", 403, "AccessDeniedException", "AccessDenied", 403),
        (FaultKind::ExpiredToken, "ExpiredToken", 403, "ExpiredTokenException", "ExpiredToken", 400),
    ] {
        aws.fault(Fault::new(kind).times(3));
        let answer = cfn(&aws, "ListStacks", &[]);
        assert_eq!((answer.element("Code"), answer.status), (Some(query_code), query_status));
        assert_eq!(ecs(&aws, "ListTasks", &json!({}))["__type"], json_code);
        let answer = send(&aws, "GET /bucket/key", "s3", "", "").unwrap();
        assert_eq!((answer.element("Code"), answer.status), (Some(s3_code), s3_status));
        assert_eq!(cfn(&aws, "ListStacks", &[]).status, 200, "three calls only");
    }
}

#[test]
fn a_reset_is_a_reset_and_a_timeout_is_silence() {
    let aws = fake();
    aws.fault(Fault::new(FaultKind::Reset));
    let error = try_query(&aws, "cloudformation", "ListStacks", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    aws.fault(Fault::new(FaultKind::Timeout));
    let error = try_query(&aws, "cloudformation", "ListStacks", &[]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    let outcomes: Vec<String> = aws.requests().iter().map(|request| request.outcome.clone()).collect();
    assert_eq!(outcomes, ["reset", "timeout"]);
}

#[test]
fn a_fault_hits_the_calls_that_it_names() {
    let aws = fake();
    aws.fault(Fault::new(FaultKind::Throttled).operation("DescribeStacks").skip(1).times(2));
    aws.fault(Fault::new(FaultKind::InternalError).call(6));
    let statuses: Vec<u16> = (0..5).map(|_| cfn(&aws, "DescribeStacks", &[]).status).collect();
    assert_eq!(statuses, [200, 400, 400, 200, 200]);
    assert_eq!(cfn(&aws, "ListStacks", &[]).status, 500);
    aws.fault(Fault::new(FaultKind::Throttled).service("ecs").times(0));
    assert_eq!(cfn(&aws, "ListStacks", &[]).status, 200);
    for _ in 0..5 {
        assert_eq!(ecs(&aws, "ListTasks", &json!({}))["__type"], "ThrottlingException");
    }
    aws.clear_faults();
    assert_eq!(ecs(&aws, "ListTasks", &json!({}))["taskArns"], json!([]));
}

#[test]
fn a_lost_answer_may_have_had_its_effect() {
    let template = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}).to_string();
    let call = [("StackName", "q"), ("TemplateBody", template.as_str()), ("ClientRequestToken", "once")];
    let aws = fake();
    aws.fault(Fault::new(FaultKind::Reset).operation("CreateStack"));
    assert!(try_query(&aws, "cloudformation", "CreateStack", &call).is_err());
    assert_eq!(aws.stack_status("q"), None);
    aws.fault(Fault::new(FaultKind::Reset).operation("CreateStack").after_effect());
    assert!(try_query(&aws, "cloudformation", "CreateStack", &call).is_err());
    assert!(aws.stack_status("q").is_some());
    // The same token is the same call; another one is a second copy, and refused.
    assert_eq!(cfn(&aws, "CreateStack", &call).status, 200);
    let other = [("StackName", "q"), ("TemplateBody", template.as_str())];
    assert_eq!(cfn(&aws, "CreateStack", &other).element("Code"), Some("AlreadyExistsException"));
    assert_eq!(aws.stack_names(), ["q"]);
}

#[test]
fn calls_are_recorded_in_order_and_without_secrets() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[("Image", "shop/web:v1")]);
    cfn(&aws, "DescribeStacks", &[("StackName", "web")]);
    let secret = json!({"Name": "/shop/KEY", "Value": "hunter2", "Type": "SecureString"});
    json(&aws, "ssm", "AmazonSSM.PutParameter", &secret);
    json(
        &aws,
        "secretsmanager",
        "secretsmanager.CreateSecret",
        &json!({"Name": "db", "SecretString": "hunter2"}),
    );
    query(&aws, "sts", "GetCallerIdentity", &[]);
    let requests = aws.requests();
    assert_eq!(
        requests.mutating().names(),
        [
            "cloudformation:CreateChangeSet",
            "cloudformation:ExecuteChangeSet",
            "ssm:PutParameter",
            "secretsmanager:CreateSecret",
        ]
    );
    assert_eq!(requests.names()[2], "cloudformation:DescribeStacks");
    let first = &requests.0[0];
    assert_eq!(
        first.parameters["Parameters"],
        json!([{"ParameterKey": "Image", "ParameterValue": "shop/web:v1"}])
    );
    assert_eq!((first.number, first.outcome.as_str(), first.account.as_str()), (1, "ok", "123456789012"));
    assert!(!format!("{requests:?}").contains("hunter2"));
    assert_eq!(aws.secret_names(), ["/shop/KEY", "db"]);
    aws.clear_requests();
    assert!(aws.requests().is_empty());
}

#[test]
fn time_passes_as_the_clock_says() {
    let clock = seaway_testkit::fake_aws::Clock { per_request_ms: 0, speed: 0 };
    let aws = FakeAws::start(Scenario { clock, ..Scenario::default() }).unwrap();
    cfn(&aws, "ListStacks", &[]);
    assert_eq!(aws.elapsed(), Duration::ZERO);
    aws.advance(Duration::from_millis(1234));
    assert_eq!(aws.elapsed(), Duration::from_millis(1234));
    let usual = fake();
    cfn(&usual, "ListStacks", &[]);
    cfn(&usual, "ListStacks", &[]);
    assert_eq!(usual.elapsed(), Duration::from_secs(2));
}

#[test]
fn people_and_other_programs_have_an_address_of_their_own() {
    let aws = fake();
    let fault = json!({"kind": "throttled", "operation": "ListStacks"}).to_string();
    assert_eq!(send(&aws, "POST /_fake/fault", "x", "", &fault).unwrap().body, "true");
    assert_eq!(cfn(&aws, "ListStacks", &[]).status, 400);
    assert_eq!(send(&aws, "POST /_fake/advance", "x", "", "500").unwrap().body, "true");
    assert_eq!(aws.elapsed(), Duration::from_millis(1500));
    let requests = send(&aws, "GET /_fake/requests", "x", "", "").unwrap().json();
    assert_eq!((requests.as_array().unwrap().len(), &requests[0]["outcome"]), (1, &json!("throttled")));
    assert_eq!(send(&aws, "POST /_fake/fault", "x", "", "{}").unwrap().status, 400);
}
