//! Raw requests through the server, as SDKs send them.

use std::time::Instant;

use bytes::Bytes;
use camino::Utf8Path;
use http::Request;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use indexmap::IndexMap;
use seaway_cloud::Realised;
use serde_json::Value;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Emulator;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;
use crate::store::Store;

struct World {
    emulator: Emulator,
    client: Client<HttpConnector, Full<Bytes>>,
    dir: tempfile::TempDir,
}

fn context(kind: &str, id: &str) -> ResourceContext {
    ResourceContext {
        stack: "shop-local-resources".to_owned(),
        logical_id: id.to_owned(),
        resource_type: format!("AWS::SQS::{kind}"),
        tags: IndexMap::new(),
        token: format!("token-{id}"),
        cancelled: CancellationToken::new(),
    }
}

async fn open(dir: &tempfile::TempDir) -> Emulator {
    let store = Store::open(Utf8Path::from_path(dir.path()).unwrap()).unwrap();
    Emulator::open(store, None).await.unwrap()
}

impl World {
    async fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        let emulator = open(&dir).await;
        World { emulator, client: Client::builder(TokioExecutor::new()).build_http(), dir }
    }

    async fn queue(&self, id: &str, properties: Value) -> Physical {
        self.emulator.create(&context("Queue", id), &properties).await.unwrap()
    }

    async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, http::HeaderMap, String) {
        let mut request = Request::post(format!("{}{path}", self.emulator.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn call(&self, action: &str, body: Value) -> Value {
        let target = format!("AmazonSQS.{action}");
        let (status, _, text) = self.post("/", &[("x-amz-target", &target)], body.to_string()).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn receive(&self, url: &str, more: Value) -> Vec<Value> {
        let mut body = json!({"QueueUrl": url});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("ReceiveMessage", body).await["Messages"].as_array().cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn send_receive_delete() {
    let world = World::new().await;
    let queue = world.queue("Orders", json!({"VisibilityTimeout": "60"})).await;
    assert_eq!(queue.id, queue.attributes["QueueUrl"]);
    assert!(queue.id.starts_with("http://host.docker.internal:"), "{}", queue.id);
    let name = &queue.attributes["QueueName"];
    assert_eq!(queue.attributes["Arn"], format!("arn:aws:sqs:us-east-1:000000000000:{name}"));
    assert_eq!(world.emulator.environment()["AWS_ENDPOINT_URL"], queue.id.rsplitn(3, '/').last().unwrap());

    let attributes = json!({"kind": {"DataType": "String", "StringValue": "new"}});
    let sent = world
        .call(
            "SendMessage",
            json!({"QueueUrl": queue.id, "MessageBody": "order 1", "MessageAttributes": attributes}),
        )
        .await;
    assert_eq!(sent["MD5OfMessageBody"], "99a233e67156812c9681c22c78e91aaa");
    let got = world.receive(&queue.id, json!({"MessageAttributeNames": ["All"]})).await;
    assert_eq!(
        (got.len(), &got[0]["Body"], &got[0]["MessageAttributes"]),
        (1, &json!("order 1"), &attributes)
    );
    assert!(world.receive(&queue.id, json!({})).await.is_empty(), "invisible while it is worked on");
    // The host's own address works alike, and URLs lead back to it.
    let found = world.call("GetQueueUrl", json!({"QueueName": name})).await;
    let local = format!("{}/000000000000/{name}", world.emulator.url());
    assert_eq!(found["QueueUrl"], local);
    let handle = &got[0]["ReceiptHandle"];
    world
        .call(
            "ChangeMessageVisibility",
            json!({"QueueUrl": local, "ReceiptHandle": handle, "VisibilityTimeout": 0}),
        )
        .await;
    let counts =
        world.call("GetQueueAttributes", json!({"QueueUrl": local, "AttributeNames": ["All"]})).await;
    assert_eq!(counts["Attributes"]["ApproximateNumberOfMessages"], "1");
    assert_eq!(counts["Attributes"]["VisibilityTimeout"], "60");
    let again = world.receive(&local, json!({})).await;
    assert_eq!(again[0]["Attributes"]["ApproximateReceiveCount"], "2");
    world.call("DeleteMessage", json!({"QueueUrl": local, "ReceiptHandle": again[0]["ReceiptHandle"]})).await;
    let counts =
        world.call("GetQueueAttributes", json!({"QueueUrl": local, "AttributeNames": ["All"]})).await;
    assert_eq!(counts["Attributes"]["ApproximateNumberOfMessages"], "0");
    world.emulator.close_all().await;
}

#[tokio::test]
async fn errors_have_the_shape_of_sdks() {
    let world = World::new().await;
    let body = json!({"QueueUrl": "http://x/0/nope", "MessageBody": "a"}).to_string();
    let (status, headers, text) = world.post("/", &[("x-amz-target", "AmazonSQS.SendMessage")], body).await;
    assert_eq!(status, 400);
    assert_eq!(headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
    let error: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        error,
        json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."})
    );
    let credential = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x";
    let headers = [("x-amz-target", "DynamoDB_20120810.ListTables"), ("authorization", credential)];
    let (status, _, text) = world.post("/", &headers, "{}".to_owned()).await;
    assert_eq!(status, 501);
    assert!(text.contains("not dynamodb"), "{text}");
    world.emulator.close_all().await;
}

#[tokio::test]
async fn long_polls_wait_and_wake() {
    let world = World::new().await;
    let queue = world.queue("Orders", json!({})).await;
    let began = Instant::now();
    assert!(world.receive(&queue.id, json!({"WaitTimeSeconds": 1})).await.is_empty());
    assert!(began.elapsed().as_millis() >= 1000);
    let (waiting, _) = tokio::join!(world.receive(&queue.id, json!({"WaitTimeSeconds": 20})), async {
        // Sent while the other one waits; were it the other way round, it would still arrive.
        tokio::task::yield_now().await;
        world.call("SendMessage", json!({"QueueUrl": queue.id, "MessageBody": "late"})).await
    });
    assert_eq!(waiting[0]["Body"], "late");
    assert!(began.elapsed().as_secs() < 15, "the arrival ends the wait");
    world.emulator.close_all().await;
}

#[tokio::test]
async fn dead_letters_move_and_come_back() {
    let world = World::new().await;
    let dead = world.queue("Dead", json!({})).await;
    // Composed with another region: the name counts.
    let arn = dead.attributes["Arn"].replace("us-east-1", "local");
    let properties = json!({"RedrivePolicy": {"deadLetterTargetArn": arn, "maxReceiveCount": 2}});
    let queue = world.queue("Orders", properties.clone()).await;
    world.call("SendMessage", json!({"QueueUrl": queue.id, "MessageBody": "poison"})).await;
    for _ in 0..2 {
        let got = world.receive(&queue.id, json!({})).await;
        let handle = &got[0]["ReceiptHandle"];
        world
            .call(
                "ChangeMessageVisibility",
                json!({"QueueUrl": queue.id, "ReceiptHandle": handle, "VisibilityTimeout": 0}),
            )
            .await;
    }
    assert!(world.receive(&queue.id, json!({})).await.is_empty());
    let got = world.receive(&dead.id, json!({})).await;
    assert_eq!(got[0]["Body"], "poison");
    world.call("StartMessageMoveTask", json!({"SourceArn": dead.attributes["Arn"]})).await;
    assert_eq!(world.receive(&queue.id, json!({})).await[0]["Body"], "poison");

    let missing =
        json!({"RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:x:0:nope", "maxReceiveCount": 2}});
    let error = world.emulator.create(&context("Queue", "Other"), &missing).await.unwrap_err();
    assert!(error.0.starts_with("Dead letter target does not exist"), "{error}");
    // Taking the policy away in place.
    world.emulator.update(&context("Queue", "Orders"), &queue.id, &properties, &json!({})).await.unwrap();
    let attributes = world.call("GetQueueAttributes", json!({"QueueUrl": queue.id})).await;
    assert_eq!(attributes["Attributes"].get("RedrivePolicy"), None);
    world.emulator.close_all().await;
}

#[tokio::test]
async fn fifo_groups_keep_their_order() {
    let world = World::new().await;
    let queue = world.queue("Steps", json!({"FifoQueue": true, "ContentBasedDeduplication": true})).await;
    assert!(queue.id.ends_with(".fifo"));
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a1")] {
        world
            .call("SendMessage", json!({"QueueUrl": queue.id, "MessageBody": body, "MessageGroupId": group}))
            .await;
    }
    let first = world.receive(&queue.id, json!({})).await;
    assert_eq!(first[0]["Body"], "a1");
    let second = world.receive(&queue.id, json!({"MaxNumberOfMessages": 10})).await;
    assert_eq!(
        second.iter().map(|message| &message["Body"]).collect::<Vec<_>>(),
        [&json!("b1")],
        "a2 waits for a1"
    );
    world
        .call("DeleteMessage", json!({"QueueUrl": queue.id, "ReceiptHandle": first[0]["ReceiptHandle"]}))
        .await;
    let third = world.receive(&queue.id, json!({"MaxNumberOfMessages": 10})).await;
    assert_eq!(
        third.iter().map(|message| &message["Body"]).collect::<Vec<_>>(),
        [&json!("a2")],
        "and a1 was not there twice"
    );
    world.emulator.close_all().await;
}

#[tokio::test]
async fn query_protocol() {
    let world = World::new().await;
    let queue = world.queue("Orders", json!({})).await;
    let path = queue.id.splitn(4, '/').last().unwrap().to_owned();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "Action=SendMessage&Version=2012-11-05&MessageBody=a%26b%20%3Cc%3E".to_owned();
    let (status, headers, text) = world.post(&format!("/{path}"), &form, body).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/xml"), "{text}");
    assert!(
        text.contains(
            "<SendMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><SendMessageResult>"
        ),
        "{text}"
    );
    let (_, _, text) = world
        .post(&format!("/{path}"), &form, "Action=ReceiveMessage&MaxNumberOfMessages=1".to_owned())
        .await;
    assert!(text.contains("<Message>") && text.contains("<Body>a&amp;b &lt;c&gt;</Body>"), "{text}");
    assert!(
        text.contains("<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>"),
        "{text}"
    );
    let (status, _, text) = world.post("/0/nope", &form, "Action=PurgeQueue".to_owned()).await;
    assert_eq!(status, 400);
    assert!(text.contains("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"), "{text}");
    world.emulator.close_all().await;
}

#[tokio::test]
async fn queues_and_messages_survive_a_restart() {
    let world = World::new().await;
    let queue = world
        .queue("Orders", json!({"QueueName": "orders", "DelaySeconds": 0, "VisibilityTimeout": 77}))
        .await;
    world.call("SendMessage", json!({"QueueUrl": queue.id, "MessageBody": "one"})).await;
    world.call("SendMessage", json!({"QueueUrl": queue.id, "MessageBody": "two"})).await;
    let got = world.receive(&queue.id, json!({})).await;
    world.emulator.close_all().await;

    let emulator = open(&world.dir).await;
    let world =
        World { emulator, client: Client::builder(TokioExecutor::new()).build_http(), dir: world.dir };
    let again = world.queue("Orders", json!({"QueueName": "orders", "VisibilityTimeout": 77})).await;
    assert_eq!(again, queue, "the same port, the same URL");
    // What was being worked on still is, and can be deleted with the handle from before.
    world
        .call("DeleteMessage", json!({"QueueUrl": queue.id, "ReceiptHandle": got[0]["ReceiptHandle"]}))
        .await;
    let rest = world.receive(&queue.id, json!({"MaxNumberOfMessages": 10})).await;
    assert_eq!(rest.iter().map(|message| &message["Body"]).collect::<Vec<_>>(), [&json!("two")]);

    let clash =
        world.emulator.create(&context("Queue", "Clash"), &json!({"QueueName": "orders"})).await.unwrap_err();
    assert!(clash.0.contains("already exists"), "{clash}");
    let policy = json!({"Queues": [queue.id], "PolicyDocument": {"Version": "2012-10-17", "Statement": []}});
    let made = world.emulator.create(&context("QueuePolicy", "Policy"), &policy).await.unwrap();
    assert_eq!(made.realised, Realised::DeclaredOnly);
    let attributes = world.call("GetQueueAttributes", json!({"QueueUrl": queue.id})).await;
    assert_eq!(attributes["Attributes"]["Policy"], "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    for _ in 0..2 {
        world.emulator.delete(&context("QueuePolicy", "Policy"), &made.id, &policy).await.unwrap();
        world.emulator.delete(&context("Queue", "Orders"), &queue.id, &json!({})).await.unwrap();
    }
    assert_eq!(world.call("ListQueues", json!({})).await.get("QueueUrls"), Some(&json!([])));
    world.emulator.close_all().await;
}

#[test]
fn replacements() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let emulator = runtime.block_on(open(&dir));
    let table = [
        (json!({}), json!({"QueueName": "a"}), true),
        (json!({"FifoQueue": "true"}), json!({"FifoQueue": true}), false),
        (json!({"FifoQueue": "true"}), json!({}), true),
        (json!({"DelaySeconds": 1}), json!({"DelaySeconds": 2}), false),
    ];
    for (old, new, expected) in table {
        assert_eq!(emulator.replaces("AWS::SQS::Queue", &old, &new), expected, "{old} {new}");
    }
    assert!(!emulator.replaces(
        "AWS::SQS::QueuePolicy",
        &json!({"Queues": ["a"]}),
        &json!({"Queues": ["b"]})
    ));
}

#[tokio::test]
async fn a_queue_that_a_killed_creation_left_is_found_by_its_token() {
    let world = World::new().await;
    let made = world.queue("Orders", json!({"QueueName": "orders"})).await;
    world.queue("Other", json!({"QueueName": "other"})).await;
    for id in ["Nobody", "Orders"] {
        world.emulator.delete(&context("Queue", id), "", &json!({})).await.unwrap();
    }
    let left: Vec<String> = world.emulator.backend().lock().state.queues.keys().cloned().collect();
    assert_eq!(left, ["other"], "{} is gone", made.id);
    world.emulator.close_all().await;
}
