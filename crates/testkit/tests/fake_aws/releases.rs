//! Releases: what services, tasks and logs do under each scenario.

use std::time::Duration;

use seaway_cloud::StackStatus;
use seaway_cloud::fake::Behaviour;
use seaway_testkit::fake_aws::BehaviourRule;
use seaway_testkit::fake_aws::Containers;
use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::Scenario;
use serde_json::Value as Json;
use serde_json::json;

use crate::client::cfn;
use crate::client::deploy;
use crate::client::ecs;
use crate::client::json;
use crate::client::query;
use crate::client::start;
use crate::client::web;

fn with_rule(rule: BehaviourRule) -> FakeAws {
    let aws = FakeAws::start(Scenario { containers: vec![rule], ..Scenario::default() }).unwrap();
    deploy(&aws, "web", "CREATE", &web(), &[]);
    aws
}

fn service(aws: &FakeAws) -> Json {
    let arn = aws.stack_outputs("web")["ServiceArn"].clone();
    ecs(aws, "DescribeServices", &json!({"cluster": "shop", "services": [arn]}))["services"][0].clone()
}

fn stopped_tasks(aws: &FakeAws) -> Vec<Json> {
    let arns =
        ecs(aws, "ListTasks", &json!({"cluster": "shop", "desiredStatus": "STOPPED"}))["taskArns"].clone();
    let tasks = ecs(aws, "DescribeTasks", &json!({"cluster": "shop", "tasks": arns}))["tasks"].clone();
    tasks.as_array().unwrap().clone()
}

#[test]
fn a_good_update_replaces_every_task_and_never_has_too_few() {
    let aws = with_rule(BehaviourRule::default());
    start(&aws, "web", "UPDATE", &web(), &[("Image", "shop/web:v2")]);
    let mut most = 0;
    for _ in 0..60 {
        aws.advance(Duration::from_millis(500));
        let running = aws.picture().services[0].running;
        assert!(running >= 2, "only {running} tasks run");
        most = most.max(running);
    }
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateComplete));
    let picture = aws.picture().services.remove(0);
    assert_eq!(
        (picture.running, picture.deployments, picture.images),
        (2, 1, vec!["shop/web:v2".to_owned()])
    );
    assert_eq!(most, 4, "at most 200 percent");
}

#[test]
fn tasks_that_crash_open_the_circuit_breaker_and_all_of_it_goes_back() {
    let rule = BehaviourRule {
        last_words: vec!["fatal: no settings".into()],
        ..BehaviourRule::new("RELEASE=bad", Behaviour::Crash(3))
    };
    let aws = with_rule(rule);
    deploy(&aws, "web", "UPDATE", &web(), &[("Release", "bad")]);
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackComplete));
    let now = service(&aws);
    assert_eq!(now["taskDefinition"].as_str().unwrap().rsplit(':').next(), Some("1"));
    assert_eq!(
        (&now["runningCount"], &now["deployments"][0]["rolloutState"]),
        (&json!(2), &json!("COMPLETED"))
    );
    let crashed: Vec<Json> = stopped_tasks(&aws)
        .into_iter()
        .filter(|task| task["stopCode"] == "EssentialContainerExited")
        .collect();
    assert!(crashed.len() >= 3, "{} tasks crashed", crashed.len());
    assert!(crashed.iter().all(|task| task["containers"][0]["exitCode"] == 3));
    let deployments =
        ecs(&aws, "ListServiceDeployments", &json!({"cluster": "shop", "service": now["serviceArn"]}));
    assert_eq!(deployments["serviceDeployments"][0]["status"], "ROLLBACK_SUCCESSFUL");
    let lines = json(
        &aws,
        "logs",
        "Logs_20140328.FilterLogEvents",
        &json!({"logGroupName": "/shop/web", "filterPattern": "fatal"}),
    );
    assert!(lines.json()["events"].as_array().unwrap().len() >= 3);
    let failed = cfn(&aws, "DescribeEvents", &[("StackName", "web"), ("Filters.FailedEvents", "true")]);
    assert_eq!(failed.elements("LogicalResourceId"), ["Service"]);
    assert!(failed.body.contains("circuit breaker"), "{}", failed.body);
}

#[test]
fn a_watchdog_stops_a_deployment_before_the_breaker_does() {
    let aws = with_rule(BehaviourRule::new("RELEASE=bad", Behaviour::Hang));
    start(&aws, "web", "UPDATE", &web(), &[("Release", "bad")]);
    aws.advance(Duration::from_secs(60));
    let arn = service(&aws)["currentServiceDeployment"].clone();
    let stop = json!({"serviceDeploymentArn": arn, "stopType": "ROLLBACK"});
    assert_eq!(ecs(&aws, "StopServiceDeployment", &stop)["serviceDeploymentArn"], arn);
    assert!(aws.settle(Duration::from_secs(600)));
    assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackComplete));
    let failed = cfn(&aws, "DescribeEvents", &[("StackName", "web"), ("Filters.FailedEvents", "true")]);
    assert!(failed.body.contains("Service deployment was stopped"), "{}", failed.body);
    let again = ecs(&aws, "StopServiceDeployment", &stop);
    assert_eq!(again["__type"], "ConflictException");
}

