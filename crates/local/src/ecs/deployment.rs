//! Deployments: beginning one, ending one, going back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaway_cloud::RolloutState;

use super::ids;
use super::state::DeploymentRecord;
use super::state::Revision;
use super::state::ServiceRecord;
use super::state::TaskRecord;

/// What ECS says when the circuit breaker opened.
pub(super) const BREAKER: &str = "ECS Deployment Circuit Breaker was triggered";

/// Makes a new primary deployment and returns its id.
///
/// Tasks that run the same revision for the last completed deployment become tasks of the new
/// one (`keep`): going back replaces only what is gone.
pub(super) fn begin(
    service: &mut ServiceRecord,
    tasks: &mut BTreeMap<String, TaskRecord>,
    revision: Revision,
    keep: bool,
    now: Timestamp,
) -> String {
    let id = ids::deployment_id();
    let same = service
        .deployments
        .iter()
        .position(|one| keep && one.state == RolloutState::Completed && one.revision == revision);
    if let Some(place) = same {
        let old = service.deployments.remove(place);
        let mine = tasks.values_mut().filter(|task| task.deployment.as_deref() == Some(old.id.as_str()));
        for task in mine {
            task.deployment = Some(id.clone());
            task.started_by = id.clone();
        }
    }
    for (place, old) in service.deployments.iter_mut().enumerate() {
        // What an older revision has to keep up until the new one took over; it is not scaled up
        // by a change of the count that comes with the new one.
        let alive = tasks.values().filter(|task| {
            task.deployment.as_deref() == Some(old.id.as_str())
                && task.desired_status == "RUNNING"
                && task.alive()
        });
        let alive = u32::try_from(alive.count()).unwrap_or(u32::MAX);
        old.desired = match old.state {
            RolloutState::Completed if place == 0 => alive.min(service.desired),
            RolloutState::Completed => old.desired.min(service.desired),
            _ => 0,
        };
        old.updated = now;
    }
    let primary = DeploymentRecord {
        id: id.clone(),
        revision,
        state: RolloutState::InProgress,
        reason: Some(format!("ECS deployment {id} in progress.")),
        failures: 0,
        failed: 0,
        desired: service.desired,
        frozen: false,
        rollback: false,
        created: now,
        updated: now,
    };
    service.deployments.insert(0, primary);
    service.steady = false;
    service.crashes = 0;
    service.retry_at = None;
    id
}

/// The primary deployment has what it should have.
pub(super) fn complete(service: &mut ServiceRecord, now: Timestamp) {
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.state = RolloutState::Completed;
    primary.reason = Some(format!("ECS deployment {} completed.", primary.id));
    primary.updated = now;
    let text = format!("(deployment {}) deployment completed.", primary.id);
    service.event(now, &text);
}

/// The primary deployment failed: goes back to the last completed one where that is wanted and
/// there is one. `abort` leaves everything where it is.
pub(super) fn fail(
    service: &mut ServiceRecord,
    tasks: &mut BTreeMap<String, TaskRecord>,
    reason: &str,
    rollback: bool,
    abort: bool,
    now: Timestamp,
) {
    let Some(primary) = service.deployments.first_mut() else { return };
    let failed = primary.id.clone();
    primary.state = RolloutState::Failed;
    primary.updated = now;
    let text =
        if reason == BREAKER { "ECS deployment circuit breaker: tasks failed to start." } else { reason };
    primary.reason = Some(text.to_owned());
    let previous = service.deployments.iter().skip(1).find(|one| one.state == RolloutState::Completed);
    let back = previous.map(|one| one.revision.clone()).filter(|_| rollback && !abort);
    service.failed.push_back((failed.clone(), reason.to_owned()));
    if service.failed.len() > 10 {
        service.failed.pop_front();
    }
    let what = if reason == BREAKER { "tasks failed to start." } else { reason };
    service.event(now, &format!("(deployment {failed}) deployment failed: {what}"));
    match back {
        Some(revision) => {
            let id = begin(service, tasks, revision, true, now);
            if let Some(primary) = service.deployments.first_mut() {
                primary.reason = Some(format!("ECS deployment {failed} failed: rolling back."));
                primary.rollback = true;
            }
            service.event(now, &format!("rolling back to deployment {id}."));
        }
        None => {
            // A first deployment that was to be rolled back leaves nothing; otherwise what runs
            // is left as it is.
            if let Some(primary) = service.deployments.first_mut() {
                primary.frozen = abort || !rollback;
            }
        }
    }
}

/// Counts the end of a task that nobody asked for; a healthy task sets the count back.
pub(super) fn count_failure(service: &mut ServiceRecord, task: &TaskRecord, now: Timestamp) {
    let lived =
        task.started.map_or(0, |started| task.stopped.unwrap_or(now).as_second() - started.as_second());
    if task.proven && lived > 30 {
        service.crashes = 0;
    }
    service.crashes += 1;
    // The first one is replaced at once, then 1, 2, 4, 8, 15, 15, … seconds later.
    let seconds = match service.crashes {
        0 | 1 => 0,
        crashes => (1_i64 << (crashes - 2).min(4)).min(15),
    };
    service.retry_at = Some(now + jiff::SignedDuration::from_secs(seconds));
    if service.crashes == 3 {
        service.event(now, "is unable to consistently start tasks successfully.");
    }
    let mine = service.deployments.iter_mut().find(|one| Some(one.id.as_str()) == task.deployment.as_deref());
    if let Some(deployment) = mine {
        deployment.failed += 1;
        deployment.updated = now;
        if deployment.state == RolloutState::InProgress {
            deployment.failures += 1;
        }
    }
}
