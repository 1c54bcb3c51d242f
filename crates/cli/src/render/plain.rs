//! Lines on change and a heartbeat, for logs and pipes.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::event::Event;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;

use crate::render::Renderer;
use crate::render::words;
use crate::ui::Tone;
use crate::ui::Ui;
use crate::ui::paint;

/// A resource that is there sooner than this is no line: an environment has dozens of them.
const SLOW_MILLISECONDS: i64 = 1_000;

/// Prints a line for each event that says something new.
pub(crate) struct Plain {
    ui: Ui,
    lines: Lines,
}

/// Turns events into lines.
#[derive(Default)]
struct Lines {
    started: Option<Timestamp>,
    /// When resources of stacks were begun.
    begun: IndexMap<(String, String), Timestamp>,
}

impl Lines {
    /// Returns tone and text of the line of an event, and when it was; `None` when it has none.
    fn line(&mut self, event: &Event) -> Option<(String, String, Tone)> {
        let started = *self.started.get_or_insert(event.time);
        if event.level == Level::Debug {
            return None;
        }
        let mut took = String::new();
        match &event.kind {
            EventKind::Stack { state, .. } if state == "waiting" => return None,
            EventKind::Resource { logical_id, status, .. } => {
                let key = (event.stack.clone().unwrap_or_default(), logical_id.clone());
                // A resource that is begun is told when it is through, and only when it took time.
                if status.ends_with("IN_PROGRESS") {
                    self.begun.entry(key).or_insert(event.time);
                    return None;
                }
                let begun = self.begun.shift_remove(&key).unwrap_or(event.time);
                let slow = event.time.duration_since(begun).as_millis() >= i128::from(SLOW_MILLISECONDS);
                if !slow && !status.ends_with("FAILED") {
                    return None;
                }
                if slow && !status.ends_with("FAILED") {
                    took = format!(" in {}", words::seconds(begun, event.time));
                }
            }
            _ => {}
        }
        let (tone, text) = words::line(&event.kind)?;
        let clock = format!("{:>7}", words::seconds(started, event.time));
        let subject = words::subject(event).map(|name| format!("{name}: ")).unwrap_or_default();
        Some((clock, format!("{subject}{text}{took}"), words::level(event.level, tone)))
    }
}

impl Plain {
    /// Returns the renderer.
    pub(crate) fn new(ui: Ui) -> Self {
        Plain { ui, lines: Lines::default() }
    }
}

impl Renderer for Plain {
    fn event(&mut self, event: &Event) {
        let Some((clock, text, tone)) = self.lines.line(event) else { return };
        let color = self.ui.color_stderr();
        for part in text.lines() {
            self.ui.status(&format!("{} {}", paint(color, Tone::Dim, &clock), paint(color, tone, part)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seaway_cloud::event::Phase;

    fn event(milliseconds: i64, kind: EventKind) -> Event {
        Event {
            time: Timestamp::from_millisecond(milliseconds).unwrap(),
            seq: 1,
            level: Level::Info,
            phase: Phase::Apply,
            stack: Some("shop-local-web".into()),
            workload: Some("web".into()),
            kind,
        }
    }

    fn resource(milliseconds: i64, status: &str, reason: Option<&str>) -> Event {
        event(
            milliseconds,
            EventKind::Resource {
                logical_id: "Service".into(),
                resource_type: "AWS::ECS::Service".into(),
                description: "an ECS service".into(),
                status: status.into(),
                reason: reason.map(str::to_owned),
            },
        )
    }

    fn lines(events: &[Event]) -> Vec<String> {
        let mut lines = Lines::default();
        events
            .iter()
            .filter_map(|event| lines.line(event))
            .map(|(clock, text, _)| format!("{clock} {text}"))
            .collect()
    }

    #[test]
    fn only_slow_or_failed_resources_are_lines() {
        let told = lines(&[
            resource(0, "CREATE_IN_PROGRESS", None),
            resource(500, "CREATE_COMPLETE", None),
            resource(1_000, "UPDATE_IN_PROGRESS", None),
            resource(9_000, "UPDATE_COMPLETE", None),
            resource(9_100, "DELETE_FAILED", Some("in use")),
        ]);
        assert_eq!(
            told,
            [
                "   9.0s web: Service (an ECS service) UPDATE_COMPLETE in 8.0s",
                "   9.1s web: Service (an ECS service) DELETE_FAILED: in use",
            ]
        );
    }

    #[test]
    fn lines_name_the_workload_and_leave_out_what_everybody_knows() {
        let heartbeat = |waiting_for: &[&str]| EventKind::Heartbeat {
            elapsed: 15,
            waiting_for: waiting_for.iter().map(|name| (*name).to_owned()).collect(),
        };
        let told = lines(&[
            event(
                0,
                EventKind::Stack {
                    state: "UPDATE_IN_PROGRESS".into(),
                    reason: Some("User Initiated".into()),
                },
            ),
            event(
                0,
                EventKind::ServiceEvent {
                    message: "(service shop-local-web-Service-52461a650347) has reached a steady state."
                        .into(),
                },
            ),
            event(0, heartbeat(&["shop-local-web"])),
            event(0, heartbeat(&[])),
        ]);
        assert_eq!(
            told,
            [
                "   0.0s web: UPDATE_IN_PROGRESS",
                "   0.0s web: has reached a steady state.",
                "   0.0s web: still waiting after 15.0s: shop-local-web",
                "   0.0s web: still waiting after 15.0s",
            ]
        );
    }
}
