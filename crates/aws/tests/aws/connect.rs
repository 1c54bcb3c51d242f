//! The account is checked before anything else.

use seaway_aws::AssumeRole;
use seaway_aws::AwsCloud;
use seaway_cloud::Cloud;
use seaway_cloud::ErrorKind;

use super::scripted::ACCOUNT;
use super::scripted::Scripted;
use super::scripted::error;
use super::scripted::result;

#[tokio::test]
async fn the_right_account() {
    let server = Scripted::start().await;
    let identity = server.cloud().await.identity().await.unwrap();
    assert_eq!((identity.account.as_str(), identity.region.as_str()), (ACCOUNT, "eu-west-1"));
    assert_eq!(identity.caller, format!("arn:aws:iam::{ACCOUNT}:role/deploy"));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn the_wrong_account() {
    let server = Scripted::start().await;
    let mut target = server.target();
    target.account = Some("999999999999".into());
    let refused = AwsCloud::connect(&target).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Validation);
    let text = refused.to_string();
    assert!(text.contains(ACCOUNT) && text.contains("999999999999"), "{text}");
    assert!(server.calls().is_empty(), "nothing else is asked");
}

#[tokio::test]
async fn expired_and_denied() {
    for (code, status, kind, words) in [
        ("ExpiredToken", 403, ErrorKind::Credentials, "the credentials expired"),
        ("InvalidClientTokenId", 403, ErrorKind::Credentials, "no usable credentials"),
        ("AccessDenied", 403, ErrorKind::AccessDenied, "AWS refused"),
    ] {
        let refusing = Scripted::start().await;
        refusing.on("GetCallerIdentity", status, &error(code, "no"));
        // The first answer is the prepared one; it is used up.
        refusing.cloud().await;
        let refused = AwsCloud::connect(&refusing.target()).await.unwrap_err();
        assert_eq!(refused.kind, kind, "{refused}");
        assert!(refused.message.contains(words), "{refused}");
        assert!(refused.hint.is_some());
    }
}

#[tokio::test]
async fn roles_are_assumed_in_order() {
    let server = Scripted::start().await;
    let keys = |id: &str| {
        let inner = format!(
            "<Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>a</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/a/b</Arn></AssumedRoleUser>"
        );
        result("AssumeRole", &inner)
    };
    server.on("AssumeRole", 200, &keys("FIRSTROLE"));
    server.on("AssumeRole", 200, &keys("SECONDROLE"));
    let mut target = server.target();
    let role = |name: &str, id: Option<&str>| AssumeRole {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        external_id: id.map(str::to_owned),
    };
    target.roles = vec![role("hub", None), role("deploy", Some("x-1"))];
    AwsCloud::connect(&target).await.unwrap();
    let calls = server.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls[0].body.contains("role/hub") && calls[0].headers.contains("akidexample"));
    assert!(calls[1].body.contains("role/deploy") && calls[1].headers.contains("firstrole"));
    assert!(calls[1].body.contains("ExternalId=x-1"), "{}", calls[1].body);
    assert!(calls[1].body.contains("RoleSessionName=seaway-shop-production"), "{}", calls[1].body);
}

#[tokio::test]
async fn what_cannot_be_is_not_asked() {
    let server = Scripted::start().await;
    for (account, region) in [("12", "eu-west-1"), (ACCOUNT, "moon")] {
        let mut target = server.target();
        target.account = Some(account.into());
        target.region = Some(region.into());
        assert_eq!(AwsCloud::connect(&target).await.unwrap_err().kind, ErrorKind::Validation);
    }
}
