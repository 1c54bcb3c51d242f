//! Renderers of the event stream: a live tree, plain lines, NDJSON.

mod board;
mod live;
mod ndjson;
mod plain;
mod words;

use seaway_cloud::event::Event;

use crate::ui::Ui;

pub(crate) use words::duration;
pub(crate) use words::seconds;

/// Shows events as they come.
pub(crate) trait Renderer: Send {
    /// Shows an event.
    fn event(&mut self, event: &Event);
    /// Called some times a second: redraws what shows elapsed time.
    fn tick(&mut self) {}
    /// Called once at the end.
    fn finish(&mut self) {}
}

/// Shows nothing, for a look that changes nothing.
struct Silent;

impl Renderer for Silent {
    fn event(&mut self, _: &Event) {}
}

/// Returns a renderer that shows nothing.
pub(crate) fn silent() -> Box<dyn Renderer> {
    Box::new(Silent)
}

/// Returns the renderer for this output: NDJSON when asked, a live tree on a terminal, else lines.
pub(crate) fn renderer(ui: &Ui, events: bool) -> Box<dyn Renderer> {
    if events {
        Box::new(ndjson::Ndjson::new(ui.clone()))
    } else if ui.live() {
        Box::new(live::Live::new(ui.clone()))
    } else {
        Box::new(plain::Plain::new(ui.clone()))
    }
}
