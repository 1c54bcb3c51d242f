//! The 23 statuses of a stack, and what CloudFormation answers in each.

use seaway_cloud::StackStatus;
use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::InitialStack;
use seaway_testkit::fake_aws::Scenario;
use serde_json::json;

use crate::client::cfn;

/// Status, whether an update is taken, whether a deletion is (CloudFormation user guide, "stack
/// status codes").
const STATUSES: &[(StackStatus, bool, bool)] = &[
    (StackStatus::CreateInProgress, false, true),
    (StackStatus::CreateFailed, true, true),
    (StackStatus::CreateComplete, true, true),
    (StackStatus::RollbackInProgress, false, true),
    (StackStatus::RollbackFailed, false, true),
    (StackStatus::RollbackComplete, false, true),
    (StackStatus::DeleteInProgress, false, true),
    (StackStatus::DeleteFailed, false, true),
    // There is no stack of that name any more: nothing to update, and a deletion is a success.
    (StackStatus::DeleteComplete, false, true),
    (StackStatus::UpdateInProgress, false, false),
    (StackStatus::UpdateCompleteCleanupInProgress, false, false),
    (StackStatus::UpdateComplete, true, true),
    (StackStatus::UpdateFailed, true, true),
    (StackStatus::UpdateRollbackInProgress, false, false),
    (StackStatus::UpdateRollbackFailed, false, true),
    (StackStatus::UpdateRollbackCompleteCleanupInProgress, false, false),
    (StackStatus::UpdateRollbackComplete, true, true),
    (StackStatus::ReviewInProgress, false, true),
    (StackStatus::ImportInProgress, false, false),
    (StackStatus::ImportComplete, true, true),
    (StackStatus::ImportRollbackInProgress, false, false),
    (StackStatus::ImportRollbackFailed, false, true),
    (StackStatus::ImportRollbackComplete, true, true),
];

fn stack(status: StackStatus) -> InitialStack {
    let stack = json!({
        "name": "shop",
        "status": status,
        "template": {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}},
    });
    serde_json::from_value(stack).unwrap()
}

fn fake(status: StackStatus) -> FakeAws {
    FakeAws::start(Scenario { stacks: vec![stack(status)], ..Scenario::default() }).unwrap()
}

#[test]
fn every_status_can_be_there_and_is_answered() {
    assert_eq!(STATUSES.len(), 23);
    let template = json!({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}).to_string();
    for (status, update, delete) in STATUSES {
        let aws = fake(*status);
        let there = *status != StackStatus::DeleteComplete;
        assert_eq!(aws.stack_status("shop"), there.then_some(*status));
        let call = [("StackName", "shop"), ("ChangeSetName", "next"), ("TemplateBody", template.as_str())];
        let answer = cfn(&aws, "CreateChangeSet", &call);
        assert_eq!(answer.status == 200, *update, "an update in {status}: {}", answer.body);
        if !update {
            let message = answer.element("Message").unwrap();
            let wanted = if there {
                format!("is in {status} state and can not be updated")
            } else {
                "does not exist".to_owned()
            };
            assert!(message.contains(&wanted), "{status}: {message}");
        }
        let answer = cfn(&aws, "DeleteStack", &[("StackName", "shop")]);
        assert_eq!(answer.status == 200, *delete, "a deletion in {status}: {}", answer.body);
    }
}

#[test]
fn a_stack_in_progress_settles_as_the_scenario_says() {
    let mut initial = stack(StackStatus::UpdateInProgress);
    initial.settles_as = Some(StackStatus::UpdateComplete);
    initial.settles_after_ms = 5000;
    let aws = FakeAws::start(Scenario { stacks: vec![initial], ..Scenario::default() }).unwrap();
    aws.advance(std::time::Duration::from_millis(4000));
    assert_eq!(aws.stack_status("shop"), Some(StackStatus::UpdateInProgress));
    aws.advance(std::time::Duration::from_millis(1000));
    assert_eq!(aws.stack_status("shop"), Some(StackStatus::UpdateComplete));
}

#[test]
fn a_stack_under_review_is_created_by_its_change_set() {
    let aws = fake(StackStatus::ReviewInProgress);
    let template = json!({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}});
    crate::client::deploy(&aws, "shop", "CREATE", &template, &[]);
    assert_eq!(aws.stack_status("shop"), Some(StackStatus::CreateComplete));
}
