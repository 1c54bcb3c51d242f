//! Stacks by change set.

use indexmap::IndexMap;
use seaway_aws::Action;
use seaway_cloud::ErrorKind;
use seaway_cloud::StackChange;
use seaway_cloud::StackInput;
use seaway_cloud::StackStatus;
use seaway_cloud::Stacks;

use super::scripted::Scripted;
use super::scripted::error;
use super::scripted::result;

const NAME: &str = "shop-production-web";
const ID: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-production-web/1";

fn input() -> StackInput {
    StackInput {
        name: NAME.into(),
        template: r#"{"Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{}}}}"#.into(),
        parameters: IndexMap::from([("Cpu".into(), "256".into())]),
        tags: IndexMap::from([("seaway:app".into(), "shop".into())]),
        termination_protection: false,
    }
}

fn stack(status: &str, more: &str) -> String {
    let member = format!(
        "<member><StackName>{NAME}</StackName><StackId>{ID}</StackId><StackStatus>{status}</StackStatus>\
         <CreationTime>2026-11-20T12:00:00Z</CreationTime>{more}</member>"
    );
    result("DescribeStacks", &format!("<Stacks>{member}</Stacks>"))
}

fn missing(server: &Scripted) {
    server.on(
        "DescribeStacks",
        400,
        &error("ValidationError", &format!("Stack with id {NAME} does not exist")),
    );
}

fn change_set(server: &Scripted, status: &str, reason: &str) {
    let inner = format!("<Id>arn:changeset</Id><StackId>{ID}</StackId>");
    server.on("CreateChangeSet", 200, &result("CreateChangeSet", &inner));
    let pending = format!("<StackId>{ID}</StackId><Status>CREATE_PENDING</Status>");
    server.on("DescribeChangeSet", 200, &result("DescribeChangeSet", &pending));
    let done =
        format!("<StackId>{ID}</StackId><Status>{status}</Status><StatusReason>{reason}</StatusReason>");
    server.on("DescribeChangeSet", 200, &result("DescribeChangeSet", &done));
    server.on("ExecuteChangeSet", 200, &result("ExecuteChangeSet", ""));
    server.on("DeleteChangeSet", 200, &result("DeleteChangeSet", ""));
    server.on("DeleteStack", 200, &result("DeleteStack", ""));
    server.on("UpdateTerminationProtection", 200, &result("UpdateTerminationProtection", ""));
    let event = "<StackEvents><member><StackId>s</StackId><EventId>e1</EventId><StackName>n</StackName>\
                 <Timestamp>2026-11-20T12:00:00.001Z</Timestamp></member></StackEvents>";
    server.on("DescribeStackEvents", 200, &result("DescribeStackEvents", event));
}

fn shell(server: &Scripted, names: &[&str]) {
    let members: String =
        names.iter().map(|name| format!("<member><ChangeSetName>{name}</ChangeSetName></member>")).collect();
    server.on("ListChangeSets", 200, &result("ListChangeSets", &format!("<Summaries>{members}</Summaries>")));
}

#[tokio::test]
async fn a_stack_is_created() {
    let server = Scripted::start().await;
    missing(&server);
    change_set(&server, "CREATE_COMPLETE", "");
    let mut input = input();
    input.termination_protection = true;
    let change = server.cloud().await.put_stack(&input).await.unwrap();
    assert_eq!(change, StackChange::Started { after: 1_795_176_000_001_000 });
    assert_eq!(
        server.actions(),
        [
            "DescribeStacks",
            "CreateChangeSet",
            "DescribeChangeSet",
            "DescribeChangeSet",
            "UpdateTerminationProtection",
            "DescribeStackEvents",
            "ExecuteChangeSet",
        ]
    );
    let sent = server.call("CreateChangeSet").body;
    for field in [
        "ChangeSetType=CREATE",
        "Capabilities.member.1=CAPABILITY_IAM",
        "Parameters.member.1.ParameterKey=Cpu",
        "Parameters.member.1.ParameterValue=256",
        "Tags.member.1.Key=seaway:app",
    ] {
        assert!(sent.contains(field), "{field} is not in {sent}");
    }
    assert!(!sent.contains("CAPABILITY_NAMED_IAM") && !sent.contains("RoleARN"), "{sent}");
    let executed = server.call("ExecuteChangeSet").body;
    assert!(executed.contains("ClientRequestToken=seaway-"), "{executed}");
    assert!(!server.calls()[2].body.contains("IncludePropertyValues"));
}

