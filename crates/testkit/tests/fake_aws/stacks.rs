//! Stacks: order, events, failure, deletion.

use std::time::Duration;

use seaway_cloud::StackStatus;
use seaway_testkit::fake_aws::During;
use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::ResourceFailure;
use seaway_testkit::fake_aws::ResourceName;
use seaway_testkit::fake_aws::Scenario;
use serde_json::json;

use crate::client::cfn;
use crate::client::deploy;
use crate::client::start;
use crate::client::web;

fn fake() -> FakeAws {
    FakeAws::start(Scenario::default()).unwrap()
}

/// `LogicalId STATUS` of each event, oldest first.
fn events(aws: &FakeAws, stack: &str) -> Vec<String> {
    let answer = cfn(aws, "DescribeStackEvents", &[("StackName", stack)]);
    let (ids, statuses) = (answer.elements("LogicalResourceId"), answer.elements("ResourceStatus"));
    ids.iter().zip(&statuses).rev().map(|(id, status)| format!("{id} {status}")).collect()
}

fn at(events: &[String], wanted: &str) -> usize {
    events.iter().position(|event| event == wanted).unwrap_or_else(|| panic!("no `{wanted}` in {events:#?}"))
}

#[test]
fn resources_complete_in_dependency_order() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    assert_eq!(aws.stack_status("web"), Some(StackStatus::CreateComplete));
    let events = events(&aws, "web");
    assert_eq!(events.first().map(String::as_str), Some("web REVIEW_IN_PROGRESS"));
    assert_eq!(events.last().map(String::as_str), Some("web CREATE_COMPLETE"));
    for (first, then) in [
        ("Logs CREATE_COMPLETE", "Task CREATE_IN_PROGRESS"),
        ("Task CREATE_COMPLETE", "Service CREATE_IN_PROGRESS"),
        ("Targets CREATE_COMPLETE", "Service CREATE_IN_PROGRESS"),
        ("Service CREATE_COMPLETE", "web CREATE_COMPLETE"),
    ] {
        assert!(at(&events, first) < at(&events, then), "`{then}` before `{first}` in {events:#?}");
    }
    let outputs = aws.stack_outputs("web");
    assert!(
        outputs["ServiceArn"].starts_with("arn:aws:ecs:eu-west-1:123456789012:service/shop/web-Service-")
    );
    assert!(outputs["TargetGroup"].starts_with("targetgroup/"));
}

#[test]
fn virtual_time_is_the_same_time_every_time() {
    let run = || {
        let aws = fake();
        deploy(&aws, "web", "CREATE", &web(), &[]);
        deploy(&aws, "web", "UPDATE", &web(), &[("Image", "shop/web:v2")]);
        (events(&aws, "web"), aws.requests(), aws.picture(), aws.elapsed())
    };
    assert_eq!(run(), run());
}

#[test]
fn independent_resources_take_the_time_of_one() {
    let queues = |needs: bool| {
        let queue = |n: u32| {
            let needs = if needs && n > 0 { json!([format!("Q{}", n - 1)]) } else { json!([]) };
            (format!("Q{n}"), json!({"Type": "AWS::SQS::Queue", "DependsOn": needs}))
        };
        let resources: serde_json::Map<String, serde_json::Value> = (0..20).map(queue).collect();
        let aws = fake();
        start(&aws, "queues", "CREATE", &json!({"Resources": resources}), &[]);
        let begin = aws.elapsed();
        assert!(aws.settle(Duration::from_secs(600)));
        assert_eq!(aws.stack_status("queues"), Some(StackStatus::CreateComplete));
        aws.elapsed() - begin
    };
    assert!(queues(false) <= Duration::from_secs(3), "{:?}", queues(false));
    assert!(queues(true) >= Duration::from_secs(20), "{:?}", queues(true));
}

#[test]
fn a_failed_creation_leaves_nothing_and_says_why() {
    let aws = fake();
    aws.fail_resource(ResourceFailure {
        stack: "web".into(),
        resource: "Targets".into(),
        during: During::Apply,
        reason: "The maximum number of target groups has been reached".into(),
        times: 0,
    });
    deploy(&aws, "web", "CREATE", &web(), &[]);
    assert_eq!(aws.stack_status("web"), Some(StackStatus::RollbackComplete));
    assert_eq!(aws.picture().stacks[0].resources, []);
    let failed = cfn(&aws, "DescribeEvents", &[("StackName", "web"), ("Filters.FailedEvents", "true")]);
    assert_eq!(failed.elements("LogicalResourceId"), ["Targets"]);
    assert_eq!(failed.elements("EventType"), ["PROVISIONING_ERROR"]);
    // What does not depend on it was cancelled, and that is no root cause.
    assert!(!failed.body.contains("cancelled"));
    let again = cfn(
        &aws,
        "CreateChangeSet",
        &[("StackName", "web"), ("ChangeSetName", "x"), ("TemplateBody", &web().to_string())],
    );
    assert_eq!(again.element("Code"), Some("ValidationError"));
    assert!(
        again.element("Message").unwrap().contains("is in ROLLBACK_COMPLETE state and can not be updated")
    );
}

