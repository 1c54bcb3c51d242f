//! Locks, release records and secrets.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::ErrorKind;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use seaway_cloud::Store;
use secrecy::SecretString;
use serde_json::json;

use super::scripted::Scripted;

const LOCK: &str = "/seaway-111122223333-eu-west-1/locks/shop/production.json";

fn s3_error(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>no</Message><RequestId>r-1</RequestId></Error>")
}

fn owner(id: &str, since: &str) -> LockOwner {
    LockOwner {
        id: id.into(),
        who: "me@there".into(),
        pid: 1,
        action: "up".into(),
        run_url: Some("https://ci.example.test/1".into()),
        since: since.parse().unwrap(),
    }
}

#[tokio::test]
async fn a_free_lock_is_taken() {
    let server = Scripted::start().await;
    server.on(&format!("PUT {LOCK}"), 200, "");
    let me = owner("me", "2026-11-20T12:00:00Z");
    let answer = server.cloud().await.acquire_lock("shop", "production", &me).await.unwrap();
    assert_eq!(answer, Lock::Acquired);
    let put = server.call(&format!("PUT {LOCK}"));
    assert!(put.headers.contains("if-none-match: *"), "{}", put.headers);
}

#[tokio::test]
async fn a_held_lock_says_by_whom() {
    let server = Scripted::start().await;
    server.on(&format!("PUT {LOCK}"), 412, &s3_error("PreconditionFailed"));
    let other = owner("other", &Timestamp::now().to_string());
    server.on(&format!("GET {LOCK}"), 200, &serde_json::to_string(&other).unwrap());
    let me = owner("me", "2026-11-20T12:00:00Z");
    let cloud = server.cloud().await;
    assert_eq!(cloud.acquire_lock("shop", "production", &me).await.unwrap(), Lock::Held(other.clone()));
    // Not ours: it is not given back.
    cloud.release_lock("shop", "production", &me).await.unwrap();
    assert!(!server.actions().iter().any(|action| action.starts_with("DELETE")));
    server.on(&format!("DELETE {LOCK}"), 204, "");
    assert_eq!(cloud.break_lock("shop", "production").await.unwrap(), Some(other));
    assert!(server.call(&format!("DELETE {LOCK}")).headers.contains("if-match: \"tag-1\""));
}

#[tokio::test]
async fn an_old_lock_is_taken_over() {
    let server = Scripted::start().await;
    server.on(&format!("PUT {LOCK}"), 412, &s3_error("PreconditionFailed"));
    server.on(&format!("PUT {LOCK}"), 200, "");
    let other = owner("other", "2020-01-01T00:00:00Z");
    server.on(&format!("GET {LOCK}"), 200, &serde_json::to_string(&other).unwrap());
    let me = owner("me", "2026-11-20T12:00:00Z");
    let answer = server.cloud().await.acquire_lock("shop", "production", &me).await.unwrap();
    assert_eq!(answer, Lock::Acquired);
    let last = server.calls().pop().unwrap();
    assert!(last.headers.contains("if-match: \"tag-1\""), "only the lock that was seen: {}", last.headers);
}

#[tokio::test]
async fn an_unprepared_account_is_named() {
    let server = Scripted::start().await;
    server.on(&format!("PUT {LOCK}"), 404, &s3_error("NoSuchBucket"));
    let me = owner("me", "2026-11-20T12:00:00Z");
    let refused = server.cloud().await.acquire_lock("shop", "production", &me).await.unwrap_err();
    assert!(refused.hint.unwrap().contains("aws s3 mb"));
}

fn release(number: u64, who: &str) -> ReleaseRecord {
    ReleaseRecord {
        summary: ReleaseSummary {
            app: "shop".into(),
            env: "production".into(),
            number,
            outcome: Outcome::Serving,
            action: "up".into(),
            reason: None,
            who: who.into(),
            commit: None,
            images: IndexMap::new(),
            started: "2026-11-20T12:00:00Z".parse().unwrap(),
            finished: None,
        },
        stacks: vec![],
    }
}

const RELEASE: &str = "/seaway-111122223333-eu-west-1/releases/shop/production/0000000001";

