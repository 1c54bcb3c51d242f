//! ECS's service scheduler as a pure function: what is there in, what to do out.
//!
//! The rules are those of the ECS developer guide ("Rolling update deployments", "How the
//! deployment circuit breaker detects failures") and, where it is silent, of observation:
//! - at most `floor(desired × maximum)` tasks exist; at least `ceil(desired × minimum)` stay healthy;
//! - a task of the last completed deployment that dies during a rollout is replaced by the same
//!   revision;
//! - the breaker opens after `clamp(ceil(desired / 2), 3, 200)` failures without a healthy task.

use seaway_cloud::RolloutState;

/// A service as the scheduler sees it.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Desired count.
    pub(super) desired: u32,
    /// `MinimumHealthyPercent`.
    pub(super) minimum_percent: u32,
    /// `MaximumPercent`.
    pub(super) maximum_percent: u32,
    /// The circuit breaker is on.
    pub(super) breaker: bool,
    /// `EarlySuccessCriteria.HealthyPercent`, where it is enabled.
    pub(super) early_percent: Option<u32>,
    /// Starting tasks has to wait: too many failed lately.
    pub(super) backing_off: bool,
    /// The primary first.
    pub(super) deployments: Vec<DeploymentView>,
    /// All tasks that are not STOPPED.
    pub(super) tasks: Vec<TaskView>,
}

/// A deployment as the scheduler sees it.
#[derive(Clone, Debug)]
pub(super) struct DeploymentView {
    /// Id.
    pub(super) id: String,
    /// Where it stands.
    pub(super) state: RolloutState,
    /// Tasks that it should still have, once it is not the primary any more.
    pub(super) desired: u32,
    /// Failures since the last healthy task.
    pub(super) failures: u32,
    /// It was stopped and nothing may be changed by it.
    pub(super) frozen: bool,
    /// It goes back to an earlier revision, and goes on trying even when it failed.
    pub(super) rollback: bool,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not RUNNING yet, or not healthy yet.
    Starting,
    /// RUNNING and healthy.
    Healthy,
    /// RUNNING, and a check says no.
    Unhealthy,
    /// On its way out; still takes room.
    Stopping,
}

/// A task as the scheduler sees it, in the order of creation.
#[derive(Clone, Debug)]
pub(super) struct TaskView {
    /// Id.
    pub(super) id: String,
    /// Its deployment.
    pub(super) deployment: String,
    /// Where it stands.
    pub(super) phase: Phase,
}

/// Why the scheduler stops a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A newer revision, or fewer tasks.
    Scaling,
    /// A health check said no.
    Unhealthy,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Start so many tasks of a deployment.
    Start(String, u32),
    /// Stop a task.
    Stop(String, Why),
    /// An older deployment should have only so many tasks from now on.
    Shrink(String, u32),
    /// The primary deployment has what it should have.
    Complete(String),
    /// The breaker opened.
    Fail(String),
    /// An older deployment has no task left.
    Forget(String),
    /// Nothing is left to do.
    Steady,
    /// Minimum and maximum together forbid every step.
    Stuck,
}

/// Returns how many tasks must stay healthy.
pub(super) fn minimum(desired: u32, percent: u32) -> u32 {
    (u64::from(desired) * u64::from(percent)).div_ceil(100) as u32
}

/// Returns how many tasks may exist. Where rounding would forbid even the desired ones (or the
/// only one), the desired ones may.
pub(super) fn maximum(desired: u32, percent: u32) -> u32 {
    ((u64::from(desired) * u64::from(percent) / 100) as u32).max(desired)
}

