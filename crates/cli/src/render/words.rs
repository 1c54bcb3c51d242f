//! Events in words, the same for every renderer.

use jiff::Timestamp;
use seaway_cloud::event::DeploymentRow;
use seaway_cloud::event::Event;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::brief;

use crate::ui::Tone;

/// Returns whole and tenth seconds between two times, such as `3.2s` or `2m05s`.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> String {
    let milliseconds = u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0);
    duration(milliseconds)
}

/// Returns milliseconds as `0.4s`, `59.9s` or `2m05s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    if milliseconds < 60_000 {
        return format!("{}.{}s", milliseconds / 1_000, milliseconds % 1_000 / 100);
    }
    let seconds = milliseconds / 1_000;
    format!("{}m{:02}s", seconds / 60, seconds % 60)
}

/// Returns the sign and tone of a stack or resource state.
pub(crate) fn sign(state: &str) -> (&'static str, Tone) {
    match state {
        "waiting" => ("·", Tone::Dim),
        "unchanged" => ("=", Tone::Dim),
        state if state.contains("FAILED") || state == "failed" => ("✗", Tone::Bad),
        state if state.contains("ROLLBACK") => ("↩", Tone::Bad),
        state if state.ends_with("IN_PROGRESS") || state == "building" => ("●", Tone::Busy),
        state if state.ends_with("COMPLETE") || state == "built" => ("✓", Tone::Good),
        _ => ("·", Tone::Plain),
    }
}

/// Returns a deployment as a row of text.
pub(crate) fn deployment(row: &DeploymentRow) -> String {
    let role = if row.status == "PRIMARY" { "new" } else { "old" };
    format!(
        "{role} {}: {} desired, {} running, {} healthy, {} pending, {} failed",
        number(&row.task_definition),
        row.desired,
        row.running,
        row.healthy,
        row.pending,
        row.failed
    )
}

/// Returns `revision N` of a task definition: whoever reads it knows which workload it is about.
pub(crate) fn number(task_definition: &str) -> String {
    match task_definition.rsplit_once(':') {
        Some((_, number)) => format!("revision {number}"),
        None => task_definition.to_owned(),
    }
}

/// Returns the reason unless it is CloudFormation's "User Initiated", which tells nobody anything.
pub(crate) fn telling(reason: Option<&str>) -> Option<&str> {
    reason.filter(|reason| *reason != "User Initiated")
}

/// Returns whom a line is about: the workload by its Compose name where there is one.
pub(crate) fn subject(event: &Event) -> Option<&str> {
    event.workload.as_deref().or(event.stack.as_deref())
}

/// Returns the first eight digits of a task id.
pub(crate) fn short(task: &str) -> &str {
    let id = task.rsplit('/').next().unwrap_or(task);
    id.get(..8).unwrap_or(id)
}

/// Returns what an event says in one line, without its stack; `None` when it has no words.
pub(crate) fn line(kind: &EventKind) -> Option<(Tone, String)> {
    Some(match kind {
        EventKind::Started { action, app, env, release, .. } => {
            let release = release.map(|number| format!(", release {number}")).unwrap_or_default();
            (Tone::Strong, format!("{action} {app} in {env}{release}"))
        }
        EventKind::Message { text } => (Tone::Plain, text.clone()),
        EventKind::Image { service, reference, state, milliseconds } => {
            let took = milliseconds.map(|time| format!(" in {}", duration(time))).unwrap_or_default();
            (sign(state).1, format!("image of {service} {state}{took}: {reference}"))
        }
        EventKind::Stack { state, reason } => (sign(state).1, with_reason(state, telling(reason.as_deref()))),
        EventKind::Resource { logical_id, description, status, reason, .. } => {
            let text = with_reason(&format!("{logical_id} ({description}) {status}"), reason.as_deref());
            (sign(status).1, text)
        }
        EventKind::Deployments { rows } => {
            (Tone::Plain, rows.iter().map(deployment).collect::<Vec<_>>().join("; "))
        }
        EventKind::ServiceEvent { message } => (Tone::Dim, brief(message)),
        EventKind::Task { id, task_definition, status, health, exit_code, reason } => {
            let mut text = format!("task {} of {} {status}", short(id), number(task_definition));
            if !health.is_empty() && health != "UNKNOWN" {
                text.push_str(&format!(", {}", health.to_lowercase()));
            }
            if let Some(code) = exit_code {
                text.push_str(&format!(", exit code {code}"));
            }
            let bad = exit_code.is_some_and(|code| code != 0);
            (if bad { Tone::Bad } else { Tone::Plain }, with_reason(&text, reason.as_deref()))
        }
        EventKind::Log { task, message } => (Tone::Dim, format!("{} | {message}", short(task))),
        EventKind::Check { name, passed, detail } => {
            let word = if *passed { "passed" } else { "FAILED" };
            (if *passed { Tone::Good } else { Tone::Bad }, format!("check {name} {word}: {detail}"))
        }
        EventKind::Heartbeat { elapsed, waiting_for } => {
            let text = format!("still waiting after {}", duration(elapsed * 1_000));
            (Tone::Dim, with_reason(&text, Some(&waiting_for.join(", "))))
        }
        EventKind::Finished { .. } => return None,
    })
}

fn with_reason(text: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) if !reason.is_empty() => format!("{text}: {reason}"),
        _ => text.to_owned(),
    }
}

/// Returns the tone of a level, where the words have none of their own.
pub(crate) fn level(level: Level, tone: Tone) -> Tone {
    match level {
        Level::Error => Tone::Bad,
        Level::Debug => Tone::Dim,
        _ => tone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (milliseconds, text) in [(0, "0.0s"), (450, "0.4s"), (59_999, "59.9s"), (125_000, "2m05s")] {
            assert_eq!(duration(milliseconds), text);
        }
    }

    #[test]
    fn names_are_shortened() {
        assert_eq!(number("arn:aws:ecs:local:000000000000:task-definition/web:3"), "revision 3");
        assert_eq!(number("web"), "web");
        assert_eq!(short("0123456789abcdef"), "01234567");
        assert_eq!(short("1"), "1");
    }

    #[test]
    fn states_have_signs() {
        for (state, sign_) in [
            ("UPDATE_ROLLBACK_COMPLETE", "↩"),
            ("UPDATE_ROLLBACK_IN_PROGRESS", "↩"),
            ("CREATE_FAILED", "✗"),
            ("CREATE_IN_PROGRESS", "●"),
            ("UPDATE_COMPLETE", "✓"),
            ("unchanged", "="),
        ] {
            assert_eq!(sign(state).0, sign_, "{state}");
        }
    }
}
