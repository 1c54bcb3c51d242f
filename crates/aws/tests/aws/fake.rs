//! Whole lives of stacks, services and tasks, against the fake of the endpoints.

use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_aws::AccessKey;
use seaway_aws::AwsCloud;
use seaway_aws::Target;
use seaway_aws::root_cause;
use seaway_cloud::ErrorKind;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::LogQuery;
use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::RolloutState;
use seaway_cloud::RunTask;
use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use seaway_cloud::ServiceRef;
use seaway_cloud::Services;
use seaway_cloud::Stack;
use seaway_cloud::StackChange;
use seaway_cloud::StackInput;
use seaway_cloud::StackStatus;
use seaway_cloud::Stacks;
use seaway_cloud::StopType;
use seaway_cloud::Store;
use seaway_cloud::TaskFilter;
use seaway_cloud::Tasks;
use seaway_cloud::fake::Behaviour;
use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::Fault;
use seaway_testkit::fake_aws::FaultKind;
use seaway_testkit::fake_aws::Scenario;
use secrecy::SecretString;
use serde_json::json;

const NAME: &str = "shop-production-web";
const BUCKET: &str = "seaway-123456789012-eu-west-1";

fn start() -> FakeAws {
    FakeAws::start(Scenario { buckets: vec![BUCKET.to_owned()], ..Scenario::default() }).unwrap()
}

async fn connect(aws: &FakeAws) -> AwsCloud {
    let target = Target {
        access_key: Some(AccessKey {
            id: "AKIDEXAMPLE".into(),
            secret: SecretString::from("example".to_owned()),
        }),
        region: Some("eu-west-1".into()),
        account: Some("123456789012".into()),
        endpoint_url: Some(aws.url.clone()),
        app: "shop".into(),
        env: "production".into(),
        poll_interval: Some(Duration::from_millis(2)),
        ..Target::default()
    };
    AwsCloud::connect(&target).await.unwrap()
}

fn input(image: &str) -> StackInput {
    let template = json!({
        "Parameters": { "Image": { "Type": "String" } },
        "Resources": {
            "Cluster": { "Type": "AWS::ECS::Cluster" },
            "Logs": { "Type": "AWS::Logs::LogGroup",
                      "Properties": { "LogGroupName": "/seaway/shop/production/web", "RetentionInDays": 30 } },
            "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {} } },
            "Definition": { "Type": "AWS::ECS::TaskDefinition", "Properties": {
                "Family": "web",
                "TaskRoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
                "ContainerDefinitions": [{
                    "Name": "web", "Image": { "Ref": "Image" }, "Essential": true,
                    "LogConfiguration": { "LogDriver": "awslogs", "Options": {
                        "awslogs-group": { "Ref": "Logs" }, "awslogs-region": { "Ref": "AWS::Region" },
                        "awslogs-stream-prefix": "web" } },
                }],
            } },
            "Service": { "Type": "AWS::ECS::Service", "Properties": {
                "Cluster": { "Ref": "Cluster" }, "TaskDefinition": { "Ref": "Definition" }, "DesiredCount": 2,
                "DeploymentConfiguration": { "DeploymentCircuitBreaker": { "Enable": true, "Rollback": true } },
            } },
        },
        "Outputs": {
            "ClusterName": { "Value": { "Ref": "Cluster" } },
            "ServiceName": { "Value": { "Fn::GetAtt": ["Service", "Name"] } },
            "TaskDefinitionArn": { "Value": { "Ref": "Definition" } },
        },
    });
    StackInput {
        name: NAME.into(),
        template: template.to_string(),
        parameters: IndexMap::from([("Image".into(), image.into())]),
        tags: IndexMap::from([
            ("seaway:app".into(), "shop".into()),
            ("seaway:env".into(), "production".into()),
        ]),
        termination_protection: false,
    }
}

/// Waits until nothing is in progress; the fake's time passes with the calls.
async fn settled(cloud: &AwsCloud) -> Option<Stack> {
    for _ in 0..500 {
        match cloud.describe_stack(NAME).await.unwrap() {
            Some(stack) if stack.status.in_progress() => {}
            stack => return stack,
        }
    }
    panic!("the stack never settles");
}