#[test]
fn an_update_cleans_up_after_itself() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    let mut smaller = web();
    smaller["Resources"]["Queue"] = json!({"Type": "AWS::SQS::Queue"});
    deploy(&aws, "web", "UPDATE", &smaller, &[]);
    deploy(&aws, "web", "UPDATE", &web(), &[("Image", "shop/web:v2")]);
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateComplete));
    let events = events(&aws, "web");
    assert!(at(&events, "web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") < at(&events, "Queue DELETE_COMPLETE"));
    assert!(!aws.picture().stacks[0].resources.iter().any(|(id, _)| id == "Queue"));
    assert_eq!(aws.picture().services[0].images, ["shop/web:v2"]);
}

#[test]
fn a_deletion_goes_the_other_way_round() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    let id = cfn(&aws, "DescribeStacks", &[("StackName", "web")]).element("StackId").unwrap().to_owned();
    cfn(&aws, "DeleteStack", &[("StackName", "web")]);
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), None);
    let gone = cfn(&aws, "DescribeStacks", &[("StackName", "web")]);
    assert_eq!((gone.status, gone.element("Code")), (400, Some("ValidationError")));
    // By its id it is still there.
    let events = events(&aws, &id);
    assert!(at(&events, "Service DELETE_COMPLETE") < at(&events, "Cluster DELETE_IN_PROGRESS"));
    let picture = aws.picture();
    assert!(picture.stacks.is_empty() && picture.services.is_empty(), "{picture:?}");
}

#[test]
fn a_deletion_that_fails_names_what_blocks_it() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    aws.fail_resource(ResourceFailure {
        stack: "web".into(),
        resource: "Logs".into(),
        during: During::Delete,
        reason: "User is not authorized to perform: logs:DeleteLogGroup".into(),
        times: 1,
    });
    cfn(&aws, "DeleteStack", &[("StackName", "web")]);
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), Some(StackStatus::DeleteFailed));
    let shown = cfn(&aws, "DescribeStacks", &[("StackName", "web")]);
    assert!(shown.element("StackStatusReason").unwrap().contains("failed to delete: [Logs]"));
    cfn(&aws, "DeleteStack", &[("StackName", "web"), ("RetainResources.member.1", "Logs")]);
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), None);
}

#[test]
fn what_is_stuck_stays_so_until_somebody_cancels() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    aws.stick(ResourceName { stack: "web".into(), resource: "Service".into() });
    start(&aws, "web", "UPDATE", &web(), &[("Image", "shop/web:v2")]);
    assert!(!aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateInProgress));
    cfn(&aws, "CancelUpdateStack", &[("StackName", "web")]);
    assert!(!aws.settle(Duration::from_secs(600)), "the way back waits for the same resource");
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackInProgress));
    aws.unstick();
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackComplete));
    assert_eq!(aws.picture().services[0].images, ["shop/web:v1"]);
}

#[test]
fn a_roll_back_that_fails_continues_without_the_resource() {
    let aws = fake();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    for (resource, during) in [("Service", During::Apply), ("Service", During::Rollback)] {
        aws.fail_resource(ResourceFailure {
            stack: "web".into(),
            resource: resource.into(),
            during,
            reason: "Rate exceeded".into(),
            times: 0,
        });
    }
    deploy(&aws, "web", "UPDATE", &web(), &[("Image", "shop/web:v2")]);
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackFailed));
    aws.unstick();
    let skip = [("StackName", "web"), ("ResourcesToSkip.member.1", "Service")];
    assert_eq!(cfn(&aws, "ContinueUpdateRollback", &skip).status, 200);
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackComplete));
}

#[test]
fn pages_hold_what_the_scenario_says() {
    let aws = FakeAws::start(Scenario { page_size: 3, ..Scenario::default() }).unwrap();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let answer = cfn(&aws, "DescribeStackEvents", &[("StackName", "web"), ("NextToken", &token)]);
        let ids: Vec<String> = answer.elements("EventId").iter().map(|id| (*id).to_owned()).collect();
        assert!(!ids.is_empty() && ids.len() <= 3);
        seen.extend(ids);
        match answer.element("NextToken") {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "an event came twice");
    assert!(count > 15, "only {count} events");
}
