//! Output: data to stdout, prose to stderr.

use std::io::IsTerminal;
use std::io::Write;

use anstyle::AnsiColor;
use anstyle::Style;

use crate::args::ColorChoice;
use crate::args::GlobalArgs;

/// Where everything that is printed goes through.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    json: bool,
    color_stdout: bool,
    color_stderr: bool,
    live: bool,
}

/// Meaning of a piece of text; never the only carrier of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Busy,
    Dim,
    Strong,
    Plain,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Busy => AnsiColor::Cyan.on_default(),
            Tone::Dim => Style::new().dimmed(),
            Tone::Strong => Style::new().bold(),
            Tone::Plain => Style::new(),
        }
    }
}

/// Returns `text` in a tone, or as it is.
pub(crate) fn paint(color: bool, tone: Tone, text: &str) -> String {
    if !color || tone == Tone::Plain {
        return text.to_owned();
    }
    let style = tone.style();
    format!("{}{text}{}", style.render(), style.render_reset())
}

impl Ui {
    /// Returns the output for these options.
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wanted = |terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !set("NO_COLOR") && !dumb,
        };
        let stderr_terminal = std::io::stderr().is_terminal();
        Ui {
            json: global.json,
            color_stdout: wanted(std::io::stdout().is_terminal()),
            color_stderr: wanted(stderr_terminal),
            live: stderr_terminal && !dumb && !set("CI"),
        }
    }

    /// Returns true when data goes out as JSON.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Returns true when stderr is a terminal that can redraw.
    pub(crate) fn live(&self) -> bool {
        self.live
    }

    /// Returns true when stderr takes colours.
    pub(crate) fn color_stderr(&self) -> bool {
        self.color_stderr
    }

    /// Returns true when stdout takes colours.
    pub(crate) fn color_stdout(&self) -> bool {
        self.color_stdout
    }

    /// Prints data. A closed pipe ends the program quietly, as `head` expects.
    pub(crate) fn data(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
            std::process::exit(0);
        }
    }

    /// Prints data; returns false when nobody reads it any more. For work that must go on then.
    pub(crate) fn offer(&self, text: &str) -> bool {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_ok()
    }

    /// Prints data as one line of JSON, for output that goes on.
    pub(crate) fn data_json_line(&self, value: &impl serde::Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.data(&format!("{text}\n")),
            Err(error) => self.error(&format!("failed to write JSON: {error}"), None),
        }
    }

    /// Prints data as JSON with a line end.
    pub(crate) fn data_json(&self, value: &impl serde::Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.data(&format!("{text}\n")),
            Err(error) => self.error(&format!("failed to write JSON: {error}"), None),
        }
    }

    /// Prints a line of prose.
    pub(crate) fn status(&self, text: &str) {
        self.prose(text);
    }

    /// Prints prose that ends its own lines.
    pub(crate) fn prose_raw(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes());
        let _ = stderr.flush();
    }

    /// Prints a warning.
    pub(crate) fn warning(&self, text: &str) {
        let head = paint(self.color_stderr, Tone::Busy, "Warning:");
        self.prose(&format!("{head} {text}"));
    }

    /// Prints an error and what to do next.
    pub(crate) fn error(&self, text: &str, hint: Option<&str>) {
        let head = paint(self.color_stderr, Tone::Bad, "Error:");
        self.prose(&format!("{head} {text}"));
        if let Some(hint) = hint {
            self.hint(hint);
        }
    }

    /// Prints what to do next.
    pub(crate) fn hint(&self, text: &str) {
        let head = paint(self.color_stderr, Tone::Strong, "Hint:");
        self.prose(&format!("{head} {text}"));
    }

    fn prose(&self, text: &str) {
        self.prose_raw(&format!("{text}\n"));
    }

    /// Asks a yes-or-no question; anything but `y` or `yes` is no, and so is a closed stdin.
    pub(crate) fn confirm(&self, question: &str) -> bool {
        self.prose_raw(&format!("{question} [y/N] "));
        let mut answer = String::new();
        if std::io::stdin().read_line(&mut answer).is_err() {
            return false;
        }
        matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }
}

/// Returns rows as a table with columns of their widest cell, two spaces between.
pub(crate) fn table(color: bool, header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (index, cell) in row.iter().enumerate().take(widths.len()) {
            widths[index] = widths[index].max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let mut out = String::new();
        for (index, cell) in cells.iter().enumerate() {
            out.push_str(cell);
            if index + 1 < cells.len() {
                let pad = widths[index].saturating_sub(cell.chars().count()) + 2;
                out.push_str(&" ".repeat(pad));
            }
        }
        out.trim_end().to_owned()
    };
    let mut out = paint(color, Tone::Dim, &line(header.to_vec()));
    out.push('\n');
    for row in rows {
        out.push_str(&line(row.iter().map(String::as_str).collect()));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = vec![vec!["web".into(), "2/2".into()], vec!["worker".into(), "1/1".into()]];
        assert_eq!(table(false, &["NAME", "TASKS"], &rows), "NAME    TASKS\nweb     2/2\nworker  1/1\n");
    }
}
