//! The scheduler against a small model of what tasks do.

use seaway_cloud::RolloutState;

use super::scheduler::Action;
use super::scheduler::DeploymentView;
use super::scheduler::Phase;
use super::scheduler::TaskView;
use super::scheduler::View;
use super::scheduler::Why;
use super::scheduler::decide;
use super::scheduler::maximum;
use super::scheduler::minimum;
use super::scheduler::threshold;

fn deployment(id: &str, state: RolloutState, desired: u32) -> DeploymentView {
    DeploymentView { id: id.into(), state, desired, failures: 0, frozen: false, rollback: false }
}

/// Tasks are written `bS bH aH`: deployment and phase (Starting, Healthy, Unhealthy, sTopping).
fn tasks(text: &str) -> Vec<TaskView> {
    text.split_whitespace()
        .enumerate()
        .map(|(place, word)| TaskView {
            id: format!("{}{place}", &word[..1]),
            deployment: word[..1].to_owned(),
            phase: match &word[1..] {
                "S" => Phase::Starting,
                "H" => Phase::Healthy,
                "U" => Phase::Unhealthy,
                _ => Phase::Stopping,
            },
        })
        .collect()
}

/// `b` in progress over a completed `a`; only `b` when there are no tasks of `a` in `old`.
fn rolling(desired: u32, percents: (u32, u32), old: u32, text: &str) -> View {
    let mut deployments = vec![deployment("b", RolloutState::InProgress, desired)];
    if old > 0 {
        deployments.push(deployment("a", RolloutState::Completed, old));
    }
    View {
        desired,
        minimum_percent: percents.0,
        maximum_percent: percents.1,
        breaker: true,
        early_percent: None,
        backing_off: false,
        deployments,
        tasks: tasks(text),
    }
}

fn words(actions: &[Action]) -> String {
    let words: Vec<String> = actions
        .iter()
        .map(|action| match action {
            Action::Start(id, count) => format!("+{count}{id}"),
            Action::Stop(id, Why::Scaling) => format!("-{id}"),
            Action::Stop(id, Why::Unhealthy) => format!("!{id}"),
            Action::Shrink(id, count) => format!("{id}={count}"),
            Action::Complete(id) => format!("done:{id}"),
            Action::Fail(id) => format!("fail:{id}"),
            Action::Forget(id) => format!("forget:{id}"),
            Action::Steady => "steady".to_owned(),
            Action::Stuck => "stuck".to_owned(),
        })
        .collect();
    words.join(" ")
}

#[test]
fn limits() {
    for (desired, percent, least, most) in [
        (1, 100, 1, 1),
        (1, 50, 1, 1),
        (3, 50, 2, 3),
        (2, 150, 3, 3),
        (1, 150, 2, 1),
        (4, 0, 0, 4),
        (2, 200, 4, 4),
    ] {
        assert_eq!(
            (minimum(desired, percent), maximum(desired, percent)),
            (least, most),
            "{desired} {percent}"
        );
    }
    let thresholds: Vec<u32> = [0, 1, 6, 7, 25, 1000].into_iter().map(threshold).collect();
    assert_eq!(thresholds, [3, 3, 3, 4, 13, 200]);
}