fn reference(stack: &Stack) -> ServiceRef {
    ServiceRef {
        cluster: stack.outputs["ClusterName"].clone(),
        service: stack.outputs["ServiceName"].clone(),
    }
}

#[tokio::test]
async fn the_life_of_a_stack() {
    let aws = start();
    let cloud = connect(&aws).await;
    assert_eq!(cloud.describe_stack(NAME).await.unwrap(), None);
    let StackChange::Started { after } = cloud.put_stack(&input("shop/web:1")).await.unwrap() else {
        panic!("it is new");
    };
    let stack = settled(&cloud).await.unwrap();
    assert_eq!(stack.status, StackStatus::CreateComplete);
    assert_eq!(stack.parameters["Image"], "shop/web:1");
    assert_eq!(stack.tags["seaway:app"], "shop");
    let listed = cloud.list_stacks(&stack.tags).await.unwrap();
    assert_eq!(listed.iter().map(|stack| stack.name.as_str()).collect::<Vec<_>>(), [NAME]);
    let others = IndexMap::from([("seaway:app".to_owned(), "blog".to_owned())]);
    assert_eq!(cloud.list_stacks(&others).await.unwrap(), vec![]);

    let events = cloud.stack_events(NAME, after).await.unwrap();
    assert!(events.windows(2).all(|two| two[0].seq < two[1].seq && two[0].time <= two[1].time));
    assert!(events.iter().any(|event| event.logical_id == "Service" && event.status == "CREATE_COMPLETE"));
    assert_eq!(root_cause(&events), None);
    let resources = cloud.stack_resources(NAME).await.unwrap();
    let ids: Vec<&str> = resources.iter().map(|resource| resource.logical_id.as_str()).collect();
    assert_eq!(ids, ["Cluster", "Logs", "Role", "Definition", "Service"], "as in the template");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&cloud.stack_template(NAME).await.unwrap()).unwrap(),
        serde_json::from_str::<serde_json::Value>(&input("").template).unwrap()
    );

    aws.clear_requests();
    assert_eq!(cloud.put_stack(&input("shop/web:1")).await.unwrap(), StackChange::Unchanged);
    assert_eq!(
        aws.requests().mutating().names(),
        ["cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet"]
    );

    cloud.delete_stack(NAME).await.unwrap();
    assert_eq!(settled(&cloud).await, None);
    let end = cloud.stack_events(NAME, after).await.unwrap();
    assert_eq!(end.last().map(|event| event.status.as_str()), Some("DELETE_COMPLETE"));
    cloud.delete_stack(NAME).await.unwrap();
}

#[tokio::test]
async fn a_service_and_its_tasks() {
    let aws = start();
    let cloud = connect(&aws).await;
    cloud.put_stack(&input("shop/web:1")).await.unwrap();
    let stack = settled(&cloud).await.unwrap();
    let service = cloud.describe_service(&reference(&stack)).await.unwrap().unwrap();
    assert_eq!((service.desired, service.running, service.deployments.len()), (2, 2, 1));
    let primary = &service.deployments[0];
    assert_eq!((primary.rollout_state, primary.healthy), (RolloutState::Completed, 2));
    let filter = TaskFilter {
        cluster: Some(service.cluster.clone()),
        group: Some(format!("service:{}", service.name)),
        ..TaskFilter::default()
    };
    let tasks = cloud.list_tasks(&filter).await.unwrap();
    assert_eq!(tasks.len(), 2);
    assert!(tasks.iter().all(|task| task.started_by == primary.id && task.containers[0].essential));
    let one = cloud.describe_task(&service.cluster, &tasks[0].id).await.unwrap().unwrap();
    assert_eq!((one.id.as_str(), one.last_status.as_str()), (tasks[0].id.as_str(), "RUNNING"));
    let none = cloud.describe_task(&service.cluster, "00000000000000000000000000000000").await.unwrap();
    assert_eq!(none, None);

    let run = RunTask {
        cluster: service.cluster.clone(),
        task_definition: stack.outputs["TaskDefinitionArn"].clone(),
        container: None,
        command: Some(vec!["migrate".into()]),
        environment: IndexMap::new(),
        subnets: vec!["subnet-1".into()],
        security_groups: vec![],
        started_by: "me".into(),
    };
    let started = cloud.run_task(&run).await.unwrap();
    let mut ended = started.clone();
    for _ in 0..100 {
        ended = cloud.describe_task(&service.cluster, &started.id).await.unwrap().unwrap();
        if ended.last_status == "STOPPED" {
            break;
        }
    }
    assert_eq!((ended.last_status.as_str(), ended.exit_code()), ("STOPPED", Some(0)));
    cloud.stop_task(&service.cluster, &tasks[0].id, "test").await.unwrap();
}