#[test]
fn each_way_to_fail_has_its_own_evidence() {
    for (behaviour, code, reason) in [
        (Behaviour::ImageMissing, "TaskFailedToStart", "CannotPullContainerError"),
        (
            Behaviour::SecretMissing,
            "TaskFailedToStart",
            "ResourceInitializationError: unable to pull secrets",
        ),
        (
            Behaviour::NeverHealthy,
            "ServiceSchedulerInitiated",
            "Task failed ELB health checks in (target-group arn:",
        ),
    ] {
        let aws = with_rule(BehaviourRule::new("RELEASE=bad", behaviour));
        deploy(&aws, "web", "UPDATE", &web(), &[("Release", "bad")]);
        assert_eq!(aws.stack_status("web"), Some(StackStatus::UpdateRollbackComplete), "{behaviour:?}");
        let tasks = stopped_tasks(&aws);
        let found = tasks.iter().filter(|task| {
            task["stopCode"] == code && task["stoppedReason"].as_str().unwrap_or_default().contains(reason)
        });
        assert!(found.count() >= 3, "{behaviour:?}: {tasks:#?}");
    }
}

#[test]
fn targets_are_initial_then_healthy_then_draining() {
    let aws = with_rule(BehaviourRule::default());
    let arn = ecs(
        &aws,
        "DescribeServices",
        &json!({"cluster": "shop", "services": [aws.stack_outputs("web")["ServiceArn"]]}),
    )["services"][0]["loadBalancers"][0]["targetGroupArn"]
        .as_str()
        .unwrap()
        .to_owned();
    start(&aws, "web", "UPDATE", &web(), &[("Image", "shop/web:v2")]);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let answer = query(&aws, "elasticloadbalancing", "DescribeTargetHealth", &[("TargetGroupArn", &arn)]);
        seen.extend(answer.elements("State").into_iter().map(str::to_owned));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["draining", "healthy", "initial"]);
}

#[test]
fn a_one_off_task_ends_with_its_code_and_a_token_starts_it_once() {
    let aws = with_rule(BehaviourRule::new("MIGRATE=bad", Behaviour::Crash(7)));
    let run = |environment: Json, token: &str| {
        let call = json!({
            "cluster": "shop", "taskDefinition": "web", "clientToken": token, "startedBy": "seaway",
            "overrides": {"containerOverrides": [{"name": "web", "environment": environment}]},
        });
        ecs(&aws, "RunTask", &call)["tasks"][0]["taskArn"].clone()
    };
    let good = run(json!([]), "one");
    let bad = run(json!([{"name": "MIGRATE", "value": "bad"}]), "two");
    assert_eq!(run(json!([]), "one"), good);
    assert!(aws.settle(Duration::from_secs(60)));
    let tasks = ecs(&aws, "DescribeTasks", &json!({"cluster": "shop", "tasks": [good, bad]}));
    let codes: Vec<&Json> =
        tasks["tasks"].as_array().unwrap().iter().map(|task| &task["containers"][0]["exitCode"]).collect();
    assert_eq!(codes, [&json!(0), &json!(7)]);
}

#[test]
fn no_capacity_is_a_failure_of_run_task_and_not_an_error() {
    let rule = BehaviourRule {
        when: "RELEASE=good".into(),
        behaviour: Containers::NoCapacity,
        ..BehaviourRule::default()
    };
    let aws = FakeAws::start(Scenario { containers: vec![rule], ..Scenario::default() }).unwrap();
    start(&aws, "web", "CREATE", &web(), &[]);
    assert!(!aws.settle(Duration::from_secs(120)));
    let answer = ecs(&aws, "RunTask", &json!({"cluster": "shop", "taskDefinition": "web"}));
    assert_eq!(answer["tasks"], json!([]));
    assert!(answer["failures"][0]["reason"].as_str().unwrap().contains("Capacity is unavailable"));
}

/// Every scenario file is read, and does what its name says to the service of [`web`].
#[test]
fn the_scenario_files() {
    let folder = seaway_testkit::root().join("crates/testkit/scenarios");
    let names: Vec<String> = folder
        .read_dir_utf8()
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().strip_suffix(".json")?.to_owned()))
        .collect();
    assert!(names.len() >= 11, "{names:?}");
    for name in &names {
        let scenario = Scenario::named(name).unwrap();
        assert!(!scenario.title.is_empty() && !scenario.about.is_empty(), "{name} says nothing of itself");
        // Back to text and again: nothing is lost.
        let text = serde_json::to_string(&scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&text).unwrap(), scenario, "{name}");
        let aws = FakeAws::start(scenario).unwrap();
        deploy(&aws, "web", "CREATE", &web(), &[]);
        assert_eq!(aws.stack_status("web"), Some(StackStatus::CreateComplete), "{name}");
    }
    for (name, parameter, ends) in [
        ("partial-failure", ("Release", "bad"), StackStatus::UpdateRollbackComplete),
        ("missing-image", ("Image", "shop/web:gone"), StackStatus::UpdateRollbackComplete),
        ("rollback", ("Release", "late"), StackStatus::UpdateComplete),
        ("superseded", ("Release", "slow"), StackStatus::UpdateInProgress),
    ] {
        let aws = FakeAws::start(Scenario::named(name).unwrap()).unwrap();
        deploy(&aws, "web", "CREATE", &web(), &[]);
        start(&aws, "web", "UPDATE", &web(), &[parameter]);
        aws.advance(Duration::from_secs(120));
        assert_eq!(aws.stack_status("web"), Some(ends), "{name}");
    }
}
