//! `up` against the fake cloud.

mod support;

use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::Outcome;
use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use seaway_cloud::Store;
use seaway_cloud::fake::Behaviour;
use seaway_engine::Options;
use seaway_synth::Gate;
use seaway_synth::StackKind;
use seaway_synth::StackSet;
use seaway_synth::WorkloadSpec;
use secrecy::SecretString;
use support::Shop;
use support::set;
use support::without;

#[tokio::test(start_paused = true)]
async fn first_up_serves() {
    let shop = Shop::new();
    let finished = shop.up(&set(&[])).await;
    insta::assert_snapshot!("first_up_events", shop.lines());
    assert_eq!(finished.outcome, Outcome::Serving, "{finished:#?}");
    assert_eq!((finished.exit_code, finished.release), (0, Some(1)));
    insta::assert_snapshot!("first_up_calls", shop.cloud.calls().join("\n"));
    assert_eq!(finished.urls["web"], "shop-test-web.Url");
    assert_eq!(shop.cloud.lock_owner("shop", "test"), None);
}

#[tokio::test(start_paused = true)]
async fn second_up_changes_nothing() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let plan = shop.engine().plan(&set(&[]), &shop.images).await.unwrap();
    assert!(!plan.has_changes(), "{plan:#?}");
    let finished = shop.up(&set(&[])).await;
    assert_eq!((finished.exit_code, finished.release), (0, None), "{}", finished.summary);
    assert!(shop.cloud.changes().is_empty());
    assert!(!shop.cloud.calls().iter().any(|call| call.starts_with("put_release")));
}

#[tokio::test(start_paused = true)]
async fn an_environment_variable_touches_one_stack() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let changed = set(&[("worker", "debug")]);
    let plan = shop.engine().plan(&changed, &shop.images).await.unwrap();
    let touched: Vec<&str> = plan
        .stacks
        .iter()
        .filter(|stack| stack.action != seaway_engine::StackAction::Unchanged)
        .map(|stack| stack.name.as_str())
        .collect();
    assert_eq!(touched, ["shop-test-worker"]);
    insta::assert_json_snapshot!("plan_of_one_variable", plan.get("shop-test-worker"));
    shop.up(&changed).await;
    assert_eq!(shop.cloud.changes(), ["run_task shop-test-migrate:1", "put_stack shop-test-worker"]);
}

#[tokio::test(start_paused = true)]
async fn failed_migration_stops_before_services() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    shop.cloud.behave("migrate-2", Behaviour::Crash(3));
    shop.image("shop/web:2");
    let finished = shop.up(&set(&[("migrate", "migrate-2"), ("api", "debug")])).await;
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::RolledBack, 6));
    insta::assert_snapshot!("failed_migration_changes", shop.cloud.changes().join("\n"));
    let dossier = finished.dossier.unwrap();
    assert_eq!(dossier.cause, "task migrate exited with 3");
    assert_eq!(dossier.log, ["begin", "end with 3"]);
}

#[tokio::test(start_paused = true)]
async fn crash_takes_everything_back() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    let before = shop.cloud.picture();
    shop.cloud.clear_calls();
    shop.cloud.behave("shop/web:2", Behaviour::Crash(42));
    shop.image("shop/web:2");
    let finished = shop.up(&set(&[("api", "debug"), ("worker", "debug")])).await;
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::RolledBack, 6));
    insta::assert_snapshot!("crash_calls", shop.cloud.calls().join("\n"));
    insta::assert_snapshot!("crash_dossier", finished.dossier.unwrap().to_text());
    let after = shop.cloud.picture();
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((&old.0, &old.2, &old.3), (&new.0, &new.2, &new.3));
    }
    // The good version again: nothing to do.
    shop.image("shop/web:1");
    let again = shop.up(&set(&[])).await;
    assert_eq!((again.exit_code, again.release), (0, None), "{}", again.summary);
}

