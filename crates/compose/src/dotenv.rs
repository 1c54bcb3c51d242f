//! `.env` and `env_file` (specification: 05-services.md, "env_file format").

use std::ops::Range;

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;

use crate::EnvFormat;
use crate::codes;
use crate::interpolate::Fault;
use crate::interpolate::Variables;
use crate::interpolate::expand;

/// One assignment.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    /// Its name.
    pub(crate) name: String,
    /// `None` for a name alone: taken from the shell.
    pub(crate) value: Option<String>,
    /// Place of the line.
    pub(crate) span: Span,
}

/// A finding before the file has an id: place, what is said of it, the rest.
type Found = (Range<usize>, String, Diagnostic);

/// Reads the assignments of `text`, shown to the user as `name`. Unless `format` is raw, unquoted and double-quoted values
/// are interpolated with `variables` (which win) and the assignments above.
///
/// Values can be secret, so `sources` gets a copy in which they are masked: no finding, whoever
/// makes it, can show one.
pub(crate) fn read(
    name: &str,
    text: &str,
    variables: &Variables,
    format: EnvFormat,
    sources: &mut SourceMap,
    sink: &mut Sink,
) -> Vec<Assignment> {
    let raw = format == EnvFormat::Raw;
    let mut reader = Reader { text, raw, known: variables.clone(), kept: Vec::new(), found: Vec::new() };
    let assignments = reader.lines(variables);
    let file = sources.add(name, masked(text, &reader.kept));
    for (range, label, diagnostic) in reader.found {
        sink.push(diagnostic.label(sources.span(file, range.start, range.end), label));
    }
    assignments
        .into_iter()
        .map(|(name, value, range)| Assignment {
            name,
            value,
            span: sources.span(file, range.start, range.end),
        })
        .collect()
}

/// `text` with everything but line breaks and the kept ranges replaced, byte for byte.
fn masked(text: &str, kept: &[Range<usize>]) -> String {
    let mut out: Vec<u8> = text.bytes().map(|byte| if byte == b'\n' { byte } else { b'*' }).collect();
    for range in kept {
        out[range.clone()].copy_from_slice(&text.as_bytes()[range.clone()]);
    }
    String::from_utf8_lossy(&out).into_owned()
}

struct Reader<'a> {
    text: &'a str,
    /// Whether a value is everything behind `=`, to the letter.
    raw: bool,
    known: Variables,
    /// What may be shown: names and comments.
    kept: Vec<Range<usize>>,
    found: Vec<Found>,
}

type Line = (String, Option<String>, Range<usize>);

impl Reader<'_> {
    fn lines(&mut self, variables: &Variables) -> Vec<Line> {
        let text = self.text;
        let mut out: Vec<Line> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
            let line = &text[at..end];
            let start = at + (line.len() - line.trim_start().len());
            let place = start..(at + line.trim_end().len()).max(start);
            let body = line.trim().trim_start_matches('\u{feff}');
            at = end + 1;
            if body.is_empty() || body.starts_with('#') {
                self.kept.push(place);
                continue;
            }
            let body = body.strip_prefix("export ").map_or(body, str::trim_start);
            let (name, rest) = match body.split_once('=') {
                Some((name, rest)) => (name.trim_end(), Some(rest.trim_start())),
                None => (body.split_once(" #").map_or(body, |(name, _)| name).trim_end(), None),
            };
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
            if name.is_empty() || !name.chars().all(good) {
                self.found.push((
                    place,
                    "expected `NAME=value`".to_owned(),
                    Diagnostic::error(codes::ENV_FILE_SYNTAX, "this line is not an assignment")
                        .note("values are shown as `*`: they can be secret")
                        .help("write `NAME=value`, or start a comment with `#`"),
                ));
                continue;
            }
            // A line without `=` can also be the rest of a value that was not quoted.
            if rest.is_some() {
                let offset = name.as_ptr() as usize - text.as_ptr() as usize;
                self.kept.push(start..offset + name.len() + 1);
            }
            let value = match rest {
                None => self.known.get(name).cloned(),
                Some(_) if self.raw => body.split_once('=').map(|(_, value)| value.to_owned()),
                Some(rest) => match self.value(rest, &place, &mut at) {
                    Some(value) => Some(value),
                    None => continue,
                },
            };
            if let Some(value) = &value
                && !variables.contains_key(name)
            {
                self.known.insert(name.to_owned(), value.clone());
            }
            out.push((name.to_owned(), value, place));
        }
        out
    }

    /// The value that starts with `rest`; moves `at` behind a value of several lines.
    fn value(&mut self, rest: &str, place: &Range<usize>, at: &mut usize) -> Option<String> {
        let text = self.text;
        let Some(quote) = rest.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
            return Some(self.interpolated(unquoted(rest), place));
        };
        let offset = rest.as_ptr() as usize - text.as_ptr() as usize + 1;
        let Some(length) = closing(&text[offset..], quote) else {
            self.found.push((
                place.clone(),
                format!("opened with {quote}"),
                Diagnostic::error(codes::ENV_FILE_SYNTAX, "the value has no closing quote")
                    .help(format!("close it with {quote}, or escape the quote with a backslash")),
            ));
            return None;
        };
        let after = offset + length + 1;
        *at = text[after..].find('\n').map_or(text.len(), |more| after + more + 1);
        let raw = unescape(&text[offset..offset + length], quote);
        Some(if quote == '\'' { raw } else { self.interpolated(&raw, place) })
    }

    fn interpolated(&mut self, raw: &str, place: &Range<usize>) -> String {
        if !raw.contains('$') {
            return raw.to_owned();
        }
        let (value, faults) = expand(raw, &self.known);
        for fault in faults {
            let (label, diagnostic) = match fault {
                Fault::Unset(name, _) => (
                    "replaced by an empty text",
                    Diagnostic::warning(codes::VARIABLE_UNSET, format!("the variable `{name}` is not set"))
                        .help("put single quotes around a value with a literal `$`"),
                ),
                Fault::Required(name, message, _) => (
                    "required here",
                    Diagnostic::error(
                        codes::VARIABLE_REQUIRED,
                        format!("the required variable `{name}` is not set: {message}"),
                    )
                    .help("set it in the shell, or above this line"),
                ),
                Fault::Syntax(what, _) => (
                    "in this value",
                    Diagnostic::error(
                        codes::INTERPOLATION,
                        format!("this `$` expression cannot be read: {what}"),
                    )
                    .help("put single quotes around a value with a literal `$`"),
                ),
            };
            self.found.push((place.clone(), label.to_owned(), diagnostic));
        }
        value
    }
}

