//! Findings with their source lines, for people.

use std::ops::Range;

use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Patch;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::Diagnostic;
use crate::FileId;
use crate::Severity;
use crate::SourceMap;

/// Returns the findings one after another with file, line, column and source lines, a blank line
/// between two. `color` adds ANSI styles.
pub fn text(diagnostics: &[Diagnostic], sources: &SourceMap, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let report = report(diagnostic, sources);
        out.push_str(renderer.render(&report).trim_end());
        out.push('\n');
    }
    out
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = Group::with_title(title);
    for file in files(diagnostic) {
        let source = sources.file(file);
        let text = source.text.as_str();
        let labels = || diagnostic.labels.iter().filter(|label| label.span.file == file);
        let ranges = labels().map(|label| range(text, label.span.start, label.span.end));
        let window = Window::around(text, ranges);
        let mut snippet = window.snippet(text).path(source.name.as_str());
        for label in labels() {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = window.inside(range(text, label.span.start, label.span.end));
            snippet = snippet.annotation(kind.span(range).label(label.message.as_str()));
        }
        group = group.element(snippet);
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut groups = vec![group];
    if let Some(fix) = &diagnostic.fix {
        let source = sources.file(fix.span.file);
        let text = source.text.as_str();
        let range = range(text, fix.span.start, fix.span.end);
        let window = Window::around(text, std::iter::once(range.clone()));
        groups.push(
            Group::with_title(Level::HELP.secondary_title("write")).element(
                window
                    .snippet(text)
                    .path(source.name.as_str())
                    .patch(Patch::new(window.inside(range), fix.replacement.as_str())),
            ),
        );
    }
    groups
}

/// The lines of a file that are shown: the renderer looks at all the text that it is given, for every
/// finding, and a file can be long.
struct Window {
    range: Range<usize>,
    /// 1-based number of the first line.
    line: usize,
}

impl Window {
    /// Returns whole lines that hold all ranges, with a line more on both sides.
    fn around(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Self {
        let (mut start, mut end) = (text.len(), 0);
        for range in ranges {
            start = start.min(range.start);
            end = end.max(range.end);
        }
        let end = end.max(start);
        for _ in 0..2 {
            start = text[..start].trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        }
        let mut stop = end;
        for _ in 0..2 {
            stop = text[stop..].find('\n').map_or(text.len(), |at| stop + at + 1);
        }
        let line = text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        Window { range: start..stop, line }
    }

    fn snippet<'a, T: Clone>(&self, text: &'a str) -> Snippet<'a, T> {
        Snippet::source(&text[self.range.clone()]).line_start(self.line)
    }

    fn inside(&self, range: Range<usize>) -> Range<usize> {
        range.start - self.range.start..range.end - self.range.start
    }
}

/// The files of the labels, the file of the fault first, each once.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = Vec::new();
    let first = diagnostic.span().map(|span| span.file);
    for file in first.into_iter().chain(diagnostic.labels.iter().map(|label| label.span.file)) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// A byte range that fits `text` and its character boundaries, whatever the span says.
fn range(text: &str, start: u32, end: u32) -> Range<usize> {
    let fit = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    fit(start)..fit(end).max(fit(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_shows_source_line_and_fix() {
        let mut sources = SourceMap::default();
        let file = sources.add("compose.yaml", "services:\n  web:\n    imag: shop/web\n");
        let span = sources.span(file, 21, 25);
        let finding = Diagnostic::error("SW0201", "unknown key `imag` in service `web`")
            .label(span, "not a key of the Compose Specification")
            .note("an unknown key has no effect, so the service would start without an image")
            .help("did you mean `image`?")
            .fix(span, "image");
        insta::assert_snapshot!(text(&[finding], &sources, false));
    }

    #[test]
    fn spans_out_of_the_file_do_not_panic() {
        let mut sources = SourceMap::default();
        let file = sources.add("a", "é");
        for (start, end) in [(0, 1), (1, 9), (7, 9), (2, 1), (2, 2)] {
            let finding = Diagnostic::warning("SW0001", "x").label(sources.span(file, start, end), "here");
            assert!(text(&[finding], &sources, true).contains("SW0001"));
        }
    }
}