#[tokio::test(start_paused = true)]
async fn definite_failures_have_their_cause() {
    let cases = [
        (Behaviour::Crash(1), "exits with 1 right after the start"),
        (Behaviour::NeverHealthy, "no task ever passed its health check"),
        (Behaviour::ImageMissing, "cannot be pulled"),
        (Behaviour::SecretMissing, "a secret has no value"),
    ];
    for (behaviour, cause) in cases {
        for first in [true, false] {
            let mut shop = Shop::new();
            if !first {
                shop.up(&set(&[])).await;
            }
            shop.cloud.behave("shop/web:2", behaviour);
            shop.image("shop/web:2");
            let begun = tokio::time::Instant::now();
            let finished = shop.up(&set(&[])).await;
            assert_eq!(finished.exit_code, 6, "{behaviour:?} {first}: {}", finished.summary);
            assert!(finished.summary.contains(cause), "{behaviour:?}: {}", finished.summary);
            assert!(begun.elapsed().as_secs() < 15);
            let dossier = finished.dossier.as_ref().unwrap();
            assert!(!dossier.stopped_tasks.is_empty() && !dossier.service_events.is_empty());
            let runs = matches!(behaviour, Behaviour::Crash(_) | Behaviour::NeverHealthy);
            assert_eq!(!dossier.log.is_empty(), runs, "{dossier:#?}");
            assert!(shop.cloud.calls().contains(&"stop_deployment shop-test-web Rollback".into()));
            let names: Vec<String> = shop.cloud.picture().into_iter().map(|one| one.0).collect();
            let kept = if first { 3 } else { 8 };
            assert_eq!(names.len(), kept, "{behaviour:?} {first}: {names:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_of_three_services_fails() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let before = shop.cloud.picture();
    shop.cloud.behave("worker-2", Behaviour::Crash(7));
    shop.cloud.behave("api-2", Behaviour::Hang);
    let finished = shop.up(&set(&[("api", "api-2"), ("worker", "worker-2"), ("web", "x")])).await;
    assert_eq!(finished.exit_code, 6, "{}", finished.summary);
    assert!(shop.cloud.calls().contains(&"cancel_update shop-test-api".into()));
    assert!(!shop.cloud.calls()[12..].contains(&"put_stack shop-test-web".into()));
    let after = shop.cloud.picture();
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((&old.0, &old.2), (&new.0, &new.2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_base_stack_stays_rolled_back() {
    let shop = Shop::new();
    shop.cloud.fail_stack("shop-test-resources", "Main", "limit exceeded");
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 6);
    let dossier = finished.dossier.unwrap();
    assert_eq!(dossier.resource_reason.as_deref(), Some("limit exceeded"));
    // A stack in ROLLBACK_COMPLETE has to be deleted before it is made anew.
    shop.cloud.clear_calls();
    let again = shop.up(&set(&[])).await;
    assert_eq!(again.exit_code, 0, "{}", again.summary);
    let changes = shop.cloud.changes();
    let delete = changes.iter().position(|call| call == "delete_stack shop-test-resources");
    let put = changes.iter().position(|call| call == "put_stack shop-test-resources");
    assert!(delete.is_some() && delete < put, "{changes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_check_takes_everything_back() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.image("shop/web:2");
    let http = std::sync::Arc::new(support::FixedHttp(502));
    let finished = shop.engine().with_http(http).up(&set(&[]), &shop.images, &[], None).await;
    assert_eq!(finished.exit_code, 6);
    assert!(finished.summary.contains("status 502 instead of 200"), "{}", finished.summary);
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_left_the_set_goes_last() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let finished = shop.up(&without(set(&[("api", "debug")]), "worker")).await;
    assert_eq!(finished.exit_code, 0);
    assert_eq!(shop.cloud.changes().last().unwrap(), "delete_stack shop-test-worker");
    assert_eq!(shop.cloud.picture().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn only_the_named_workload_is_touched() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    shop.image("shop/web:2");
    let only = ["worker".to_owned()];
    let changed = without(set(&[("worker", "debug")]), "report");
    let finished = shop.engine().up(&changed, &shop.images, &[], Some(&only)).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    assert_eq!(shop.cloud.changes(), ["put_stack shop-test-worker"]);
    let record = shop.cloud.release("shop", "test", 2).await.unwrap().unwrap();
    assert_eq!(record.stacks.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_held_lock_is_waited_for_and_reported() {
    let shop = Shop::new();
    let owner = LockOwner {
        id: "other".into(),
        who: "you@there".into(),
        pid: 1,
        action: "up".into(),
        run_url: None,
        since: shop.cloud.now(),
    };
    shop.cloud.hold_lock("shop", "test", owner.clone());
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 10);
    assert!(finished.summary.contains("you@there"));
    assert!(shop.cloud.changes().is_empty());
    let options = Options {
        lock_wait: std::time::Duration::from_secs(60),
        run_id: "mine".into(),
        ..Options::default()
    };
    let (set, engine) = (set(&[]), shop.engine_with(options));
    let up = engine.up(&set, &shop.images, &[], None);
    let free = async {
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        shop.cloud.release_lock("shop", "test", &owner).await.unwrap();
    };
    let (finished, ()) = tokio::join!(up, free);
    assert_eq!(finished.exit_code, 0);
    let mine = LockOwner { id: "third".into(), ..owner };
    assert_eq!(shop.cloud.acquire_lock("shop", "test", &mine).await, Ok(Lock::Acquired));
}

#[tokio::test(start_paused = true)]
async fn secrets_are_stored_and_never_told() {
    let shop = Shop::new();
    let secret = SecretValue {
        name: "/shop/test/KEY".into(),
        source: SecretSource::Value(SecretString::from("hunter2-canary".to_owned())),
    };
    shop.cloud.behave("shop/web:1", Behaviour::Crash(1));
    let finished = shop.engine().up(&set(&[]), &shop.images, &[secret], None).await;
    assert_eq!(shop.cloud.changes()[0], "put_secrets /shop/test/KEY");
    let all = format!("{}{}", shop.lines(), serde_json::to_string(&finished).unwrap());
    assert!(!all.contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_and_a_denied_call_change_nothing() {
    let shop = Shop::new();
    let options = Options { dry_run: true, ..Options::default() };
    let finished = shop.engine_with(options).up(&set(&[]), &shop.images, &[], None).await;
    assert_eq!((finished.exit_code, finished.summary.as_str()), (0, "dry run: stacks: 8 created"));
    assert!(finished.plan.unwrap().has_changes());
    assert!(shop.cloud.changes().is_empty());
    shop.cloud.deny(seaway_cloud::ErrorKind::Credentials, "the token expired");
    assert_eq!(shop.up(&set(&[])).await.exit_code, 11);
}

#[tokio::test(start_paused = true)]
async fn data_loss_in_a_protected_environment_is_refused() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let mut smaller = set(&[]);
    smaller.protected = true;
    smaller.stacks[2].template.resources.shift_remove("Main");
    let plan = shop.engine().plan(&smaller, &shop.images).await.unwrap();
    assert_eq!(plan.data_loss(), ["shop-test-resources/Main"]);
    let finished = shop.up(&smaller).await;
    assert_eq!(finished.exit_code, 5, "{}", finished.summary);
    let options =
        Options { allow_replace: vec!["replace:Main".into()], run_id: "a".into(), ..Options::default() };
    let finished = shop.engine_with(options).up(&smaller, &shop.images, &[], None).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
}

fn spec_of<'a>(set: &'a mut StackSet, name: &str) -> &'a mut WorkloadSpec {
    let mut specs = set.stacks.iter_mut().filter_map(|stack| match &mut stack.kind {
        StackKind::Workload(spec) => Some(&mut **spec),
        _ => None,
    });
    specs.find(|spec| spec.name == name).unwrap_or_else(|| panic!("no workload {name}"))
}

#[tokio::test(start_paused = true)]
async fn waves_and_gates_have_their_order() {
    let shop = Shop::new();
    let mut shop_set = set(&[]);
    // A migration that needs a service does not make that service wait for itself.
    spec_of(&mut shop_set, "migrate").depends_on = vec!["api".into()];
    spec_of(&mut shop_set, "report").kind = "task";
    spec_of(&mut shop_set, "report").gate = Some(Gate::After);
    let finished = shop.up(&shop_set).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    insta::assert_snapshot!("waves_and_gates", shop.cloud.changes().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_completed_dependency_runs_once_and_must_succeed() {
    let shop = Shop::new();
    let mut shop_set = set(&[]);
    spec_of(&mut shop_set, "migrate").gate = None;
    spec_of(&mut shop_set, "worker").completed = vec!["migrate".into()];
    assert_eq!(shop.up(&shop_set).await.exit_code, 0);
    let runs = |shop: &Shop| {
        let changes = shop.cloud.changes();
        changes.iter().filter(|call| call.starts_with("run_task")).count()
    };
    assert_eq!(runs(&shop), 1);
    shop.cloud.behave("migrate", Behaviour::Hang);
    let mut changed = set(&[("worker", "debug")]);
    spec_of(&mut changed, "migrate").gate = None;
    spec_of(&mut changed, "migrate").timeout = Some(30);
    spec_of(&mut changed, "worker").completed = vec!["migrate".into()];
    shop.cloud.clear_calls();
    let finished = shop.up(&changed).await;
    assert_eq!(finished.exit_code, 6);
    assert!(finished.summary.contains("ran longer than 30 s"), "{}", finished.summary);
    assert_eq!(shop.cloud.changes(), ["run_task shop-test-migrate:1", "stop_task"]);
}

#[tokio::test(start_paused = true)]
async fn stacks_that_wait_for_each_other_are_a_fault_of_ours() {
    let shop = Shop::new();
    let mut shop_set = set(&[]);
    spec_of(&mut shop_set, "api").depends_on = vec!["web".into()];
    let finished = shop.up(&shop_set).await;
    assert!(finished.summary.contains("wait for each other"), "{}", finished.summary);
    assert_eq!(shop.cloud.calls(), ["acquire_lock shop test", "release_lock shop test"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_told_before_anything_is_touched() {
    let mut shop = Shop::new();
    shop.images.clear();
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 3);
    assert!(finished.summary.contains("no image is known for service `web`"));
    assert!(shop.cloud.changes().is_empty());
}
