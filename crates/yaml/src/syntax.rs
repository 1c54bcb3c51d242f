//! Errors of the parser, in words that help.

use granit_parser::ErrorKind;
use granit_parser::ScanError;
use seaway_diag::Diagnostic;
use seaway_diag::FileId;
use seaway_diag::SourceMap;
use seaway_diag::Span;

use crate::codes;

/// Returns the finding of nesting that is too deep.
pub(crate) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(codes::TOO_DEEP, "the file is nested more than 255 levels deep")
        .label(span, "the limit is reached here")
        .note("no Compose file needs this; it would exhaust the stack of many programs")
        .help("look for brackets or indentation that never close")
}

/// Returns the finding of a syntax error.
pub(crate) fn diagnostic(error: &ScanError, file: FileId, sources: &SourceMap) -> Diagnostic {
    let text = &sources.file(file).text;
    let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let span = visible(text, offset, file, sources);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return too_deep(span);
    }
    if let Some((start, end)) = tab(text, offset) {
        let tabs = sources.span(file, start, end);
        return Diagnostic::error(codes::SYNTAX, "a line is indented with a tab")
            .label(tabs, "YAML allows spaces only")
            .help("indent with two spaces")
            .fix(tabs, "  ".repeat(end - start));
    }
    let bracket = matches!(
        error.kind(),
        ErrorKind::MismatchedFlowCollectionEnd { .. }
            | ErrorKind::MisplacedFlowCollectionEnd
            | ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::UnexpectedCharacter { .. }
    );
    if !bracket && let Some((opened, at)) = unclosed(text, offset) {
        let (what, close) = match opened {
            '"' | '\'' => ("a quoted text", opened),
            '[' => ("a list", ']'),
            _ => ("a mapping", '}'),
        };
        let start = sources.span(file, at, at + 1);
        return Diagnostic::error(codes::SYNTAX, format!("{what} that starts with `{opened}` is not closed"))
            .label(start, "opened here")
            .context(span, "the reader stopped here")
            .help(format!(
                "add the missing `{close}`, or put quotes around a text that contains `{opened}`"
            ));
    }
    let (message, help) = explain(error.kind(), text, offset);
    let message = message.map_or_else(|| error.info(), ToOwned::to_owned);
    let finding = Diagnostic::error(codes::SYNTAX, format!("this is not YAML: {message}"))
        .label(span, "the reader stopped here");
    finding.help(help)
}

/// What is wrong in our own words where the parser's are unclear, and what to do.
fn explain(kind: &ErrorKind, text: &str, offset: usize) -> (Option<&'static str>, &'static str) {
    match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            (Some("a quoted text has no closing quote"), "close the quote that was opened above")
        }
        ErrorKind::InvalidQuotedScalarIndent => {
            (None, "indent the further lines of a quoted text more than its key, or write it in one line")
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => {
            (None, "check the brackets and braces, and the commas between their items")
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::MisplacedFlowCollectionEnd => {
            (None, "every `[` closes with `]`, every `{` with `}`")
        }
        ErrorKind::UnexpectedCharacter { .. } => {
            (None, "a text that starts with `@`, `` ` `` or `%` needs quotes around it")
        }
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape => {
            (None, "in double quotes write `\\\\` for a backslash, or use single quotes")
        }
        _ if second_colon(text, offset) => {
            (Some("a second `: ` stands in one line"), "put quotes around a text that contains `: `")
        }
        _ => (
            None,
            "check the indentation of this line and the one above: the keys of one mapping start in one column, and `:` is followed by a space",
        ),
    }
}

/// The innermost quote or bracket that is open at `offset`, with its place.
fn unclosed(text: &str, offset: usize) -> Option<(char, usize)> {
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut quote: Option<(char, usize)> = None;
    // What stands before, blanks not counted: only behind these can a quote or bracket open.
    let (mut before, mut blank) = ('\n', true);
    let mut characters = text.char_indices().take_while(|(at, _)| *at < offset);
    while let Some((at, character)) = characters.next() {
        if let Some((kind, _)) = quote {
            if character == '\\' && kind == '"' {
                characters.next();
            } else if character == kind {
                (quote, before) = (None, kind);
            }
            continue;
        }
        match character {
            '#' if blank => {
                if characters.by_ref().any(|(_, next)| next == '\n') {
                    before = '\n';
                }
                continue;
            }
            '"' | '\'' if matches!(before, '\n' | ':' | ',' | '[' | '{' | '-') => {
                quote = Some((character, at))
            }
            '[' | '{' if matches!(before, '\n' | ':' | ',' | '[' | '{' | '-') => open.push((character, at)),
            ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
        blank = character.is_whitespace();
        if !blank || character == '\n' {
            before = character;
        }
    }
    quote.or_else(|| open.pop())
}

/// Whether the line of `offset` has `: ` twice outside of quotes.
fn second_colon(text: &str, offset: usize) -> bool {
    let (start, end) = line(text, offset);
    let line = &text[start..end];
    !line.contains(['"', '\'', '{', '#']) && line.matches(": ").count() > 1
}

/// The tabs that indent the line of `offset`, or the next line.
fn tab(text: &str, offset: usize) -> Option<(usize, usize)> {
    let (start, end) = line(text, offset);
    let next = (end < text.len()).then(|| line(text, end + 1));
    for (start, end) in [Some((start, end)), next].into_iter().flatten() {
        let indent = text[start..end].len() - text[start..end].trim_start_matches([' ', '\t']).len();
        if let Some(first) = text[start..start + indent].find('\t') {
            let first = start + first;
            let count = text[first..].bytes().take_while(|byte| *byte == b'\t').count();
            return Some((first, first + count));
        }
    }
    None
}

/// Byte range of the line that holds `offset`, without its line break.
fn line(text: &str, offset: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| offset + at);
    (start, end)
}

/// The character at `offset`; at the end of the text the last visible one.
fn visible(text: &str, offset: usize, file: FileId, sources: &SourceMap) -> Span {
    let mut at = offset;
    if text[at..].trim().is_empty() {
        at = text.trim_end().char_indices().next_back().map_or(0, |(at, _)| at);
    }
    let length = text[at..].chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
    sources.span(file, at, at + length)
}