#[tokio::test]
async fn nothing_changed() {
    let server = Scripted::start().await;
    server.on("DescribeStacks", 200, &stack("UPDATE_COMPLETE", ""));
    change_set(&server, "FAILED", "The submitted information didn't contain changes.");
    assert_eq!(server.cloud().await.put_stack(&input()).await.unwrap(), StackChange::Unchanged);
    let actions = server.actions();
    assert_eq!(actions.last().map(String::as_str), Some("DeleteChangeSet"), "{actions:?}");
    assert!(server.call("CreateChangeSet").body.contains("ChangeSetType=UPDATE"));
}

#[tokio::test]
async fn a_refused_template_leaves_no_shell() {
    let server = Scripted::start().await;
    missing(&server);
    change_set(&server, "FAILED", "Template error: no");
    shell(&server, &[]);
    let event = "<OperationEvents><member><LogicalResourceId>Role</LogicalResourceId>\
                 <ValidationPath>/Resources/Role/Properties/X</ValidationPath>\
                 <ValidationStatusReason>is unknown</ValidationStatusReason></member></OperationEvents>";
    server.on("DescribeEvents", 200, &result("DescribeEvents", event));
    let refused = server.cloud().await.put_stack(&input()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Validation);
    assert_eq!(refused.message, "Role at /Resources/Role/Properties/X: is unknown");
    let actions = server.actions();
    assert_eq!(actions[actions.len() - 3..], ["DeleteChangeSet", "ListChangeSets", "DeleteStack"]);
}

#[tokio::test]
async fn a_lost_answer_is_no_failure() {
    let again = Scripted::start().await;
    again.on("DescribeStacks", 200, &stack("CREATE_COMPLETE", ""));
    again.on("CreateChangeSet", 400, &error("AlreadyExistsException", "it is there"));
    let done = format!(
        "<StackId>{ID}</StackId><Status>CREATE_COMPLETE</Status>\
         <ExecutionStatus>EXECUTE_IN_PROGRESS</ExecutionStatus>"
    );
    again.on("DescribeChangeSet", 200, &result("DescribeChangeSet", &done));
    again.on("DescribeStackEvents", 200, &result("DescribeStackEvents", ""));
    again.on("ExecuteChangeSet", 400, &error("InvalidChangeSetStatus", "it is executed"));
    let change = again.cloud().await.put_stack(&input()).await.unwrap();
    assert_eq!(change, StackChange::Started { after: 0 });
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let server = Scripted::start().await;
    server.on("DescribeStacks", 400, &error("Throttling", "Rate exceeded"));
    server.on("DescribeStacks", 503, &error("ServiceUnavailable", "later"));
    server.on("DescribeStacks", 200, &stack("CREATE_COMPLETE", ""));
    let found = server.cloud().await.describe_stack(NAME).await.unwrap().unwrap();
    assert_eq!(found.status, StackStatus::CreateComplete);
    assert_eq!(server.actions().len(), 3);
}

