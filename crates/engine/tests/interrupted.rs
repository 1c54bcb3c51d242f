//! Operations that are left, killed, cancelled or overtaken.

mod support;

use std::task::Poll;
use std::time::Duration;

use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::Store;
use seaway_cloud::fake::Behaviour;
use seaway_engine::Options;
use support::Shop;
use support::set;

/// Numbers without a clock: xorshift.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Polls a future so many times, then drops it; returns true when it was not through. The fake
/// yields in every call, so that this is a kill between any two calls.
async fn killed_after(polls: u64, future: impl Future) -> bool {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(true);
        }
        left -= 1;
        future.as_mut().poll(context).map(|_| false)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn killed_anywhere_and_run_again_it_converges() {
    let good = Shop::new();
    good.up(&set(&[])).await;
    let first = good.cloud.picture();
    good.up(&set(&[("api", "debug"), ("migrate", "debug")])).await;
    let second = good.cloud.picture();
    let mut killed = 0;
    for seed in 1..=50_u64 {
        let shop = Shop::new();
        let mut seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let changed = set(&[("api", "debug"), ("migrate", "debug")]);
        for (set, expected) in [(set(&[]), &first), (changed, &second)] {
            for _ in 0..2 {
                let polls = random(&mut seed) % 140;
                if killed_after(polls, shop.up(&set)).await {
                    killed += 1;
                }
                shop.cloud.owner_died("shop", "test");
            }
            let finished = shop.up(&set).await;
            assert_eq!(finished.exit_code, 0, "{}", finished.summary);
            assert_eq!(shop.cloud.picture(), *expected);
            let releases = shop.cloud.releases("shop", "test").await.unwrap();
            assert_eq!(releases[0].outcome, Outcome::Serving);
            assert!(releases.iter().all(|one| one.outcome != Outcome::InProgress));
        }
    }
    assert!(killed > 50, "only {killed} were killed");
}

#[tokio::test(start_paused = true)]
async fn joins_an_operation_in_progress() {
    let shop = Shop::new();
    let shop_set = set(&[]);
    let up = shop.up(&shop_set);
    assert!(tokio::time::timeout(Duration::from_millis(100), up).await.is_err());
    shop.cloud.owner_died("shop", "test");
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 0);
    assert!(shop.lines().contains("waiting until that is through"));
    let puts = shop.cloud.changes();
    assert_eq!(puts.iter().filter(|call| *call == "put_stack shop-test-network").count(), 1);
    let dead = shop.cloud.release("shop", "test", 1).await.unwrap().unwrap();
    assert_eq!(dead.summary.outcome, Outcome::Failed);
    assert_eq!(dead.summary.reason.as_deref(), Some("interrupted"));
}

#[tokio::test(start_paused = true)]
async fn a_joined_operation_does_not_answer_for_earlier_ones() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.image("shop/web:2");
    shop.cloud.behave("shop/web:2", Behaviour::Crash(3));
    assert_eq!(shop.up(&set(&[])).await.exit_code, 6);
    shop.events.lock().unwrap().clear();
    shop.image("shop/web:3");
    {
        let next = set(&[]);
        let up = shop.up(&next);
        let begun = async {
            while !shop.lines().contains("\"state\":\"UPDATE_IN_PROGRESS") {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            _ = up => panic!("it came to its end"),
            () = begun => {}
        }
    }
    shop.cloud.owner_died("shop", "test");
    shop.events.lock().unwrap().clear();
    let finished = shop.up(&set(&[])).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    let lines = shop.lines();
    assert!(lines.contains("waiting until that is through"), "{lines}");
    assert!(!lines.contains("FAILED") && !lines.contains("ROLLBACK"), "the past is told again:\n{lines}");
}

#[tokio::test(start_paused = true)]
async fn time_is_up() {
    let shop = Shop::new();
    shop.cloud.behave("shop/web:1", Behaviour::Hang);
    let options = Options { timeout: Some(Duration::from_secs(120)), ..Options::default() };
    let finished = shop.engine_with(options).up(&set(&[]), &shop.images, &[], None).await;
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::TimedOut, 8));
    assert!(shop.lines().contains(r#""kind":"heartbeat""#));
    let record = shop.cloud.release("shop", "test", 1).await.unwrap().unwrap();
    assert_eq!(record.summary.outcome, Outcome::TimedOut);
    assert_eq!(shop.cloud.lock_owner("shop", "test"), None);
}

#[tokio::test(start_paused = true)]
async fn detach_leaves_and_up_joins() {
    let shop = Shop::new();
    let engine = shop.engine();
    let interrupt = engine.interrupt();
    let (set, images) = (set(&[]), shop.images.clone());
    let leave = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        interrupt.signal();
    };
    let (finished, ()) = tokio::join!(engine.up(&set, &images, &[], None), leave);
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::Detached, 130));
    assert!(!shop.cloud.changes().iter().any(|call| call.starts_with("cancel")));
    assert_eq!(shop.up(&set).await.exit_code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_cancels_and_goes_back() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    let before = shop.cloud.picture();
    shop.cloud.behave("shop/web:2", Behaviour::Hang);
    shop.image("shop/web:2");
    let options =
        Options { detach_grace: Duration::from_secs(2), run_id: "cancelled".into(), ..Options::default() };
    let engine = shop.engine_with(options);
    let interrupt = engine.interrupt();
    let (set, images) = (set(&[("api", "debug")]), shop.images.clone());
    let signals = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        interrupt.signal();
        tokio::time::sleep(Duration::from_secs(1)).await;
        interrupt.signal();
    };
    let (finished, ()) = tokio::join!(engine.up(&set, &images, &[], None), signals);
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::RolledBack, 6));
    assert!(shop.cloud.calls().contains(&"cancel_update shop-test-web".into()));
    for (old, new) in before.iter().zip(&shop.cloud.picture()) {
        assert_eq!((&old.0, &old.2, &old.3), (&new.0, &new.2, &new.3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_release_takes_over() {
    let shop = Shop::new();
    shop.cloud.behave("shop/web:1", Behaviour::Hang);
    let engine = shop.engine();
    let (set, images) = (set(&[]), shop.images.clone());
    let other = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let record: ReleaseRecord = shop.cloud.release("shop", "test", 1).await.unwrap().unwrap();
        let mut newer = record.clone();
        newer.summary.number = 2;
        shop.cloud.put_release(&newer).await.unwrap();
    };
    let (finished, ()) = tokio::join!(engine.up(&set, &images, &[], None), other);
    assert_eq!((finished.outcome, finished.exit_code), (Outcome::Superseded, 9));
}

#[test]
fn operations_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let shop = Shop::new();
    let (engine, set) = (shop.engine(), set(&[]));
    is_send(&engine.up(&set, &shop.images, &[], None));
    is_send(&engine.rollback("shop", "test", None));
    is_send(&engine.down("shop", "test", false));
    is_send(&engine.restart("shop", "test", &[]));
}