/// An unquoted value ends at a comment, which starts with ` #`.
fn unquoted(rest: &str) -> &str {
    let end = if rest.starts_with('#') { 0 } else { rest.find(" #").unwrap_or(rest.len()) };
    rest[..end].trim_end()
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            other if other == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn unescape(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match (characters.next(), quote) {
            (Some('n'), '"') => out.push('\n'),
            (Some('r'), '"') => out.push('\r'),
            (Some('t'), '"') => out.push('\t'),
            // `\$` is a literal `$`, which interpolation writes `$$`.
            (Some('$'), '"') => out.push_str("$$"),
            (Some(next), '"') if matches!(next, '"' | '\\') => out.push(next),
            (Some('\''), '\'') => out.push('\''),
            (Some(next), _) => {
                out.push('\\');
                out.push(next);
            }
            (None, _) => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> (Vec<(String, Option<String>)>, usize) {
        let mut sources = SourceMap::default();
        let mut sink = Sink::default();
        let variables = [("SHELL_SET".to_owned(), "s".to_owned())].into_iter().collect();
        let out = read(".env", text, &variables, EnvFormat::Compose, &mut sources, &mut sink);
        let out = out.into_iter().map(|one| (one.name, one.value)).collect();
        (out, sink.count(seaway_diag::Severity::Error))
    }

    #[test]
    fn lines_are_read() {
        for (text, name, value) in [
            ("A=1", "A", Some("1")),
            ("export A=1", "A", Some("1")),
            ("  A = 1  ", "A", Some("1")),
            ("A=1 # note", "A", Some("1")),
            ("A=1#2", "A", Some("1#2")),
            ("A=", "A", Some("")),
            ("A=#x", "A", Some("")),
            ("A='x # y'", "A", Some("x # y")),
            ("A='$B'", "A", Some("$B")),
            ("A=\"a\\nb\"", "A", Some("a\nb")),
            ("A=\"a\nb\"", "A", Some("a\nb")),
            ("A=\"\\$B\"", "A", Some("$B")),
            ("A=${SHELL_SET}!", "A", Some("s!")),
            ("A=${NONE:-d}", "A", Some("d")),
            ("SHELL_SET", "SHELL_SET", Some("s")),
            ("NOT_SET", "NOT_SET", None),
            ("A=1\r\n", "A", Some("1")),
            ("A=a=b", "A", Some("a=b")),
        ] {
            let expected = vec![(name.to_owned(), value.map(ToOwned::to_owned))];
            assert_eq!(run(text), (expected, 0), "{text:?}");
        }
    }

    #[test]
    fn later_lines_see_earlier_ones() {
        let (out, errors) = run("A=1\n# x\n\nB=$A-2\nSHELL_SET=own\nC=$SHELL_SET\n");
        assert_eq!(errors, 0);
        let values: Vec<_> = out.iter().map(|(_, value)| value.as_deref().unwrap_or("")).collect();
        assert_eq!(values, ["1", "1-2", "own", "s"]);
    }

    #[test]
    fn faults_are_reported_and_passed() {
        let (out, errors) = run("two words\nA=\"open\nB=1\n");
        assert_eq!(errors, 2);
        assert_eq!(out, [("B".to_owned(), Some("1".to_owned()))]);
    }

    #[test]
    fn values_are_masked() {
        let mut sources = SourceMap::default();
        let mut sink = Sink::default();
        let text =
            "# note\nTOKEN=hunter2 # c\nKEY=\"-----\nabc=hunter2\n\"\nloose hunter2\nhunter2\nBAD='hunter2\n";
        let read = read(".env", text, &Variables::new(), EnvFormat::Compose, &mut sources, &mut sink);
        assert_eq!(read.len(), 3);
        let shown = seaway_diag::render::text(sink.all(), &sources, false);
        assert!(shown.contains("SW0221") && !shown.contains("hunter2"), "{shown}");
        assert_eq!(sources.text(read[0].span), "TOKEN=***********");
    }
}
