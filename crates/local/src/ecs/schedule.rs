//! Firing schedules: one loop for all of them.
//!
//! A time is written down before its task is started, so that a killed process never fires it
//! twice. Times that passed while nothing ran are made up for when they are less than a minute
//! old, and left out otherwise.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::expression::Expression;
use super::inner::Inner;
use super::inner::Part;
use super::new_task;
use super::runner;
use super::state::ScheduleRecord;
use super::state::State;

/// How old a missed time may be.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// Returns when a schedule fires next; none when it is off or over.
pub(super) fn next(schedule: &ScheduleRecord, now: Timestamp) -> Option<Timestamp> {
    if !schedule.enabled {
        return None;
    }
    let zone = TimeZone::get(&schedule.timezone).ok()?;
    let from = schedule.start.unwrap_or(schedule.created);
    // A time before it was made, or before its start, is none; nor one that was fired.
    let floor = [Some(now - LATE), Some(from), schedule.last_fired].into_iter().flatten().max()?;
    let time = Expression::parse(&schedule.expression).ok()?.next(&zone, from, floor)?;
    schedule.end.is_none_or(|end| time <= end).then_some(time)
}

/// Fires schedules for ever.
pub(super) async fn run(inner: Arc<Inner>) {
    let mut changes = inner.changes();
    loop {
        changes.mark_unchanged();
        let now = Timestamp::now();
        let all: Vec<(String, Timestamp)> = inner.read(|state| {
            let due = state.schedules.values();
            due.filter_map(|schedule| Some((schedule.name.clone(), next(schedule, now)?))).collect()
        });
        let due: Vec<&(String, Timestamp)> = all.iter().filter(|(_, time)| *time <= now).collect();
        if !due.is_empty() {
            for (name, time) in due {
                fire(&inner, name, *time);
            }
            // Each of them has a next time now, which may come before the others'.
            continue;
        }
        let soonest = all.into_iter().map(|(_, time)| time).min();
        // Not longer than a minute at once: the clock of a laptop jumps when its lid opens.
        let wait = soonest
            .and_then(|time| Duration::try_from(time.duration_since(now)).ok())
            .unwrap_or(Duration::from_secs(60))
            .min(Duration::from_secs(60));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = schedules_changed(&inner, &mut changes) => if !changed { return },
        }
    }
}

/// Waits until the schedules themselves changed, not merely something.
async fn schedules_changed(inner: &Inner, changes: &mut tokio::sync::watch::Receiver<u64>) -> bool {
    let shape = |state: &State| -> Vec<(String, String, bool, Option<Timestamp>)> {
        let all = state.schedules.values();
        all.map(|one| {
            (one.name.clone(), format!("{} {}", one.expression, one.timezone), one.enabled, one.last_fired)
        })
        .collect()
    };
    let before = inner.read(shape);
    loop {
        if changes.changed().await.is_err() {
            return false;
        }
        if inner.read(shape) != before {
            return true;
        }
    }
}

fn fire(inner: &Arc<Inner>, name: &str, time: Timestamp) {
    let started = inner.change_parts(&[Part::Schedules, Part::Tasks], |state| {
        let schedule = state.schedules.get_mut(name)?;
        schedule.last_fired = Some(time);
        let running = schedule
            .last_task
            .as_ref()
            .and_then(|id| state.tasks.get(id))
            .is_some_and(super::state::TaskRecord::alive);
        if schedule.no_overlap && running {
            return None;
        }
        start(state, name)
    });
    if let Some(id) = started {
        runner::begin(inner, &id);
        let (own, name) = (Arc::clone(inner), name.to_owned());
        inner.spawn(async move { retry(&own, &name, id).await });
    }
}

/// Writes a new task of a schedule down; returns its id.
fn start(state: &mut State, name: &str) -> Option<String> {
    let State { schedules, tasks, definitions, .. } = state;
    let schedule = schedules.get_mut(name)?;
    let definition = definitions.revisions.get(&schedule.definition)?;
    let request = new_task::Request {
        cluster: schedule.cluster.clone(),
        started_by: schedule.name.clone(),
        overrides: schedule.overrides.clone(),
    };
    let task = new_task::alone(definition, &request, Timestamp::now());
    let id = task.id.clone();
    schedule.last_task = Some(id.clone());
    tasks.insert(id.clone(), task);
    Some(id)
}

/// Tries again when the task could not be started, as EventBridge does it with a failed RunTask;
/// an exit code is not a failure of the schedule. At most three times: on this machine the cause
/// does not go away by itself.
async fn retry(inner: &Arc<Inner>, name: &str, first: String) {
    let mut id = first;
    let mut changes = inner.changes();
    for attempt in 1..=3_u32 {
        loop {
            changes.mark_unchanged();
            match inner.read_task(&id, super::state::TaskRecord::alive) {
                Some(true) => {}
                _ => break,
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
        let failed = inner
            .read_task(&id, |task| task.stop_code.as_deref() == Some("TaskFailedToStart"))
            .unwrap_or(false);
        let allowed = inner.read(|state| state.schedules.get(name).is_some_and(|one| one.retries >= attempt));
        if !failed || !allowed {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
        let Some(again) = inner.change_parts(&[Part::Schedules, Part::Tasks], |state| start(state, name))
        else {
            return;
        };
        runner::begin(inner, &again);
        id = again;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(expression: &str, last: Option<&str>) -> ScheduleRecord {
        ScheduleRecord {
            name: "report".into(),
            stack: "shop".into(),
            tags: indexmap::IndexMap::new(),
            expression: expression.into(),
            timezone: "UTC".into(),
            enabled: true,
            cluster: "shop".into(),
            definition: "report:1".into(),
            overrides: indexmap::IndexMap::new(),
            retries: 0,
            no_overlap: false,
            start: None,
            end: None,
            created: "2026-01-01T00:00:00Z".parse().expect("time"),
            last_fired: last.map(|time| time.parse().expect("time")),
            last_task: None,
        }
    }

    fn at(schedule: &ScheduleRecord, now: &str) -> Option<String> {
        next(schedule, now.parse().expect("time")).map(|time| time.to_string())
    }

    #[test]
    fn fires_once_and_not_too_late() {
        let every = "cron(0/10 * * * ? *)";
        for (last, now, expected) in [
            // Just passed, not fired: now.
            (None, "2026-02-01T00:10:00.5Z", "2026-02-01T00:10:00Z"),
            (None, "2026-02-01T00:10:59Z", "2026-02-01T00:10:00Z"),
            // Fired already.
            (Some("2026-02-01T00:10:00Z"), "2026-02-01T00:10:00.5Z", "2026-02-01T00:20:00Z"),
            // The process was away: older than a minute is left out.
            (Some("2026-02-01T00:10:00Z"), "2026-02-01T05:55:00Z", "2026-02-01T06:00:00Z"),
        ] {
            assert_eq!(at(&schedule(every, last), now).as_deref(), Some(expected), "{last:?} {now}");
        }
    }

    #[test]
    fn off_and_over() {
        let mut one = schedule("rate(1 minute)", None);
        assert_eq!(at(&one, "2026-02-01T00:00:00Z").as_deref(), Some("2026-02-01T00:00:00Z"));
        one.end = Some("2026-01-31T00:00:00Z".parse().expect("time"));
        assert_eq!(at(&one, "2026-02-01T00:00:00Z"), None);
        one.end = None;
        one.enabled = false;
        assert_eq!(at(&one, "2026-02-01T00:00:00Z"), None);
    }
}
