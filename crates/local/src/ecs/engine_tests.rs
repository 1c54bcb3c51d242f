//! ECS with a real container engine.

use super::engine;
use super::engine_bed::Bed;
use super::engine_bed::IMAGE;
use super::engine_bed::context;
use super::engine_bed::server;
use super::engine_bed::service;
use super::engine_bed::shell;
use crate::realiser::Realiser;
use indexmap::IndexMap;
use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecRequest;
use seaway_cloud::RolloutState;
use seaway_cloud::RunTask;
use seaway_cloud::ServiceRef;
use seaway_cloud::ServiceUpdate;
use seaway_cloud::StopType;
use seaway_cloud::Task;
use serde_json::json;
use std::time::Duration;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn tasks_run_once_with_exit_code_logs_and_environment() {
    let bed = Bed::new("once").await;
    let mut container = shell("true");
    container["Secrets"] = json!([{"Name": "KEY", "ValueFrom": "/shop/KEY"}]);
    let definition = bed.definition("d1", container).await;
    let task = bed
        .run(&definition, &["/bin/sh", "-c", "echo $AWS_REGION $OWN $EXTRA $KEY; echo bad >&2; exit 3"])
        .await;
    assert_eq!(task.exit_code(), Some(3));
    assert_eq!(task.stop_code.as_deref(), Some("EssentialContainerExited"));
    assert_eq!(task.stopped_reason.as_deref(), Some("Essential container in task exited"));
    let mut lines = bed.messages(&task.id).await;
    lines.sort();
    assert_eq!(lines, ["bad", "local definition yes hunter2"]);
    assert_eq!(bed.containers().await, 0);
    for name in ["tasks", "definitions", "services"] {
        let path = bed.dir.path().join("ecs").join(format!("{name}.json"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        assert!(!text.contains("hunter2"), "{name}.json holds the value of a secret");
    }
    // The last of many lines are there when the task is reported STOPPED.
    let task = bed.run(&definition, &["/bin/busybox", "seq", "1", "20000"]).await;
    let lines = bed.messages(&task.id).await;
    assert_eq!((lines.len(), lines.last().map(String::as_str)), (20000, Some("20000")));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_needs_too_much_memory_says_so() {
    let bed = Bed::new("memory").await;
    let mut container = shell("true");
    container["Memory"] = json!(16);
    let definition = bed.definition("d1", container).await;
    let task = bed.run(&definition, &["/bin/busybox", "tail", "/dev/zero"]).await;
    assert_eq!(task.exit_code(), Some(137));
    let reason = "OutOfMemoryError: Container killed due to memory usage";
    assert_eq!(task.containers[0].reason.as_deref(), Some(reason));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_cannot_start_say_why() {
    let bed = Bed::new("why").await;
    let mut container = shell("true");
    container["Secrets"] = json!([{"Name": "KEY", "ValueFrom": "/shop/NONE"}]);
    let secret = bed.definition("d1", container).await;
    let mut container = shell("true");
    container["Image"] = json!("nosuch.invalid/image:1");
    let image = bed.definition("d2", container).await;
    let command = bed.definition("d3", shell("true")).await;
    for (definition, command, reason) in [
        (&secret, "true", "ResourceInitializationError: unable to pull secrets or registry auth: "),
        (&image, "true", "CannotPullContainerError: "),
        (&command, "/no/such/program", "CannotStartContainerError: "),
    ] {
        let task = bed.run(definition, &[command]).await;
        assert_eq!(task.stop_code.as_deref(), Some("TaskFailedToStart"));
        let text = task.stopped_reason.unwrap_or_default();
        assert!(text.starts_with(reason), "{text}");
    }
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_rolls_and_goes_back() {
    let bed = Bed::new("roll").await;
    let first = bed.definition("d1", server("one")).await;
    let kind = "AWS::ECS::Service";
    let made = bed.create(kind, "Service", "s", service(&first, 2, true)).await.expect("create");
    assert_eq!(made.id, "arn:aws:ecs:local:000000000000:service/shop/web");
    assert_eq!(bed.service().await.running, 2);

    let second = bed.definition("d2", server("two")).await;
    let (old, new) = (service(&first, 2, true), service(&second, 2, true));
    bed.ecs.update(&context(kind, "Service", "s"), &made.id, &old, &new).await.expect("update");
    let shown = bed.service().await;
    assert_eq!((shown.task_definition.as_str(), shown.running, shown.deployments.len()), ("web:2", 2, 1));
    assert_eq!(shown.deployments[0].rollout_state, RolloutState::Completed);
    let address = bed.tasks(false).await[0].containers[0].ports[&8080].clone();
    assert!(address.starts_with("127.0.0.1:"));

    // A revision that crashes: the old tasks stay, and nothing of the new one is left.
    let before: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    let third = bed.definition("d3", shell("echo broken; exit 7")).await;
    let mut bad = service(&third, 2, false);
    bad["ServiceConnectConfiguration"] = json!({"Services": [{"PortName": "x"}]});
    let failed = bed.ecs.update(&context(kind, "Service", "s"), &made.id, &new, &bad).await;
    let text = failed.expect_err("breaker").0;
    assert!(text.contains("ECS Deployment Circuit Breaker was triggered"), "{text}");
    bed.ecs.update(&context(kind, "Service", "s"), &made.id, &bad, &new).await.expect("back");
    let after: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    assert_eq!(before, after);
    let crashed =
        bed.tasks(true).await.into_iter().find(|task| task.exit_code() == Some(7)).expect("crashed");
    assert_eq!(bed.messages(&crashed.id).await, ["broken"]);

    let events: Vec<String> = bed.service().await.events.into_iter().map(|event| event.message).collect();
    for part in
        ["has started 2 tasks", "registered 1 targets", "begun draining", "has reached a steady state."]
    {
        assert!(events.iter().any(|event| event.contains(part)), "{part}: {events:#?}");
    }
    bed.ecs.delete(&context(kind, "Service", "s"), &made.id, &new).await.expect("delete");
    assert_eq!(bed.containers().await, 0);
    let cluster = context("AWS::ECS::Cluster", "Cluster", "c");
    bed.ecs.delete(&cluster, "shop", &json!({})).await.expect("cluster");
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_stopped_at_once() {
    let bed = Bed::new("stop").await;
    let first = bed.definition("d1", shell("trap 'exit 0' TERM; sleep 1000 & wait")).await;
    let kind = "AWS::ECS::Service";
    let old = service(&first, 1, false);
    let made = bed.create(kind, "Service", "s", old.clone()).await.expect("create");
    let mut never = shell("trap 'exit 0' TERM; sleep 1000 & wait");
    never["HealthCheck"] = json!({"Command": ["CMD-SHELL", "false"], "Interval": 5, "Retries": 10});
    let second = bed.definition("d2", never).await;
    let new = service(&second, 1, false);
    let reference = ServiceRef { cluster: "shop".into(), service: made.id.clone() };
    let context = context(kind, "Service", "s");
    let update = bed.ecs.update(&context, &made.id, &old, &new);
    let stop = async {
        bed.until(|tasks| {
            (tasks.iter().filter(|task| task.last_status == "RUNNING").count() == 2).then_some(())
        })
        .await;
        bed.ecs.stop_deployment(&reference, StopType::Rollback, "never healthy").await.expect("stop");
    };
    let (updated, ()) = tokio::join!(update, stop);
    assert!(updated.expect_err("stopped").0.contains("never healthy"));
    bed.ecs.update(&context, &made.id, &new, &old).await.expect("back");
    let shown = bed.service().await;
    assert_eq!((shown.task_definition.as_str(), shown.running), ("web:1", 1));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_taken_over_after_a_kill() {
    let mut bed = Bed::new("kill").await;
    let definition =
        bed.definition("d1", shell("n=0; while true; do n=$((n+1)); echo $n; usleep 20000; done")).await;
    let made = bed
        .create("AWS::ECS::Service", "Service", "s", service(&definition, 2, false))
        .await
        .expect("create");
    let before: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    bed.ecs.halt();
    // One container dies while nobody looks; another one is nobody's.
    let victim =
        engine::containers(&bed.docker, &bed.instance).await.expect("list")[0].id.clone().expect("id");
    bed.docker.kill_container(&victim, None).await.expect("kill");
    let stray = bollard::models::ContainerCreateBody {
        image: Some(IMAGE.to_owned()),
        labels: Some(std::collections::HashMap::from([
            ("seaway.instance".to_owned(), bed.instance.clone()),
            ("seaway.task".to_owned(), "unknown".to_owned()),
        ])),
        cmd: Some(vec!["/bin/sh".to_owned()]),
        ..Default::default()
    };
    bed.docker.create_container(None, stray).await.expect("stray");
    bed.reopen().await;
    let dead = bed
        .until(|tasks| {
            tasks.into_iter().find(|task| before.contains(&task.id) && task.last_status == "STOPPED")
        })
        .await;
    assert_eq!(dead.exit_code(), Some(137));
    bed.until(|tasks| (tasks.iter().filter(|task| task.last_status == "RUNNING").count() == 2).then_some(()))
        .await;
    let now = bed.tasks(false).await;
    let survivor = now.iter().find(|task| before.contains(&task.id)).expect("the other one goes on");
    assert_eq!(bed.containers().await, 2);
    bed.ecs.stop_task("shop", &survivor.id, "test").await.expect("stop");
    let stopped = bed.until_stopped(&survivor.id).await;
    assert_eq!(stopped.stopped_reason.as_deref(), Some("test"));
    let lines = bed.messages(&survivor.id).await;
    let expected: Vec<String> = (1..=lines.len()).map(|number| number.to_string()).collect();
    assert_eq!(lines, expected, "no line is lost or doubled");
    let reference = ServiceRef { cluster: "shop".into(), service: made.id };
    let none = ServiceUpdate { desired: Some(0), force_new_deployment: false };
    bed.ecs.update_service(&reference, &none).await.expect("scale");
    bed.until(|tasks| tasks.iter().all(|task| task.last_status == "STOPPED").then_some(())).await;
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_deployment_waits_for_secrets_that_went_with_the_process() {
    let mut bed = Bed::new("lost").await;
    let mut container = shell("trap 'exit 0' TERM; sleep 1000 & wait");
    container["Secrets"] = json!([{"Name": "KEY", "ValueFrom": "/shop/KEY"}]);
    let definition = bed.definition("d1", container).await;
    let properties = service(&definition, 2, false);
    let made = bed.create("AWS::ECS::Service", "Service", "s", properties.clone()).await.expect("create");
    let before: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    bed.reopen().await;

    // The second process has no values: what runs goes on, what is new waits and does not fail.
    let reference = ServiceRef { cluster: "shop".into(), service: made.id.clone() };
    let again = ServiceUpdate { desired: None, force_new_deployment: true };
    bed.ecs.update_service(&reference, &again).await.expect("restart");
    bed.until(|tasks| (tasks.iter().filter(|task| task.last_status == "PENDING").count() == 2).then_some(()))
        .await;
    let shown = bed.service().await;
    assert!(shown.events.iter().any(|event| event.message.contains("waits for the values of /shop/KEY")));
    assert!(!shown.events.iter().any(|event| event.message.contains("hunter2")));
    let mut running: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    running.retain(|id| before.contains(id));
    assert_eq!(running.len(), 2, "nothing that ran was stopped");
    assert_eq!(
        (shown.deployments[0].failed, shown.deployments[0].rollout_state),
        (0, RolloutState::InProgress)
    );

    bed.put_secrets();
    let context = context("AWS::ECS::Service", "Service", "s");
    bed.ecs.update(&context, &made.id, &properties, &properties).await.expect("it goes on");
    assert_eq!(bed.service().await.deployments[0].rollout_state, RolloutState::Completed);
    bed.ecs.delete(&context, &made.id, &properties).await.expect("delete");
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_share_a_network_and_wait_for_each_other() {
    let bed = Bed::new("share").await;
    let mut web = server("shared");
    web["DependsOn"] = json!([{"ContainerName": "init", "Condition": "SUCCESS"}]);
    web["HealthCheck"] = json!({"Command": ["CMD", "/bin/busybox", "wget", "-q", "-O", "-", "http://localhost:8080/version"], "Interval": 5});
    web["MountPoints"] = json!([{"SourceVolume": "data", "ContainerPath": "/data"}]);
    let mut init = shell("echo made > /data/file");
    init["Name"] = json!("init");
    init["Essential"] = json!(false);
    init["MountPoints"] = json!([{"SourceVolume": "data", "ContainerPath": "/data"}]);
    let mut beside = shell(
        "cat /data/file; /bin/busybox wget -q -O - http://localhost:8080/version; /bin/busybox wget -q -O - http://shop-web:8080/version; trap 'exit 0' TERM; sleep 1000 & wait",
    );
    beside["Name"] = json!("beside");
    beside["DependsOn"] = json!([{"ContainerName": "web", "Condition": "HEALTHY"}]);
    beside["MountPoints"] = json!([{"SourceVolume": "data", "ContainerPath": "/data", "ReadOnly": true}]);
    let properties =
        json!({"ContainerDefinitions": [beside, web, init], "Volumes": [{"Name": "data"}], "Memory": "64"});
    let made =
        bed.create("AWS::ECS::TaskDefinition", "Definition", "d", properties).await.expect("definition");
    assert_eq!(made.id, "arn:aws:ecs:local:000000000000:task-definition/shop-local-web-Definition:1");
    let mut properties = service(&made.id, 1, false);
    properties["ServiceConnectConfiguration"] =
        json!({"Services": [{"PortName": "http", "ClientAliases": [{"DnsName": "shop-web", "Port": 8080}]}]});
    bed.create("AWS::ECS::Service", "Service", "s", properties).await.expect("create");
    let task = bed.tasks(false).await.remove(0);
    let begun = Instant::now();
    while bed.messages(&task.id).await.len() < 3 && begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bed.messages(&task.id).await, ["made", "shared", "shared"]);

    let request = ExecRequest {
        cluster: "shop".into(),
        task: task.id.clone(),
        container: "beside".into(),
        command: vec!["/bin/sh".into(), "-c".into(), "cat; echo oops >&2; exit 4".into()],
        tty: None,
    };
    let mut session = bed.ecs.exec(&request).await.expect("exec");
    session.input.send(ExecInput::Data(b"hello".to_vec())).await.expect("send");
    session.input.send(ExecInput::End).await.expect("end");
    let (mut out, mut err, mut code) = (Vec::new(), Vec::new(), None);
    while let Some(output) = session.output.recv().await {
        match output {
            ExecOutput::Stdout(bytes) => out.extend(bytes),
            ExecOutput::Stderr(bytes) => err.extend(bytes),
            ExecOutput::Exit(exit) => code = Some(exit),
        }
    }
    assert_eq!((out.as_slice(), err.as_slice(), code), (&b"hello"[..], &b"oops\n"[..], Some(4)));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_fire_once() {
    let mut bed = Bed::new("fire").await;
    let definition = bed.definition("d1", shell("echo plain")).await;
    // `at` counts whole seconds.
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let at = time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let properties = json!({
        "Name": "report", "ScheduleExpression": format!("at({at})"), "State": "ENABLED",
        "Target": {
            "Arn": "arn:aws:ecs:local:000000000000:cluster/shop",
            "EcsParameters": {"TaskDefinitionArn": definition},
            "Input": "{\"containerOverrides\":[{\"name\":\"web\",\"command\":[\"/bin/busybox\",\"echo\",\"fired\"]}]}"
        }
    });
    bed.create("AWS::Scheduler::Schedule", "Schedule", "x", properties).await.expect("schedule");
    let listed = bed.ecs.list_schedules(&IndexMap::new()).await.expect("list");
    assert_eq!((listed[0].task_definition.as_str(), listed[0].next.is_some()), ("web:1", true));
    let task = bed.until(|tasks| tasks.into_iter().find(|task| task.last_status == "STOPPED")).await;
    assert_eq!(
        (task.started_by.as_str(), bed.messages(&task.id).await),
        ("report", vec!["fired".to_owned()])
    );
    bed.reopen().await;
    let listed = bed.ecs.list_schedules(&IndexMap::new()).await.expect("list");
    assert_eq!((listed[0].next, listed[0].last_task.as_deref()), (None, Some(task.id.as_str())));
    assert_eq!(bed.tasks(true).await.len(), 1);
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_scaled_and_restarted() {
    let bed = Bed::new("scale").await;
    let kind = "AWS::ECS::Service";
    let definition = bed.definition("d1", server("one")).await;
    let properties = service(&definition, 1, true);
    let made = bed.create(kind, "Service", "s", properties.clone()).await.expect("create");
    let reference = ServiceRef { cluster: "shop".into(), service: made.id.clone() };
    let three = ServiceUpdate { desired: Some(3), force_new_deployment: false };
    bed.ecs.update_service(&reference, &three).await.expect("scale");
    let running = |tasks: &[Task]| tasks.iter().filter(|task| task.last_status == "RUNNING").count();
    bed.until(|tasks| (running(&tasks) == 3).then_some(())).await;

    // Without a count in the template the one that was set by hand stays; with one it is sent.
    let mut other = properties.clone();
    other["HealthCheckGracePeriodSeconds"] = json!(1);
    let mut countless = other.clone();
    countless.as_object_mut().expect("object").shift_remove("DesiredCount");
    let at = context(kind, "Service", "s");
    bed.ecs.update(&at, &made.id, &properties, &countless).await.expect("update");
    assert_eq!(bed.service().await.desired, 3);
    bed.ecs.update(&at, &made.id, &countless, &other).await.expect("update");
    assert_eq!(bed.service().await.desired, 1);
    bed.ecs.update_service(&reference, &three).await.expect("scale");
    bed.until(|tasks| (running(&tasks) == 3).then_some(())).await;

    let before: Vec<String> = bed.tasks(false).await.into_iter().map(|task| task.id).collect();
    let again = ServiceUpdate { desired: None, force_new_deployment: true };
    bed.ecs.update_service(&reference, &again).await.expect("restart");
    bed.until(|tasks| {
        let fresh: Vec<Task> = tasks.into_iter().filter(|task| task.last_status != "STOPPED").collect();
        (running(&fresh) == 3 && fresh.iter().all(|task| !before.contains(&task.id))).then_some(())
    })
    .await;

    // A count in the template that changed wins.
    let mut two = other.clone();
    two["DesiredCount"] = json!(2);
    bed.ecs.update(&context(kind, "Service", "s"), &made.id, &other, &two).await.expect("update");
    assert_eq!(bed.service().await.desired, 2);

    // Targets that turn unhealthy are replaced, for ever: this is no deployment any more.
    *bed.targets.refuse.lock().expect("lock") = true;
    let stopped = bed
        .until(|tasks| {
            let mut failed = tasks.into_iter();
            failed.find(|task| task.stopped_reason.as_deref().is_some_and(|text| text.contains("ELB")))
        })
        .await;
    let text = "Task failed ELB health checks in (target-group tg)";
    assert_eq!(stopped.stopped_reason.as_deref(), Some(text));
    *bed.targets.refuse.lock().expect("lock") = false;
    bed.until(|tasks| (running(&tasks) == 2).then_some(())).await;
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_deployment_that_fails_leaves_no_task() {
    let bed = Bed::new("first").await;
    let mut container = shell("true");
    container["Secrets"] = json!([{"Name": "KEY", "ValueFrom": "/shop/NONE"}]);
    let definition = bed.definition("d1", container).await;
    let failed = bed.create("AWS::ECS::Service", "Service", "s", service(&definition, 1, false)).await;
    assert!(failed.is_err());
    bed.until(|tasks| tasks.iter().all(|task| task.last_status == "STOPPED").then_some(())).await;
    let shown = bed.service().await;
    assert_eq!((shown.running, shown.deployments[0].rollout_state), (0, RolloutState::Failed));
    assert_eq!(shown.deployments[0].failed, 3);
    // The stack engine deletes what it could not make by the token alone.
    let context = context("AWS::ECS::Service", "Service", "s");
    bed.ecs.delete(&context, "", &service(&definition, 1, false)).await.expect("delete");
    assert_eq!(bed.ecs.counts().services, 0);
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_at_its_timeout_and_exec_has_a_terminal() {
    let bed = Bed::new("limit").await;
    let mut container = shell("trap 'exit 0' TERM; sleep 1000 & wait");
    container["DockerLabels"] = json!({"seaway.timeout": "2"});
    let definition = bed.definition("d1", container).await;
    let run = RunTask {
        cluster: "shop".into(),
        task_definition: definition,
        container: None,
        command: None,
        environment: IndexMap::new(),
        subnets: Vec::new(),
        security_groups: Vec::new(),
        started_by: "test".into(),
    };
    let task = bed.ecs.run_task(&run).await.expect("run");
    bed.until(|tasks| tasks.into_iter().find(|task| task.last_status == "RUNNING")).await;
    let request = ExecRequest {
        cluster: "shop".into(),
        task: task.id.clone(),
        container: "web".into(),
        // The size is set right after the start, as every client of the engine does it.
        command: vec!["/bin/sh".into(), "-c".into(), "sleep 0.3; stty size".into()],
        tty: Some((100, 40)),
    };
    let mut session = bed.ecs.exec(&request).await.expect("exec");
    let (mut out, mut code) = (Vec::new(), None);
    while let Some(output) = session.output.recv().await {
        match output {
            ExecOutput::Stdout(bytes) | ExecOutput::Stderr(bytes) => out.extend(bytes),
            ExecOutput::Exit(exit) => code = Some(exit),
        }
    }
    assert_eq!((String::from_utf8_lossy(&out).trim(), code), ("40 100", Some(0)));
    let stopped = bed.until_stopped(&task.id).await;
    let text = "Task ran longer than its timeout of 2 seconds";
    assert_eq!(stopped.stopped_reason.as_deref(), Some(text));
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_converges() {
    let mut bed = Bed::new("any").await;
    let kind = "AWS::ECS::Service";
    let mut old = json!(null);
    let mut id = String::new();
    for round in 0_u64..12 {
        let token = format!("d{round}");
        let definition = bed.definition(&token, server(&token)).await;
        let new = service(&definition, 2, true);
        // What CloudFormation asks for is asked for again by the next process.
        for attempt in 0..2 {
            let context = context(kind, "Service", "s");
            let put = async {
                match id.is_empty() {
                    true => bed.ecs.create(&context, &new).await,
                    false => bed.ecs.update(&context, &id, &old, &new).await,
                }
            };
            if attempt == 0 {
                let _ = tokio::time::timeout(Duration::from_millis(round * round * 8), put).await;
                bed.reopen().await;
            } else {
                id = put.await.expect("converges").id;
            }
        }
        let tasks = bed.tasks(false).await;
        assert_eq!(tasks.len(), 2, "round {round}: {tasks:#?}");
        assert!(tasks.iter().all(|task| task.task_definition == format!("web:{}", round + 1)));
        assert_eq!(bed.containers().await, 2, "round {round}");
        old = new;
    }
    bed.end().await;
}