#[test]
fn decisions() {
    for (what, desired, percents, old, text, expected) in [
        ("first start", 2, (100, 200), 0, "", "+2b"),
        ("waits", 2, (100, 200), 0, "bS bS", ""),
        ("completes", 2, (100, 200), 0, "bH bH", "done:b"),
        ("nothing wanted", 0, (100, 200), 0, "", "done:b"),
        ("replaces a dead one", 2, (100, 200), 0, "bH", "+1b"),
        ("100/200 starts all", 2, (100, 200), 2, "aH aH", "+2b"),
        ("100/200 stops one for one", 2, (100, 200), 2, "aH aH bH bS", "-a0 a=1"),
        ("100/200 stops the rest", 2, (100, 200), 2, "aH aH bH bH", "-a0 -a1 a=0"),
        ("waits for draining", 2, (100, 200), 0, "aT bH bH", ""),
        ("100/150 has room for one", 2, (100, 150), 2, "aH aH", "+1b"),
        ("100/150 waits", 2, (100, 150), 2, "aH aH bS", ""),
        ("100/150 frees room", 2, (100, 150), 2, "aH aH bH", "-a0 a=1"),
        ("100/150 waits for the drain", 2, (100, 150), 1, "aT aH bH", ""),
        ("100/150 goes on", 2, (100, 150), 1, "aH bH", "+1b"),
        ("50/100 makes room first", 2, (50, 100), 2, "aH aH", "-a0 a=1"),
        ("50/100 waits for the room", 2, (50, 100), 1, "aT aH", ""),
        ("50/100 starts in it", 2, (50, 100), 1, "aH", "+1b"),
        ("50/100 keeps the minimum", 2, (50, 100), 1, "aH bS", ""),
        ("50/100 goes on", 2, (50, 100), 1, "aH bH", "-a0 a=0"),
        ("0/100 stops all first", 2, (0, 100), 2, "aH aH", "-a0 -a1 a=0"),
        ("0/100 waits", 2, (0, 100), 0, "aT aT", ""),
        ("0/100 then starts", 2, (0, 100), 0, "", "+2b"),
        ("100/100 cannot move", 1, (100, 100), 1, "aH", "stuck"),
        ("100/150 of one cannot move", 1, (100, 150), 1, "aH", "stuck"),
        ("a dead old task is replaced by its revision", 2, (100, 200), 2, "aH bS bS", "+1a"),
        ("but not for more than the maximum", 2, (100, 150), 2, "aH bS bT", ""),
        ("unhealthy ones go and are replaced", 2, (100, 200), 0, "bH bU", "!b1 +1b"),
        ("an unhealthy old one in the way goes first", 1, (100, 200), 1, "aU bS", "!a0"),
        ("old tasks that never got healthy go first", 2, (100, 200), 2, "aS aH bH bS", "-a0 a=1"),
        ("fewer: the newest that is not healthy", 1, (100, 200), 0, "bH bH bS", "-b2 -b1"),
    ] {
        let got = words(&decide(&rolling(desired, percents, old, text)));
        assert_eq!(got, expected, "{what}");
    }
}

#[test]
fn backing_off_starts_nothing() {
    let mut view = rolling(2, (100, 200), 2, "aH aH");
    view.backing_off = true;
    assert_eq!(words(&decide(&view)), "");
}

#[test]
fn the_breaker_opens_after_enough_failures() {
    for (desired, failures, expected) in
        [(1, 2, "+1b"), (1, 3, "fail:b"), (8, 3, "+8b"), (8, 4, "fail:b"), (0, 9, "done:b")]
    {
        let mut view = rolling(desired, (100, 200), 0, "");
        view.deployments[0].failures = failures;
        assert_eq!(words(&decide(&view)), expected, "{desired} {failures}");
    }
    let mut off = rolling(1, (100, 200), 0, "");
    off.breaker = false;
    off.deployments[0].failures = 30;
    assert_eq!(words(&decide(&off)), "+1b");
}

#[test]
fn going_back_keeps_what_runs() {
    // `c` took over the tasks of the completed revision; `b` failed.
    let mut view = rolling(2, (100, 200), 0, "cH cH bS bH");
    view.deployments =
        vec![deployment("c", RolloutState::InProgress, 2), deployment("b", RolloutState::Failed, 0)];
    assert_eq!(words(&decide(&view)), "-b2 -b3");
    view.tasks = tasks("cH cH bT");
    assert_eq!(words(&decide(&view)), "");
    view.tasks = tasks("cH cH");
    assert_eq!(words(&decide(&view)), "done:c forget:b");
    view.tasks = tasks("cH bS bS");
    assert_eq!(words(&decide(&view)), "+1c -b1 -b2");
}

#[test]
fn going_back_is_never_given_up() {
    let mut view = rolling(1, (100, 200), 0, "");
    view.deployments[0].rollback = true;
    view.deployments[0].failures = 3;
    assert_eq!(words(&decide(&view)), "fail:b");
    view.deployments[0].state = RolloutState::Failed;
    assert_eq!(words(&decide(&view)), "+1b");
    view.tasks = tasks("bH");
    assert_eq!(words(&decide(&view)), "done:b");
}