/// Returns how many failures in a row open the circuit breaker.
pub(super) fn threshold(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// Decides what to do next. Returns nothing while there is something to wait for.
pub(super) fn decide(view: &View) -> Vec<Action> {
    let Some(primary) = view.deployments.first() else { return Vec::new() };
    let mut actions = Vec::new();
    let trying = primary.rollback && !primary.frozen;
    let rolling =
        primary.state == RolloutState::InProgress || primary.state == RolloutState::Failed && trying;
    let primary_failed = primary.state == RolloutState::Failed && !trying;
    if primary.state == RolloutState::InProgress
        && view.breaker
        && view.desired > 0
        && primary.failures >= threshold(view.desired)
    {
        actions.push(Action::Fail(primary.id.clone()));
        // What follows (going back, or stopping what runs) is decided on the changed service.
        return actions;
    }
    let count = |mine: bool, wanted: &[Phase]| {
        view.tasks
            .iter()
            .filter(|task| (task.deployment == primary.id) == mine && wanted.contains(&task.phase))
            .count() as u32
    };
    const ALIVE: [Phase; 3] = [Phase::Starting, Phase::Healthy, Phase::Unhealthy];
    let new_healthy = count(true, &[Phase::Healthy]);
    let old_alive = count(false, &ALIVE);
    let healthy = new_healthy + count(false, &[Phase::Healthy]);
    let stopping = view.tasks.iter().filter(|task| task.phase == Phase::Stopping).count() as u32;
    let total = view.tasks.len() as u32;
    let least = minimum(view.desired, view.minimum_percent);
    let most = maximum(view.desired, view.maximum_percent);

    // Unhealthy tasks go at once; they serve nobody and do not count as healthy.
    for task in view.tasks.iter().filter(|task| task.phase == Phase::Unhealthy) {
        actions.push(Action::Stop(task.id.clone(), Why::Unhealthy));
    }
    let unhealthy = actions.len() as u32;
    if primary.frozen {
        return settle(view, actions);
    }
    let new_alive = count(true, &[Phase::Starting, Phase::Healthy]);
    // A deployment that failed and has nothing to go back to keeps nothing.
    let wanted = if primary_failed { 0 } else { view.desired };

    // Fewer: those that are not healthy yet first, then the newest.
    if new_alive > wanted {
        let mut surplus = new_alive - wanted;
        for phase in [Phase::Starting, Phase::Healthy] {
            for task in view.tasks.iter().rev() {
                if surplus > 0 && task.deployment == primary.id && task.phase == phase {
                    actions.push(Action::Stop(task.id.clone(), Why::Scaling));
                    surplus -= 1;
                }
            }
        }
    }

    // More, as far as the maximum allows.
    let missing = wanted.saturating_sub(new_alive);
    let mut room = most.saturating_sub(total);
    let starting = if view.backing_off { 0 } else { missing.min(room) };
    if starting > 0 {
        actions.push(Action::Start(primary.id.clone(), starting));
        room -= starting;
    }

    // Older revisions leave as the new one becomes healthy, or because they are in its way.
    let old_after = count(false, &[Phase::Starting, Phase::Healthy]);
    let keep = if primary_failed { old_after } else { view.desired.saturating_sub(new_healthy) };
    let superseded = old_after.saturating_sub(keep);
    let in_the_way = missing.saturating_sub(starting + room + stopping + unhealthy);
    let in_the_way = if view.backing_off { 0 } else { in_the_way };
    let mut leaving = superseded.max(in_the_way).min(old_after);
    let mut spare = healthy.saturating_sub(least);
    // Those that are not healthy first, then failed deployments, then the oldest.
    let order = |task: &TaskView| {
        let state = view.deployments.iter().find(|one| one.id == task.deployment).map(|one| one.state);
        (task.phase == Phase::Healthy, state == Some(RolloutState::Completed))
    };
    let mut old: Vec<&TaskView> = view
        .tasks
        .iter()
        .filter(|task| task.deployment != primary.id)
        .filter(|task| matches!(task.phase, Phase::Starting | Phase::Healthy))
        .collect();
    old.sort_by_key(|task| order(task));
    let mut left = std::collections::BTreeMap::<&str, u32>::new();
    for task in old {
        // What a failed deployment started and what is not healthy helps nobody.
        let useless = task.phase == Phase::Starting
            && view
                .deployments
                .iter()
                .any(|one| one.id == task.deployment && one.state == RolloutState::Failed);
        if leaving == 0 && !useless {
            continue;
        }
        if task.phase == Phase::Healthy {
            if spare == 0 {
                continue;
            }
            spare -= 1;
        }
        leaving = leaving.saturating_sub(1);
        *left.entry(task.deployment.as_str()).or_default() += 1;
        actions.push(Action::Stop(task.id.clone(), Why::Scaling));
    }

    // Older deployments: how many tasks they still should have, and replacing those that died.
    for older in &view.deployments[1..] {
        let alive: u32 = view
            .tasks
            .iter()
            .filter(|task| task.deployment == older.id)
            .filter(|task| matches!(task.phase, Phase::Starting | Phase::Healthy))
            .count() as u32;
        let stopped = left.get(older.id.as_str()).copied().unwrap_or(0);
        let replaces = older.state == RolloutState::Completed && !primary_failed;
        let target = if replaces { older.desired.saturating_sub(stopped).min(keep) } else { alive - stopped };
        if target != older.desired {
            actions.push(Action::Shrink(older.id.clone(), target));
        }
        let lost = target.saturating_sub(alive - stopped).min(room);
        if replaces && lost > 0 && !view.backing_off {
            actions.push(Action::Start(older.id.clone(), lost));
            room -= lost;
        }
    }

    let enough = view.early_percent.is_some_and(|percent| new_healthy >= minimum(view.desired, percent));
    let all = new_healthy == view.desired && new_alive == view.desired && old_alive == 0 && stopping == 0;
    if rolling && (all || enough && new_alive == view.desired) {
        actions.push(Action::Complete(primary.id.clone()));
    }
    let moving = view.tasks.iter().any(|task| matches!(task.phase, Phase::Starting | Phase::Stopping));
    if rolling && missing > 0 && actions.is_empty() && !moving && !view.backing_off {
        actions.push(Action::Stuck);
    }
    settle(view, actions)
}

/// Adds what follows once tasks are gone.
fn settle(view: &View, mut actions: Vec<Action>) -> Vec<Action> {
    for older in view.deployments.iter().skip(1) {
        let gone = !view.tasks.iter().any(|task| task.deployment == older.id);
        let starts = actions.iter().any(|action| matches!(action, Action::Start(id, _) if *id == older.id));
        let primary_done = view.deployments[0].state == RolloutState::Completed
            || actions.iter().any(|action| matches!(action, Action::Complete(_)));
        // The last completed one is what a failed rollout goes back to.
        if gone && !starts && (primary_done || older.state != RolloutState::Completed) {
            actions.push(Action::Forget(older.id.clone()));
        }
    }
    let still = view.tasks.iter().all(|task| task.phase == Phase::Healthy);
    let enough = view.tasks.len() as u32 == view.desired;
    let done = view.deployments.len() == 1 && view.deployments[0].state == RolloutState::Completed;
    if actions.is_empty() && still && enough && done {
        actions.push(Action::Steady);
    }
    actions
}