#[tokio::test]
async fn a_doomed_update_goes_back() {
    let aws = start();
    let cloud = connect(&aws).await;
    cloud.put_stack(&input("shop/web:1")).await.unwrap();
    let stack = settled(&cloud).await.unwrap();
    aws.behave("shop/web:2", Behaviour::Hang);
    let StackChange::Started { after } = cloud.put_stack(&input("shop/web:2")).await.unwrap() else {
        panic!("it is another image");
    };
    let service = reference(&stack);
    // Until the new deployment is there.
    for _ in 0..100 {
        if cloud.describe_service(&service).await.unwrap().unwrap().deployments.len() > 1 {
            break;
        }
    }
    cloud.stop_deployment(&service, StopType::Rollback, "it hangs").await.unwrap();
    let stack = settled(&cloud).await.unwrap();
    assert_eq!(stack.status, StackStatus::UpdateRollbackComplete);
    let events = cloud.stack_events(NAME, after).await.unwrap();
    assert_eq!(root_cause(&events).map(|event| event.logical_id.as_str()), Some("Service"));
    let now = cloud.describe_service(&service).await.unwrap().unwrap();
    assert_eq!((now.running, now.deployments[0].rollout_state), (2, RolloutState::Completed));
}

#[tokio::test]
async fn lines_of_a_task() {
    let aws = start();
    let mut rule = seaway_testkit::fake_aws::BehaviourRule::new("", Behaviour::Healthy);
    rule.logs = vec!["hello".into(), "world".into()];
    aws.rule(rule);
    let cloud = connect(&aws).await;
    cloud.put_stack(&input("shop/web:1")).await.unwrap();
    let stack = settled(&cloud).await.unwrap();
    let filter = TaskFilter { cluster: Some(stack.outputs["ClusterName"].clone()), ..TaskFilter::default() };
    let task = cloud.list_tasks(&filter).await.unwrap().remove(0);
    let mut query = LogQuery {
        group: "/seaway/shop/production/web".into(),
        stream_suffix: Some(format!("/{}", task.id)),
        limit: Some(10),
        ..LogQuery::default()
    };
    let page = cloud.logs(&query).await.unwrap();
    let lines: Vec<&str> = page.events.iter().map(|event| event.message.as_str()).collect();
    assert_eq!(lines, ["hello", "world"]);
    query.after = page.cursor;
    assert_eq!(cloud.logs(&query).await.unwrap().events, vec![]);
}

#[tokio::test]
async fn one_owner_at_a_time() {
    let aws = start();
    let cloud = connect(&aws).await;
    let owner = |id: &str| LockOwner {
        id: id.into(),
        who: "ci".into(),
        pid: 1,
        action: "up".into(),
        run_url: Some("https://ci.example.test/1".into()),
        since: Timestamp::now(),
    };
    let (a, b) = (owner("a"), owner("b"));
    assert_eq!(cloud.acquire_lock("shop", "production", &a).await.unwrap(), Lock::Acquired);
    assert_eq!(cloud.acquire_lock("shop", "production", &a).await.unwrap(), Lock::Acquired);
    assert_eq!(cloud.acquire_lock("shop", "production", &b).await.unwrap(), Lock::Held(a.clone()));
    assert_eq!(cloud.acquire_lock("shop", "staging", &b).await.unwrap(), Lock::Acquired);
    cloud.release_lock("shop", "production", &b).await.unwrap();
    assert!(matches!(cloud.acquire_lock("shop", "production", &b).await.unwrap(), Lock::Held(_)));
    cloud.release_lock("shop", "production", &a).await.unwrap();
    assert_eq!(cloud.acquire_lock("shop", "production", &b).await.unwrap(), Lock::Acquired);
}

