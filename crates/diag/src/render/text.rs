//! Findings with their source lines, for people.

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
        let mut snippet = Snippet::source(source.text.as_str()).path(source.name.as_str());
        for label in diagnostic.labels.iter().filter(|label| label.span.file == file) {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = range(source.text.as_str(), label.span.start, label.span.end);
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
        let range = range(source.text.as_str(), fix.span.start, fix.span.end);
        groups.push(
            Group::with_title(Level::HELP.secondary_title("write")).element(
                Snippet::source(source.text.as_str())
                    .path(source.name.as_str())
                    .patch(Patch::new(range, fix.replacement.as_str())),
            ),
        );
    }
    groups
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
fn range(text: &str, start: u32, end: u32) -> std::ops::Range<usize> {
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
