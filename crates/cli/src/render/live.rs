//! A tree that is redrawn in place, on a terminal.

use console::Term;
use jiff::Timestamp;
use seaway_cloud::event::Event;
use seaway_cloud::event::Level;

use crate::render::Renderer;
use crate::render::board::Board;
use crate::ui::Ui;
use crate::ui::paint;

/// Redraws a tree on stderr.
pub(crate) struct Live {
    ui: Ui,
    term: Term,
    board: Board,
    drawn: usize,
}

/// A live region higher than this is hard to follow and slow to redraw.
const HEIGHT: usize = 24;

impl Live {
    /// Returns the renderer.
    pub(crate) fn new(ui: Ui) -> Self {
        Live { ui, term: Term::buffered_stderr(), board: Board::default(), drawn: 0 }
    }

    fn clear(&mut self) {
        let _ = self.term.clear_last_lines(self.drawn);
        self.drawn = 0;
    }

    fn draw(&mut self) {
        let (rows, columns) = self.term.size();
        let height = HEIGHT.min(usize::from(rows).saturating_sub(2)).max(2);
        let width = usize::from(columns).saturating_sub(1).max(10);
        for line in self.board.lines(Timestamp::now(), height) {
            let sign = if line.sign.is_empty() { String::new() } else { format!("{} ", line.sign) };
            let plain = format!("{}{sign}{}", "  ".repeat(line.indent), line.text.replace(['\n', '\t'], " "));
            let cut = console::truncate_str(&plain, width, "…").into_owned();
            let _ = self.term.write_line(&paint(self.ui.color_stderr(), line.tone, &cut));
            self.drawn += 1;
        }
        let _ = self.term.flush();
    }
}

impl Renderer for Live {
    fn event(&mut self, event: &Event) {
        let kept = self.board.apply(event);
        let Some((tone, text)) = kept else { return };
        if event.level == Level::Debug {
            return;
        }
        self.clear();
        for line in text.lines() {
            let _ = self.term.write_line(&paint(self.ui.color_stderr(), tone, line));
        }
        self.draw();
    }

    fn tick(&mut self) {
        self.clear();
        self.draw();
    }

    fn finish(&mut self) {
        self.clear();
        self.draw();
    }
}
