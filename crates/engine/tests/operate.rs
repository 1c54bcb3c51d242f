//! `rollback`, `down`, `scale`, `restart`, `run`, `status` against the fake cloud.

mod support;

use indexmap::IndexMap;
use seaway_cloud::Outcome;
use seaway_cloud::Store;
use seaway_cloud::fake::Behaviour;
use seaway_engine::Options;
use support::Shop;
use support::set;
use support::without;

#[tokio::test(start_paused = true)]
async fn rollback_goes_to_the_last_serving_release_or_a_named_one() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    let first = shop.cloud.picture();
    shop.up(&set(&[("api", "two")])).await;
    let second = shop.cloud.picture();
    shop.image("shop/web:3");
    shop.up(&set(&[("api", "two")])).await;
    shop.cloud.clear_calls();
    let finished = shop.engine().rollback("shop", "test", None).await;
    assert_eq!((finished.exit_code, finished.release), (0, Some(4)), "{}", finished.summary);
    assert_eq!(shop.cloud.changes(), ["put_stack shop-test-web"]);
    assert_eq!(shop.cloud.picture(), second);
    let finished = shop.engine().rollback("shop", "test", Some(1)).await;
    assert_eq!(finished.exit_code, 0);
    assert_eq!(shop.cloud.picture(), first);
    let records = shop.cloud.releases("shop", "test").await.unwrap();
    assert_eq!(records[0].action, "rollback to 1");
    let missing = shop.engine().rollback("shop", "test", Some(77)).await;
    assert_eq!((missing.exit_code, missing.summary.as_str()), (2, "there is no release 77"));
}

#[tokio::test(start_paused = true)]
async fn rollback_brings_a_removed_workload_and_takes_a_new_one() {
    let shop = Shop::new();
    shop.up(&without(set(&[]), "worker")).await;
    let first = shop.cloud.picture();
    shop.up(&without(set(&[]), "api")).await;
    let finished = shop.engine().rollback("shop", "test", None).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    assert_eq!(shop.cloud.picture(), first);
}

#[tokio::test(start_paused = true)]
async fn a_failing_rollback_goes_back_too() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.image("shop/web:2");
    shop.up(&set(&[])).await;
    shop.cloud.behave("shop/web:1", Behaviour::ImageMissing);
    let finished = shop.engine().rollback("shop", "test", None).await;
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::RolledBack, 6));
    let web = shop.cloud.picture().into_iter().find(|one| one.0 == "shop-test-web").unwrap();
    assert!(format!("{:?}", web.3).contains("shop/web:2"));
}

#[tokio::test(start_paused = true)]
async fn down_deletes_users_before_what_they_use() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let finished = shop.engine().down("shop", "test", true).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    let left: Vec<String> = shop.cloud.picture().into_iter().map(|one| one.0).collect();
    assert_eq!(left, ["shop-test-network", "shop-test-resources"]);
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let finished = shop.engine().down("shop", "test", false).await;
    assert_eq!(finished.summary, "8 stacks deleted");
    assert!(shop.cloud.picture().is_empty());
    let order = shop.cloud.changes();
    assert_eq!(
        order[5..],
        [
            "delete_stack shop-test-resources",
            "delete_stack shop-test-platform",
            "delete_stack shop-test-network"
        ]
    );
    let again = shop.engine().down("shop", "test", false).await;
    assert_eq!((again.exit_code, again.summary.as_str()), (0, "nothing to do: there is no stack"));
    // What a release before the deletion had is no place to go back to.
    shop.cloud.behave("shop/web:1", Behaviour::Crash(1));
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 6);
    assert_eq!(shop.cloud.picture().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn scale_and_restart() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let finished = shop.engine().scale("shop", "test", &[("web".into(), 3)]).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    let status = shop.engine().status("shop", "test").await.unwrap();
    let web = status.workloads.iter().find(|one| one.name == "web").unwrap();
    assert_eq!((web.desired, web.running, web.good), (Some(3), Some(3), true));
    let finished = shop.engine().restart("shop", "test", &["api".into()]).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    assert_eq!(
        shop.cloud.changes(),
        ["update_service shop-test-web desired=3", "update_service shop-test-api force"]
    );
    let unknown = shop.engine().restart("shop", "test", &["nope".into()]).await;
    assert_eq!(unknown.exit_code, 2);
    shop.cloud.behave("shop/web:1", Behaviour::Crash(9));
    let finished = shop.engine().restart("shop", "test", &["web".into()]).await;
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::RolledBack, 6));
    assert!(finished.dossier.unwrap().cause.contains("exits with 9"));
}

