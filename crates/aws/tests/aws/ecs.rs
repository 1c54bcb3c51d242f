//! Services, tasks and logs.

use indexmap::IndexMap;
use seaway_cloud::ErrorKind;
use seaway_cloud::LogQuery;
use seaway_cloud::RunTask;
use seaway_cloud::ServiceRef;
use seaway_cloud::Services;
use seaway_cloud::StopType;
use seaway_cloud::TaskFilter;
use seaway_cloud::Tasks;
use serde_json::Value;
use serde_json::json;

use super::scripted::Scripted;
use super::scripted::result;

const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop";
const REVISION: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:2";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123";

fn on(server: &Scripted, action: &str, body: &Value) {
    server.on(action, 200, &body.to_string());
}

fn definition(server: &Scripted) {
    on(
        server,
        "DescribeTaskDefinition",
        &json!({ "taskDefinition": {
            "taskDefinitionArn": REVISION,
            "taskRoleArn": "arn:aws:iam::111122223333:role/web",
            "containerDefinitions": [{ "name": "web", "essential": true }],
        }}),
    );
}

fn task(id: &str, address: &str, status: &str) -> Value {
    json!({
        "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/shop/{id}"),
        "clusterArn": CLUSTER,
        "taskDefinitionArn": REVISION,
        "group": "service:web",
        "startedBy": "ecs-svc/2",
        "lastStatus": status,
        "desiredStatus": "RUNNING",
        "createdAt": 1_795_176_000.0,
        "containers": [{ "name": "web", "image": "shop/web@sha256:1", "lastStatus": status,
                         "networkInterfaces": [{ "privateIpv4Address": address }] }],
    })
}

fn service(server: &Scripted) {
    on(
        server,
        "DescribeServices",
        &json!({ "services": [{
            "serviceName": "web", "clusterArn": CLUSTER, "status": "ACTIVE", "desiredCount": 2,
            "runningCount": 2, "pendingCount": 0, "taskDefinition": REVISION,
            "loadBalancers": [{ "targetGroupArn": GROUP, "containerName": "web", "containerPort": 80 }],
            "deployments": [{ "id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": REVISION,
                "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "failedTasks": 1,
                "rolloutState": "IN_PROGRESS", "rolloutStateReason": "in progress." }],
            "events": [],
        }]}),
    );
    on(server, "ListTasks", &json!({ "taskArns": ["a"] }));
    on(server, "ListTasks", &json!({ "taskArns": ["b"] }));
    on(
        server,
        "DescribeTasks",
        &json!({ "tasks": [task("a", "10.0.0.1", "RUNNING"), task("b", "10.0.0.2", "RUNNING")] }),
    );
    definition(server);
    let target = |address: &str, state: &str, more: &str| {
        format!(
            "<member><Target><Id>{address}</Id><Port>80</Port></Target>\
             <TargetHealth><State>{state}</State>{more}</TargetHealth></member>"
        )
    };
    let all = target("10.0.0.1", "healthy", "")
        + &target("10.0.0.2", "unhealthy", "<Reason>Target.Timeout</Reason><Description>slow</Description>")
        + &target("10.0.0.9", "draining", "");
    let inner = format!("<TargetHealthDescriptions>{all}</TargetHealthDescriptions>");
    server.on("DescribeTargetHealth", 200, &result("DescribeTargetHealth", &inner));
    on(
        server,
        "ListServiceDeployments",
        &json!({ "serviceDeployments": [{ "serviceDeploymentArn": "arn:deployment/9", "status": "IN_PROGRESS" }] }),
    );
    on(
        server,
        "DescribeServiceDeployments",
        &json!({ "serviceDeployments": [{ "status": "IN_PROGRESS", "lifecycleStage": "SCALE_UP",
            "deploymentCircuitBreaker": { "status": "MONITORING", "failureCount": 1, "threshold": 3 } }] }),
    );
}

fn reference() -> ServiceRef {
    ServiceRef { cluster: "shop".into(), service: "web".into() }
}

