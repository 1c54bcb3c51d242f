//! A whole release on AWS as far as it can be shown without an account: the binary against the
//! fake of the endpoints.
#![expect(clippy::unwrap_used, reason = "a fake that cannot be reached fails the test")]

use std::io::Read;
use std::io::Write;

use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::Scenario;

use crate::support::TestEnv;

const APP: &str = "\
name: hello
services:
  web:
    image: registry.example.com/web:1
    ports: [\"80:8080\"]
    environment:
      TITLE: ${TITLE:-hello}
x-environments:
  test: { region: eu-west-1 }
";

/// Makes the artifact bucket, as bootstrapping the account would.
fn make_bucket(aws: &FakeAws) {
    let address = aws.url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let scope = "AKIAFAKE000000000000/20261120/eu-west-1/s3/aws4_request";
    let request = format!(
        "PUT /seaway-123456789012-eu-west-1 HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn up_serves_and_again_changes_nothing() {
    let aws = FakeAws::start(Scenario::named("success").unwrap()).unwrap();
    let env = TestEnv::with(APP);
    let variables = [
        ("AWS_ENDPOINT_URL", aws.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIAFAKE000000000000"),
        ("AWS_SECRET_ACCESS_KEY", "fake"),
    ];
    let unprepared = env.run_with("up -e test --yes", &variables);
    unprepared.says(&["NoSuchBucket", "the account and region are not prepared"]);
    make_bucket(&aws);
    aws.clear_requests();

    env.run_with("up -e test --yes", &variables)
        .exits(0)
        .says(&["release 1 is serving", "elb.amazonaws.com"]);
    for stack in ["hello-test-network", "hello-test-platform", "hello-test-web"] {
        assert_eq!(
            aws.stack_status(stack).map(|status| status.to_string()).as_deref(),
            Some("CREATE_COMPLETE")
        );
    }

    aws.clear_requests();
    env.run_with("plan -e test --exit-code", &variables).exits(0);
    let changed = [variables.as_slice(), &[("TITLE", "another")]].concat();
    let plan = env.run_with("plan -e test --exit-code", &changed).exits(4);
    assert!(plan.out.contains("hello-test-web  update") && plan.out.contains("TITLE"), "{plan:#?}");
    env.run_with("up -e test --yes", &variables).exits(0).says(&["nothing to do"]);
    let touched = aws.requests().mutating().names();
    // The lock is taken and given back; nothing else is written.
    assert!(touched.iter().all(|name| name.contains("Object")), "{touched:?}");
}