#[tokio::test(start_paused = true)]
async fn a_task_by_hand_returns_its_exit_code() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let none = IndexMap::new();
    let ran = shop.engine().run("shop", "test", "migrate", None, &none, true).await.unwrap();
    assert_eq!(ran.exit_code, 0);
    assert!(shop.lines().contains(r#""message":"end with 0""#));
    shop.cloud.behave("AWS::Scheduler", Behaviour::Crash(17));
    let ran = shop.engine().run("shop", "test", "report", None, &none, true).await.unwrap();
    assert_eq!(ran.exit_code, 17);
    shop.cloud.behave("AWS::Scheduler", Behaviour::ImageMissing);
    let ran = shop.engine().run("shop", "test", "report", None, &none, true).await.unwrap();
    assert_eq!(ran.exit_code, 125);
    let error = shop.engine().run("shop", "test", "nope", None, &none, true).await.unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.hint().unwrap().contains("migrate"));
}

#[tokio::test(start_paused = true)]
async fn status_and_outputs_show_what_is_there() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let status = shop.engine().status("shop", "test").await.unwrap();
    assert_eq!(status.serving, Some(1));
    assert_eq!(status.stacks.len(), 8);
    let kinds: Vec<(&str, &str, bool)> =
        status.workloads.iter().map(|one| (one.name.as_str(), one.kind, one.good)).collect();
    assert_eq!(
        kinds,
        [
            ("api", "service", true),
            ("migrate", "task", true),
            ("report", "job", true),
            ("web", "service", true),
            ("worker", "service", true)
        ]
    );
    let migrate = status.workloads[1].last_stopped.as_ref().unwrap();
    assert_eq!(migrate.exit_code, Some(0));
    let outputs = shop.engine().outputs("shop", "test").await.unwrap();
    assert_eq!(outputs["shop-test-web"]["Url"], "shop-test-web.Url");
}

#[tokio::test(start_paused = true)]
async fn nothing_deployed_is_no_success() {
    let shop = Shop::new();
    for finished in [
        shop.engine().restart("shop", "test", &[]).await,
        shop.engine().scale("shop", "test", &[("web".into(), 2)]).await,
        shop.engine().rollback("shop", "test", None).await,
    ] {
        assert_eq!((finished.outcome, finished.exit_code), (Outcome::Failed, 2), "{}", finished.summary);
        assert!(finished.error.is_some_and(|error| error.hint().is_some()));
    }
    assert_eq!(shop.lines().matches(r#""kind":"started""#).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_names_what_is_wrong_and_changes_nothing() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.cloud.clear_calls();
    let owner = seaway_cloud::LockOwner {
        id: "other".into(),
        who: "somebody".into(),
        pid: 1,
        action: "up".into(),
        run_url: None,
        since: shop.cloud.now(),
    };
    shop.cloud.hold_lock("shop", "test", owner);
    let dry = || shop.engine_with(Options { dry_run: true, ..Options::default() });
    let restart = dry().restart("shop", "test", &["api".into()]).await;
    assert_eq!((restart.exit_code, restart.summary.as_str()), (0, "dry run: would restart api"));
    let unknown = dry().scale("shop", "test", &[("nope".into(), 1), ("web".into(), 2)]).await;
    assert_eq!((unknown.exit_code, unknown.summary.as_str()), (2, "there is no deployed service `nope`"));
    assert_eq!(dry().rollback("shop", "test", Some(77)).await.exit_code, 2);
    assert_eq!(shop.cloud.changes(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_stack_is_told_once() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.events.lock().unwrap().clear();
    shop.engine().down("shop", "test", false).await;
    assert_eq!(shop.lines().matches(r#""state":"DELETE_COMPLETE""#).count(), 8, "{}", shop.lines());
}

#[tokio::test(start_paused = true)]
async fn no_event_of_a_failed_release_is_told_twice() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.events.lock().unwrap().clear();
    shop.image("shop/web:2");
    shop.cloud.behave("shop/web:2", Behaviour::Crash(3));
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 6);
    let lines = shop.lines();
    assert!(!lines.contains("CREATE_COMPLETE"), "an earlier operation is told again:\n{lines}");
    let rolled = lines.matches(r#""kind":"stack","state":"UPDATE_ROLLBACK_COMPLETE""#).count();
    assert_eq!(rolled, 1, "{lines}");
}