#[tokio::test]
async fn a_rollout_in_one_view() {
    let server = Scripted::start().await;
    service(&server);
    let found = server.cloud().await.describe_service(&reference()).await.unwrap().unwrap();
    let primary = &found.deployments[0];
    assert_eq!((primary.running, primary.healthy, primary.failed), (2, 1, 1));
    assert_eq!(
        primary.rollout_reason.as_deref(),
        Some("in progress. (stage scale up; circuit breaker: 1 of 3 failures)")
    );
}

#[tokio::test]
async fn tasks_know_their_targets() {
    let server = Scripted::start().await;
    service(&server);
    let filter = TaskFilter {
        cluster: Some("shop".into()),
        group: Some("service:web".into()),
        started_by: None,
        stopped: true,
    };
    let tasks = server.cloud().await.list_tasks(&filter).await.unwrap();
    let states: Vec<_> =
        tasks.iter().map(|task| (task.id.as_str(), task.targets[0].state.as_str())).collect();
    assert_eq!(states, [("a", "healthy"), ("b", "unhealthy")]);
    assert_eq!(tasks[1].targets[0].description.as_deref(), Some("slow"));
    let lists: Vec<String> =
        server.calls().into_iter().filter(|call| call.action == "ListTasks").map(|call| call.body).collect();
    assert_eq!(lists.len(), 2);
    assert!(lists.iter().all(|body| body.contains("\"serviceName\":\"web\"")), "{lists:?}");
    assert!(lists.iter().any(|body| body.contains("STOPPED")), "{lists:?}");
}

#[tokio::test]
async fn a_doomed_deployment_is_stopped() {
    let server = Scripted::start().await;
    service(&server);
    on(&server, "StopServiceDeployment", &json!({ "serviceDeploymentArn": "arn:deployment/9" }));
    let cloud = server.cloud().await;
    cloud.stop_deployment(&reference(), StopType::Rollback, "image missing").await.unwrap();
    let sent = server.call("StopServiceDeployment").body;
    assert!(sent.contains("\"arn:deployment/9\"") && sent.contains("\"ROLLBACK\""), "{sent}");
    let idle = Scripted::start().await;
    on(&idle, "ListServiceDeployments", &json!({ "serviceDeployments": [] }));
    let refused = idle.cloud().await.stop_deployment(&reference(), StopType::Abort, "no").await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Validation);
}

#[tokio::test]
async fn a_service_that_is_gone() {
    let server = Scripted::start().await;
    on(&server, "DescribeServices", &json!({ "failures": [{ "arn": "web", "reason": "MISSING" }] }));
    assert_eq!(server.cloud().await.describe_service(&reference()).await.unwrap(), None);
    let server = Scripted::start().await;
    on(&server, "DescribeServices", &json!({ "services": [{ "serviceName": "web", "status": "INACTIVE" }] }));
    assert_eq!(server.cloud().await.describe_service(&reference()).await.unwrap(), None);
}

fn run() -> RunTask {
    RunTask {
        cluster: "shop".into(),
        task_definition: REVISION.into(),
        container: None,
        command: Some(vec!["migrate".into()]),
        environment: IndexMap::from([("A".into(), "1".into())]),
        subnets: vec!["subnet-1".into()],
        security_groups: vec!["sg-1".into()],
        started_by: "seaway-release-1".into(),
    }
}

#[tokio::test]
async fn a_task_runs_once() {
    let server = Scripted::start().await;
    definition(&server);
    let none = json!({ "__type": "InvalidParameterException",
                       "message": "No Container Instances were found in your cluster." });
    server.on("RunTask", 400, &none.to_string());
    on(&server, "RunTask", &json!({ "tasks": [task("a", "10.0.0.1", "PROVISIONING")], "failures": [] }));
    let started = server.cloud().await.run_task(&run()).await.unwrap();
    assert_eq!((started.id.as_str(), started.last_status.as_str()), ("a", "PROVISIONING"));
    let sent: Vec<Value> = server
        .calls()
        .iter()
        .filter(|call| call.action == "RunTask")
        .map(|call| serde_json::from_str(&call.body).unwrap())
        .collect();
    assert_eq!((sent.len(), sent[0].get("launchType")), (2, None));
    let sent = &sent[1];
    assert!(sent["clientToken"].is_string(), "a repeated attempt starts no second task: {sent}");
    assert_eq!(sent["launchType"], "FARGATE");
    assert_eq!(sent["enableExecuteCommand"], true);
    assert_eq!(sent["networkConfiguration"]["awsvpcConfiguration"]["subnets"], json!(["subnet-1"]));
    assert_eq!(
        sent["overrides"]["containerOverrides"],
        json!([{ "name": "web", "command": ["migrate"], "environment": [{ "name": "A", "value": "1" }] }])
    );
}