#[test]
fn a_failed_first_deployment_leaves_nothing() {
    let mut view = rolling(2, (100, 200), 0, "bS bH");
    view.deployments[0].state = RolloutState::Failed;
    assert_eq!(words(&decide(&view)), "-b0 -b1");
    view.deployments[0].frozen = true;
    assert_eq!(words(&decide(&view)), "");
}

#[test]
fn an_aborted_one_stays_where_it_is() {
    let mut view = rolling(2, (100, 200), 2, "aH bH bS");
    view.deployments[0].state = RolloutState::Failed;
    view.deployments[0].frozen = true;
    assert_eq!(words(&decide(&view)), "");
}

#[test]
fn early_success_does_not_wait_for_the_drain() {
    let mut view = rolling(2, (100, 200), 2, "aH aH bH bH");
    view.early_percent = Some(100);
    assert_eq!(words(&decide(&view)), "-a0 -a1 a=0 done:b");
}

#[test]
fn steady_once_nothing_is_left() {
    let mut view = rolling(1, (100, 200), 0, "bH");
    view.deployments[0].state = RolloutState::Completed;
    assert_eq!(words(&decide(&view)), "steady");
    view.tasks = tasks("bS");
    assert_eq!(words(&decide(&view)), "");
    view.deployments.push(deployment("a", RolloutState::Completed, 0));
    view.tasks = tasks("bH");
    assert_eq!(words(&decide(&view)), "forget:a");
}

/// Plays a whole rollout: every step, everything that starts gets healthy and everything that
/// stops is gone. Returns the most and the fewest healthy tasks that there were.
fn play(desired: u32, percents: (u32, u32)) -> Option<(usize, usize)> {
    let mut view = rolling(desired, percents, desired, &"aH ".repeat(desired as usize));
    let (mut most, mut least, mut fresh) = (view.tasks.len(), view.tasks.len(), 100);
    for _ in 0..500 {
        let actions = decide(&view);
        for action in &actions {
            match action {
                Action::Start(id, count) => {
                    for _ in 0..*count {
                        fresh += 1;
                        let task = TaskView {
                            id: format!("{id}{fresh}"),
                            deployment: id.clone(),
                            phase: Phase::Starting,
                        };
                        view.tasks.push(task);
                    }
                }
                Action::Stop(id, _) => {
                    view.tasks
                        .iter_mut()
                        .filter(|task| task.id == *id)
                        .for_each(|task| task.phase = Phase::Stopping);
                }
                Action::Shrink(id, count) => {
                    view.deployments
                        .iter_mut()
                        .filter(|one| one.id == *id)
                        .for_each(|one| one.desired = *count);
                }
                Action::Complete(_) => return Some((most, least)),
                Action::Forget(id) => view.deployments.retain(|one| one.id != *id),
                Action::Fail(_) | Action::Steady | Action::Stuck => return None,
            }
        }
        most = most.max(view.tasks.len());
        least = least.min(view.tasks.iter().filter(|task| task.phase == Phase::Healthy).count());
        if actions.is_empty() {
            let before = view.tasks.clone();
            let mut left = Vec::new();
            for mut task in view.tasks.drain(..) {
                match task.phase {
                    Phase::Starting => task.phase = Phase::Healthy,
                    Phase::Stopping => continue,
                    Phase::Healthy | Phase::Unhealthy => {}
                }
                left.push(task);
            }
            view.tasks = left;
            if view.tasks.len() == before.len()
                && view.tasks.iter().zip(&before).all(|(a, b)| a.phase == b.phase)
            {
                return None;
            }
        }
    }
    None
}

#[test]
fn rollouts_end_and_keep_both_limits() {
    for desired in 1..=12 {
        for least in [0, 25, 50, 75, 100] {
            for most in [100, 125, 150, 200, 300] {
                let stuck = minimum(desired, least) == desired && maximum(desired, most) == desired;
                let played = play(desired, (least, most));
                assert_eq!(played.is_none(), stuck, "{desired} tasks, {least}/{most}");
                if let Some((peak, low)) = played {
                    assert!(
                        peak <= maximum(desired, most) as usize,
                        "{desired} {least}/{most}: {peak} tasks"
                    );
                    assert!(
                        low >= minimum(desired, least) as usize,
                        "{desired} {least}/{most}: {low} healthy"
                    );
                }
            }
        }
    }
}