#[tokio::test]
async fn every_status_is_answered() {
    let change = ["CreateChangeSet", "ExecuteChangeSet"].as_slice();
    let again = ["DeleteStack", "CreateChangeSet", "ExecuteChangeSet"].as_slice();
    let delete = ["DeleteStack"].as_slice();
    let busy = Err(ErrorKind::Conflict);
    let refused = Err(ErrorKind::Validation);
    for (status, up, down) in [
        ("CREATE_IN_PROGRESS", busy, Ok(delete)),
        ("CREATE_FAILED", Ok(again), Ok(delete)),
        ("CREATE_COMPLETE", Ok(change), Ok(delete)),
        ("ROLLBACK_IN_PROGRESS", busy, busy),
        ("ROLLBACK_FAILED", Ok(again), Ok(delete)),
        ("ROLLBACK_COMPLETE", Ok(again), Ok(delete)),
        ("DELETE_IN_PROGRESS", busy, Ok(&[][..])),
        ("DELETE_FAILED", Ok(again), Ok(delete)),
        ("DELETE_COMPLETE", Ok(change), Ok(&[][..])),
        ("UPDATE_IN_PROGRESS", busy, busy),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", busy, busy),
        ("UPDATE_COMPLETE", Ok(change), Ok(delete)),
        ("UPDATE_FAILED", Ok(change), Ok(delete)),
        ("UPDATE_ROLLBACK_IN_PROGRESS", busy, busy),
        ("UPDATE_ROLLBACK_FAILED", refused, Ok(delete)),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", busy, busy),
        ("UPDATE_ROLLBACK_COMPLETE", Ok(change), Ok(delete)),
        ("REVIEW_IN_PROGRESS", Ok(change), Ok(delete)),
        ("IMPORT_IN_PROGRESS", busy, busy),
        ("IMPORT_COMPLETE", Ok(change), Ok(delete)),
        ("IMPORT_ROLLBACK_IN_PROGRESS", busy, busy),
        ("IMPORT_ROLLBACK_FAILED", refused, Ok(delete)),
        ("IMPORT_ROLLBACK_COMPLETE", Ok(change), Ok(delete)),
    ] {
        for (put, expected) in [(true, up), (false, down)] {
            let server = Scripted::start().await;
            server.on("DescribeStacks", 200, &stack(status, ""));
            // Gone, once it is deleted.
            missing(&server);
            change_set(&server, "CREATE_COMPLETE", "");
            shell(&server, &["seaway-0123"]);
            server.on("ListStackResources", 200, &result("ListStackResources", ""));
            let cloud = server.cloud().await;
            let answer =
                if put { cloud.put_stack(&input()).await.map(drop) } else { cloud.delete_stack(NAME).await };
            let mutating: Vec<String> = server
                .actions()
                .into_iter()
                .filter(|action| !["Describe", "List", "Get"].iter().any(|verb| action.starts_with(verb)))
                .collect();
            let name = format!("{status} {}", if put { "up" } else { "down" });
            match expected {
                Ok(calls) => {
                    assert_eq!(answer, Ok(()), "{name}");
                    assert_eq!(mutating, calls, "{name}");
                }
                Err(kind) => {
                    let refused = answer.unwrap_err();
                    assert_eq!(refused.kind, kind, "{name}: {refused}");
                    assert!(refused.hint.is_some() && mutating.is_empty(), "{name}: {mutating:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_foreign_shell_is_left_alone() {
    let server = Scripted::start().await;
    server.on("DescribeStacks", 200, &stack("REVIEW_IN_PROGRESS", ""));
    shell(&server, &["seaway-0123", "by-hand"]);
    let cloud = server.cloud().await;
    assert_eq!(cloud.put_stack(&input()).await.unwrap_err().kind, ErrorKind::Validation);
    assert_eq!(cloud.delete_stack(NAME).await.unwrap_err().kind, ErrorKind::Validation);
    let seen = cloud.describe_stack(NAME).await.unwrap().unwrap();
    assert_eq!(seen.status, StackStatus::ReviewInProgress);
}

#[tokio::test]
async fn protection_is_named_before_a_deletion() {
    let server = Scripted::start().await;
    let protected = "<EnableTerminationProtection>true</EnableTerminationProtection>";
    server.on("DescribeStacks", 200, &stack("UPDATE_COMPLETE", protected));
    let refused = server.cloud().await.delete_stack(NAME).await.unwrap_err();
    assert!(refused.message.contains("termination protection"), "{refused}");
    assert_eq!(server.actions(), ["DescribeStacks"]);
}

#[tokio::test]
async fn a_stuck_rollback_is_continued() {
    let server = Scripted::start().await;
    server.on("DescribeStacks", 200, &stack("UPDATE_ROLLBACK_FAILED", ""));
    let member = |id: &str, status: &str| {
        format!(
            "<member><LogicalResourceId>{id}</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType>\
             <LastUpdatedTimestamp>2026-11-20T12:00:00Z</LastUpdatedTimestamp>\
             <ResourceStatus>{status}</ResourceStatus></member>"
        )
    };
    let all = member("Queue", "UPDATE_FAILED") + &member("Role", "UPDATE_COMPLETE");
    let list = format!("<StackResourceSummaries>{all}</StackResourceSummaries>");
    server.on("ListStackResources", 200, &result("ListStackResources", &list));
    server.on("ContinueUpdateRollback", 200, &result("ContinueUpdateRollback", ""));
    let cloud = server.cloud().await;
    let refused = cloud.put_stack(&input()).await.unwrap_err();
    assert!(refused.hint.unwrap().contains("skip Queue"));
    let skips = cloud.suggested_skips(NAME).await.unwrap();
    assert_eq!(skips, ["Queue"]);
    assert_eq!(cloud.recover_stack(NAME, &skips).await.unwrap(), Action::ContinueRollback);
    assert!(server.call("ContinueUpdateRollback").body.contains("ResourcesToSkip.member.1=Queue"));
}

#[tokio::test]
async fn a_large_template_goes_through_the_bucket() {
    let server = Scripted::start().await;
    missing(&server);
    change_set(&server, "CREATE_COMPLETE", "");
    let mut input = input();
    input.template = format!("{{\"Resources\":{{}},\"Metadata\":{{\"X\":\"{}\"}}}}", "x".repeat(60_000));
    let cloud = server.cloud().await;
    let bucket = "/seaway-111122223333-eu-west-1/templates/shop/production/shop-production-web/";
    let key = {
        // The key is named by the content: learnt from the refusal of an unknown path.
        let _ = cloud.put_stack(&input).await;
        let put = server.actions().into_iter().find(|action| action.starts_with("PUT ")).unwrap();
        assert!(put.starts_with(&format!("PUT {bucket}")), "{put}");
        put
    };
    server.on(&key, 200, "");
    cloud.put_stack(&input).await.unwrap();
    let sent = server.calls().into_iter().find(|call| call.action == "CreateChangeSet").unwrap().body;
    assert!(sent.contains(&format!("TemplateURL={}{bucket}", server.url)), "{sent}");
    assert!(!sent.contains("TemplateBody"));
    let put = server.calls().into_iter().find(|call| call.action == key).unwrap();
    assert!(put.headers.contains("if-none-match: *"), "{}", put.headers);
    assert!(put.headers.contains("x-amz-expected-bucket-owner: 111122223333"), "{}", put.headers);
}

#[tokio::test]
async fn events_go_on_after_the_deletion() {
    let server = Scripted::start().await;
    server.on("DescribeStacks", 200, &stack("DELETE_IN_PROGRESS", ""));
    let member = |id: &str, millis: u32| {
        format!(
            "<member><StackId>{ID}</StackId><EventId>{id}</EventId><StackName>{NAME}</StackName>\
             <LogicalResourceId>{id}</LogicalResourceId>\
             <Timestamp>2026-11-20T12:00:00.{millis:03}Z</Timestamp></member>"
        )
    };
    let page = |members: &str, more: &str| {
        result("DescribeStackEvents", &format!("<StackEvents>{members}</StackEvents>{more}"))
    };
    let next = "<NextToken>more</NextToken>";
    server.on("DescribeStackEvents", 200, &page(&(member("d", 4) + &member("c", 3)), next));
    server.on("DescribeStackEvents", 200, &page(&(member("b", 2) + &member("a", 1)), ""));
    server.on("DescribeStackEvents", 200, &page(&(member("e", 5) + &member("d", 4)), next));
    let cloud = server.cloud().await;
    cloud.describe_stack(NAME).await.unwrap();
    let all = cloud.stack_events(NAME, 0).await.unwrap();
    let ids: Vec<&str> = all.iter().map(|event| event.logical_id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let last = all.last().unwrap().seq;
    let new = cloud.stack_events(NAME, last).await.unwrap();
    assert_eq!(new.len(), 1);
    assert!(new[0].seq > last && new[0].logical_id == "e");
    let calls = server.calls();
    let reads: Vec<_> = calls.iter().filter(|call| call.action == "DescribeStackEvents").collect();
    assert_eq!(reads.len(), 3, "one page is enough where an event is known");
    assert!(reads.iter().all(|call| call.body.contains(ID)), "a deleted stack answers only to its id");
}