#[tokio::test]
async fn two_hundred_is_not_success() {
    let server = Scripted::start().await;
    definition(&server);
    on(
        &server,
        "RunTask",
        &json!({ "tasks": [], "failures": [{ "reason": "Capacity is unavailable at this time." }] }),
    );
    let refused = server.cloud().await.run_task(&run()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Limit);
    let sent: Value = serde_json::from_str(&server.call("RunTask").body).unwrap();
    assert_eq!(sent.get("launchType"), None, "the cluster says what its tasks run on");
}

fn lines(events: &[(i64, &str, &str)]) -> Value {
    let all: Vec<Value> = events
        .iter()
        .map(|(time, id, text)| {
            json!({ "logStreamName": format!("web/web/{id}"), "timestamp": time, "message": text, "eventId": text })
        })
        .collect();
    json!({ "events": all })
}

#[tokio::test]
async fn a_log_is_read_on() {
    let server = Scripted::start().await;
    on(&server, "FilterLogEvents", &lines(&[(20_000, "a", "two\n"), (10_000, "b", "one")]));
    on(
        &server,
        "FilterLogEvents",
        &lines(&[(20_000, "a", "two\n"), (19_000, "b", "late"), (30_000, "a", "three")]),
    );
    on(&server, "FilterLogEvents", &lines(&[]));
    let cloud = server.cloud().await;
    let mut query = LogQuery { group: "/seaway/shop/production/web".into(), ..LogQuery::default() };
    let text = |page: &seaway_cloud::LogPage| {
        page.events.iter().map(|event| event.message.clone()).collect::<Vec<_>>()
    };
    let first = cloud.logs(&query).await.unwrap();
    assert_eq!(text(&first), ["one", "two"]);
    query.after = first.cursor;
    let second = cloud.logs(&query).await.unwrap();
    assert_eq!(text(&second), ["late", "three"], "nothing twice, and nothing lost");
    query.after = second.cursor.clone();
    let third = cloud.logs(&query).await.unwrap();
    assert_eq!((text(&third).len(), third.cursor), (0, second.cursor));
    let starts: Vec<String> = server.calls().into_iter().map(|call| call.body).collect();
    assert!(starts[2].contains("\"startTime\":20000"), "{starts:?}");
}

#[tokio::test]
async fn the_streams_of_a_task() {
    let server = Scripted::start().await;
    on(
        &server,
        "DescribeLogStreams",
        &json!({ "logStreams": [{ "logStreamName": "web/web/a" }, { "logStreamName": "web/web/b" }] }),
    );
    on(&server, "FilterLogEvents", &lines(&[(1, "a", "x"), (2, "a", "y")]));
    let query = LogQuery {
        group: "/seaway/shop/production/web".into(),
        stream_suffix: Some("/a".into()),
        limit: Some(1),
        ..LogQuery::default()
    };
    let page = server.cloud().await.logs(&query).await.unwrap();
    assert_eq!(page.events.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(), ["y"]);
    let filters: Vec<_> =
        server.calls().into_iter().filter(|call| call.action == "FilterLogEvents").collect();
    assert!(filters[0].body.contains("\"logStreamNames\":[\"web/web/a\"]"), "{}", filters[0].body);
}

#[tokio::test]
async fn a_log_group_that_is_not_there_yet() {
    let server = Scripted::start().await;
    let body = json!({ "__type": "ResourceNotFoundException", "message": "no" });
    server.on("FilterLogEvents", 400, &body.to_string());
    let query = LogQuery { group: "/seaway/none".into(), ..LogQuery::default() };
    assert_eq!(server.cloud().await.logs(&query).await.unwrap(), seaway_cloud::LogPage::default());
}
