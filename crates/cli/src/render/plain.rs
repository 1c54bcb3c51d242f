//! Lines on change and a heartbeat, for logs and pipes.

use jiff::Timestamp;
use seaway_cloud::event::Event;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;

use crate::render::Renderer;
use crate::render::words;
use crate::ui::Tone;
use crate::ui::Ui;
use crate::ui::paint;

/// Prints a line for each event that says something new.
pub(crate) struct Plain {
    ui: Ui,
    started: Option<Timestamp>,
}

impl Plain {
    /// Returns the renderer.
    pub(crate) fn new(ui: Ui) -> Self {
        Plain { ui, started: None }
    }
}

impl Renderer for Plain {
    fn event(&mut self, event: &Event) {
        let started = *self.started.get_or_insert(event.time);
        // A resource that is begun is told when it is through; a deployment has rows of its own.
        if matches!(&event.kind, EventKind::Resource { status, .. } if status.ends_with("IN_PROGRESS")) {
            return;
        }
        if event.level == Level::Debug
            || matches!(&event.kind, EventKind::Stack { state, .. } if state == "waiting")
        {
            return;
        }
        let Some((tone, text)) = words::line(&event.kind) else { return };
        let color = self.ui.color_stderr();
        let clock = paint(color, Tone::Dim, &format!("{:>7}", words::seconds(started, event.time)));
        let subject = match (&event.stack, &event.workload) {
            (Some(stack), _) => format!("{stack}: "),
            (None, Some(workload)) => format!("{workload}: "),
            (None, None) => String::new(),
        };
        let text = paint(color, words::level(event.level, tone), &text);
        for part in text.lines() {
            self.ui.status(&format!("{clock} {subject}{part}"));
        }
    }
}
