//! Every event as a line of JSON on stdout.

use seaway_cloud::event::Event;

use crate::render::Renderer;
use crate::ui::Ui;

/// Writes NDJSON.
pub(crate) struct Ndjson {
    ui: Ui,
    open: bool,
}

impl Ndjson {
    /// Returns the renderer.
    pub(crate) fn new(ui: Ui) -> Self {
        Ndjson { ui, open: true }
    }
}

impl Renderer for Ndjson {
    fn event(&mut self, event: &Event) {
        match serde_json::to_string(event) {
            // A reader that went away (`head`) is no reason to leave a release alone.
            Ok(line) => self.open = self.open && self.ui.offer(&format!("{line}\n")),
            Err(error) => self.ui.error(&format!("failed to write an event: {error}"), None),
        }
    }
}