#[tokio::test]
async fn releases_are_kept() {
    let aws = start();
    let cloud = connect(&aws).await;
    let mut record = ReleaseRecord {
        summary: ReleaseSummary {
            app: "shop".into(),
            env: "production".into(),
            number: 1,
            outcome: Outcome::InProgress,
            action: "up".into(),
            reason: None,
            who: "me".into(),
            commit: None,
            images: IndexMap::new(),
            started: "2026-11-20T12:00:00Z".parse().unwrap(),
            finished: None,
        },
        stacks: vec![input("shop/web:1")],
    };
    cloud.put_release(&record).await.unwrap();
    record.summary.outcome = Outcome::Serving;
    cloud.put_release(&record).await.unwrap();
    let mut next = record.clone();
    next.summary.number = 12;
    cloud.put_release(&next).await.unwrap();
    assert_eq!(cloud.release("shop", "production", 1).await.unwrap(), Some(record.clone()));
    assert_eq!(cloud.release("shop", "production", 2).await.unwrap(), None);
    assert_eq!(cloud.releases("shop", "production").await.unwrap(), [next.summary, record.summary]);
    assert_eq!(cloud.releases("shop", "staging").await.unwrap(), []);
}

#[tokio::test]
async fn secrets_get_their_values() {
    let aws = start();
    let cloud = connect(&aws).await;
    let secrets: Vec<SecretValue> = ["/shop/production/KEY", "shop/password"]
        .into_iter()
        .map(|name| SecretValue {
            name: name.into(),
            source: SecretSource::Value(SecretString::from("hunter2".to_owned())),
        })
        .collect();
    let names: Vec<String> = secrets.iter().map(|secret| secret.name.clone()).collect();
    assert_eq!(cloud.missing_secrets(&names).await.unwrap(), names);
    cloud.put_secrets(&secrets).await.unwrap();
    assert_eq!(cloud.missing_secrets(&names).await.unwrap(), Vec::<String>::new());
    aws.clear_requests();
    cloud.put_secrets(&secrets).await.unwrap();
    let written = aws.requests().mutating().names();
    assert!(!written.contains(&"ssm:PutParameter".to_owned()), "the same value is not written again");
}

/// Each call of a first deployment with each fault, before and after its effect, one at a time: it ends as a
/// stack that is there once, or as an error; the same call again makes it whole.
#[tokio::test]
async fn every_call_may_fail() {
    let calls =
        ["DescribeStacks", "CreateChangeSet", "DescribeChangeSet", "DescribeStackEvents", "ExecuteChangeSet"];
    let kinds = [FaultKind::Throttled, FaultKind::InternalError, FaultKind::Reset, FaultKind::AccessDenied];
    for call in calls {
        for (kind, late) in kinds.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
            let aws = start();
            let cloud = connect(&aws).await;
            let fault = Fault::new(kind).operation(call);
            aws.fault(if late { fault.after_effect() } else { fault });
            let first = cloud.put_stack(&input("shop/web:1")).await;
            aws.clear_faults();
            if first.is_err() {
                let again = cloud.put_stack(&input("shop/web:1")).await;
                // A creation that began although its answer was lost is joined, not begun again.
                let joined = |error: &seaway_cloud::CloudError| error.kind == ErrorKind::Conflict;
                let good =
                    matches!(again, Ok(StackChange::Started { .. })) || again.as_ref().is_err_and(joined);
                assert!(good, "{call} {kind:?} {late}: {again:?}");
            }
            let stack = settled(&cloud).await.unwrap();
            assert_eq!(stack.status, StackStatus::CreateComplete, "{call} {kind:?}");
            assert_eq!(aws.stack_names(), [NAME], "{call} {kind:?}");
        }
    }
}