#[tokio::test]
async fn a_record_is_written_and_replaced() {
    let server = Scripted::start().await;
    let missing = s3_error("NoSuchKey");
    for name in ["release", "summary"] {
        server.on(&format!("GET {RELEASE}/{name}.json"), 404, &missing);
        server.on(&format!("PUT {RELEASE}/{name}.json"), 200, "");
    }
    server.cloud().await.put_release(&release(1, "me")).await.unwrap();
    let puts: Vec<_> = server.calls().into_iter().filter(|call| call.action.starts_with("PUT")).collect();
    assert_eq!(puts.len(), 2);
    assert!(puts.iter().all(|put| put.headers.contains("if-none-match: *")));
    assert!(puts[0].action.ends_with("release.json"), "the record before what promises it");

    let server = Scripted::start().await;
    let mut old = release(1, "me");
    old.summary.outcome = Outcome::InProgress;
    for (name, text) in [
        ("release", serde_json::to_string(&old).unwrap()),
        ("summary", serde_json::to_string(&old.summary).unwrap()),
    ] {
        server.on(&format!("GET {RELEASE}/{name}.json"), 200, &text);
        server.on(&format!("PUT {RELEASE}/{name}.json"), 200, "");
    }
    let cloud = server.cloud().await;
    cloud.put_release(&release(1, "me")).await.unwrap();
    assert!(
        server
            .calls()
            .iter()
            .filter(|call| call.action.starts_with("PUT"))
            .all(|put| { put.headers.contains("if-match: \"tag-1\"") })
    );
    let refused = cloud.put_release(&release(1, "somebody")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict);
}

#[tokio::test]
async fn all_releases_newest_first() {
    let server = Scripted::start().await;
    let key = |number: u32, name: &str| format!("releases/shop/production/{number:010}/{name}.json");
    let contents: String = [1, 2]
        .into_iter()
        .flat_map(|number| [key(number, "release"), key(number, "summary")])
        .map(|key| format!("<Contents><Key>{key}</Key></Contents>"))
        .collect();
    let list = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>");
    server.on("GET /seaway-111122223333-eu-west-1/", 200, &list);
    server.on("GET /seaway-111122223333-eu-west-1", 200, &list);
    for number in [1, 2] {
        let text = serde_json::to_string(&release(number.into(), "me").summary).unwrap();
        server.on(&format!("GET /seaway-111122223333-eu-west-1/{}", key(number, "summary")), 200, &text);
    }
    let all = server.cloud().await.releases("shop", "production").await.unwrap();
    assert_eq!(all.iter().map(|summary| summary.number).collect::<Vec<_>>(), [2, 1]);
}

fn secret(name: &str, value: &str) -> SecretValue {
    SecretValue { name: name.into(), source: SecretSource::Value(SecretString::from(value.to_owned())) }
}

#[tokio::test]
async fn a_parameter_is_written_once() {
    let server = Scripted::start().await;
    let missing = json!({ "Parameters": [], "InvalidParameters": ["/shop/production/KEY"] });
    server.on("GetParameters", 200, &missing.to_string());
    let there = json!({ "Parameters": [{ "Name": "/shop/production/KEY", "Type": "SecureString", "Value": "hunter2" }] });
    server.on("GetParameters", 200, &there.to_string());
    server.on("PutParameter", 200, "{\"Version\":1}");
    let cloud = server.cloud().await;
    let secrets = [secret("/shop/production/KEY", "hunter2")];
    cloud.put_secrets(&secrets).await.unwrap();
    cloud.put_secrets(&secrets).await.unwrap();
    let put: serde_json::Value = serde_json::from_str(&server.call("PutParameter").body).unwrap();
    assert_eq!(put["Type"], "SecureString");
    assert_eq!(put["Overwrite"], true);
}

#[tokio::test]
async fn a_refusal_does_not_tell_the_value() {
    let server = Scripted::start().await;
    let denied = json!({ "__type": "AccessDeniedException", "message": "not authorized to perform: ssm:PutParameter" });
    server.on("GetParameters", 400, &denied.to_string());
    server.on("PutParameter", 400, &denied.to_string());
    let cloud = server.cloud().await;
    let refused = cloud.put_secrets(&[secret("/shop/production/KEY", "hunter2")]).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::AccessDenied);
    assert!(!format!("{refused:?}{cloud:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_secret_is_made_when_it_is_not_there() {
    let server = Scripted::start().await;
    let missing = json!({ "__type": "ResourceNotFoundException", "message": "no" });
    server.on("GetSecretValue", 400, &missing.to_string());
    server.on("PutSecretValue", 400, &missing.to_string());
    server.on("CreateSecret", 200, "{}");
    server.cloud().await.put_secrets(&[secret("shop/key", "hunter2")]).await.unwrap();
    assert_eq!(server.actions(), ["GetSecretValue", "PutSecretValue", "CreateSecret"]);
}

#[tokio::test]
async fn missing_values_are_found_without_reading_any() {
    let server = Scripted::start().await;
    let answer = json!({ "Parameters": [{ "Name": "/shop/A" }], "InvalidParameters": ["/shop/B"] });
    server.on("GetParameters", 200, &answer.to_string());
    server.on("DescribeSecret", 200, "{\"Name\":\"empty\"}");
    let names = ["/shop/A".to_owned(), "empty".to_owned(), "/shop/B".to_owned()];
    let missing = server.cloud().await.missing_secrets(&names).await.unwrap();
    assert_eq!(missing, ["empty", "/shop/B"]);
    assert!(server.call("GetParameters").body.contains("\"WithDecryption\":false"));
    assert!(!server.actions().iter().any(|action| action == "GetSecretValue"));
}
