//! `${…}` in values (specification: 12-interpolation.md).

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;
use seaway_yaml::Node;
use seaway_yaml::Value;

use crate::codes;

/// Variables by name.
pub(crate) type Variables = IndexMap<String, String>;

/// Places of variables that are not set and have no default, by variable.
pub(crate) type Unset = IndexMap<String, Vec<Span>>;

/// Replaces variables in values, and keeps what was found.
pub(crate) struct Interpolation<'a> {
    /// Variables that are set.
    pub(crate) variables: &'a Variables,
    /// For the places of expressions.
    pub(crate) sources: &'a SourceMap,
    /// Variables that are not set are added here.
    pub(crate) unset: &'a mut Unset,
    /// Findings are pushed here.
    pub(crate) sink: &'a mut Sink,
}

impl Interpolation<'_> {
    /// Replaces variables in every value under `node`; keys stay as they are. `own`: the value
    /// belongs to an `x-…` key, where `$` can have a meaning of its own (`${AWS::Region}`, regular
    /// expressions): what cannot be read stays as it is, with a warning.
    pub(crate) fn apply(&mut self, node: &mut Node, own: bool) {
        match &mut node.value {
            Value::Null => {}
            Value::Seq(items) => items.iter_mut().for_each(|item| self.apply(item, own)),
            Value::Map(map) => {
                for (key, value) in map.iter_mut() {
                    self.apply(value, own || key.text.starts_with("x-"));
                }
            }
            Value::Scalar(text, _) => {
                if text.contains('$') {
                    let (value, faults) = expand(text, self.variables);
                    *text = value;
                    self.report(&faults, node.span, own);
                }
            }
        }
    }
}

/// Warns once for each variable that is not set, with all the places.
pub(crate) fn warn_unset(unset: &Unset, sink: &mut Sink) {
    for (name, places) in unset {
        let mut finding =
            Diagnostic::warning(codes::VARIABLE_UNSET, format!("the variable `{name}` is not set"));
        for (index, place) in places.iter().take(5).enumerate() {
            finding = if index == 0 {
                finding.label(*place, "replaced by an empty text")
            } else {
                finding.context(*place, "here too")
            };
        }
        sink.push(finding.help(format!(
            "set it in the shell or in `.env`, give a default with `${{{name}:-value}}`, or write `$${name}` for a literal `$`"
        )));
    }
}

/// What is wrong with one expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `name`, the expression as written.
    Unset(String, String),
    /// `name`, the message given behind `?`, the expression as written.
    Required(String, String, String),
    /// What is wrong, the expression as written.
    Syntax(&'static str, String),
}

impl Interpolation<'_> {
    fn report(&mut self, faults: &[Fault], span: Span, own: bool) {
        for fault in faults {
            let (Fault::Unset(_, written) | Fault::Required(_, _, written) | Fault::Syntax(_, written)) =
                fault;
            // In quotes and blocks the offsets of the text differ from those of the file.
            let place = match self.sources.text(span).find(written.as_str()) {
                Some(at) => {
                    let start = span.start as usize + at;
                    self.sources.span(span.file, start, start + written.len())
                }
                None => span,
            };
            match fault {
                Fault::Unset(name, _) => {
                    let places = self.unset.entry(name.clone()).or_default();
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
                Fault::Required(name, message, _) => {
                    let said = if message.is_empty() { String::new() } else { format!(": {message}") };
                    self.sink.push(
                        Diagnostic::error(
                            codes::VARIABLE_REQUIRED,
                            format!("the required variable `{name}` is not set{said}"),
                        )
                        .label(place, "required here")
                        .note("an expression with `?` refuses to go on without a value")
                        .help(format!("set it: `{name}=… seaway …`, or add `{name}=…` to the file `.env`")),
                    );
                }
                Fault::Syntax(what, written) => {
                    let severity = if own { Severity::Warning } else { Severity::Error };
                    let message = format!("this `$` expression cannot be read: {what}");
                    let finding = Diagnostic::new(severity, codes::INTERPOLATION, message)
                        .label(place, if own { "left as it is" } else { "here" })
                        .help("write `${NAME}`, `${NAME:-default}`, `${NAME:?message}` or `${NAME:+replacement}`; a literal `$` is written `$$`");
                    self.sink.push(match written.strip_prefix('$') {
                        Some(rest) if !rest.starts_with('{') && place != span => {
                            finding.fix(place, format!("$${rest}"))
                        }
                        _ => finding,
                    });
                }
            }
        }
    }
}

/// Returns `text` with its variables replaced, and what was wrong.
pub(crate) fn expand(text: &str, variables: &Variables) -> (String, Vec<Fault>) {
    let mut expander = Expander { variables, faults: Vec::new() };
    let out = expander.text(text, 0);
    (out, expander.faults)
}

/// Nested defaults deeper than this are refused instead of recursed into.
const MAX_NESTING: usize = 32;

struct Expander<'a> {
    variables: &'a Variables,
    faults: Vec<Fault>,
}

impl Expander<'_> {
    fn text(&mut self, text: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let expression = &rest[at..];
            let after = &expression[1..];
            if let Some(behind) = after.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if after.starts_with('{') {
                match closing(expression) {
                    Some(end) if depth < MAX_NESTING => {
                        let value = self.braced(&expression[..=end], depth);
                        out.push_str(&value);
                        rest = &expression[end + 1..];
                    }
                    Some(end) => {
                        self.faults
                            .push(Fault::Syntax("it is nested too deeply", expression[..=end].to_owned()));
                        return out + expression;
                    }
                    None => {
                        self.faults
                            .push(Fault::Syntax("the closing brace `}` is missing", expression.to_owned()));
                        return out + expression;
                    }
                }
            } else {
                let length = name_length(after);
                if length == 0 {
                    let written: String = expression.chars().take(2).collect();
                    self.faults.push(Fault::Syntax("a name must follow `$`", written));
                    out.push('$');
                    rest = after;
                } else {
                    let value = self.plain(&after[..length], &expression[..=length]);
                    out.push_str(&value);
                    rest = &after[length..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn plain(&mut self, name: &str, written: &str) -> String {
        match self.variables.get(name) {
            Some(value) => value.clone(),
            None => {
                self.faults.push(Fault::Unset(name.to_owned(), written.to_owned()));
                String::new()
            }
        }
    }

    /// `written` is the whole `${…}`.
    fn braced(&mut self, written: &str, depth: usize) -> String {
        let inner = &written[2..written.len() - 1];
        let length = name_length(inner);
        let (name, rest) = inner.split_at(length);
        if name.is_empty() {
            self.faults.push(Fault::Syntax("a name must follow `${`", written.to_owned()));
            return written.to_owned();
        }
        if rest.is_empty() {
            return self.plain(name, written);
        }
        let (colon, rest) = match rest.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let Some(operator) = rest.chars().next().filter(|first| matches!(first, '-' | '?' | '+')) else {
            self.faults.push(Fault::Syntax(
                "only `:-`, `-`, `:?`, `?`, `:+` and `+` can follow the name",
                written.to_owned(),
            ));
            return written.to_owned();
        };
        let word = &rest[1..];
        let value = self.variables.get(name).filter(|value| !(colon && value.is_empty())).cloned();
        match (operator, value) {
            ('+', Some(_)) => self.text(word, depth + 1),
            ('+', None) => String::new(),
            (_, Some(value)) => value,
            ('-', None) => self.text(word, depth + 1),
            (_, None) => {
                let message = self.text(word, depth + 1);
                self.faults.push(Fault::Required(name.to_owned(), message, written.to_owned()));
                String::new()
            }
        }
    }
}

/// Position of the brace that closes the `${` at the start of `text`.
pub(crate) fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                depth += 1;
                at += 1;
            }
            b'$' if bytes.get(at + 1) == Some(&b'$') => at += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

pub(crate) fn name_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        [("A", "a"), ("EMPTY", ""), ("B_2", "b")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn expressions_expand() {
        for (text, expected) in [
            ("plain", "plain"),
            ("$A", "a"),
            ("${A}x", "ax"),
            ("$A$B_2", "ab"),
            ("$$A", "$A"),
            ("$$$A", "$a"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${NONE-d}", "d"),
            ("${NONE:-}", ""),
            ("${NONE:-${A}}", "a"),
            ("${NONE:-${NOR:-${A}-z}}", "a-z"),
            ("${A:+yes}", "yes"),
            ("${EMPTY:+yes}", ""),
            ("${EMPTY+yes}", "yes"),
            ("${NONE+yes}", ""),
            ("${A:?must}", "a"),
            ("${EMPTY?must}", ""),
            ("${NONE:-a}b}", "ab}"),
            ("${NONE:-$$x}", "$x"),
            ("é${A}é", "éaé"),
        ] {
            assert_eq!(expand(text, &variables()), (expected.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn faults_are_told_apart() {
        let fault = |text: &str| expand(text, &variables()).1;
        assert_eq!(fault("x $NONE y"), [Fault::Unset("NONE".into(), "$NONE".into())]);
        assert_eq!(fault("${NONE}"), [Fault::Unset("NONE".into(), "${NONE}".into())]);
        assert_eq!(
            fault("${EMPTY:?say $A}"),
            [Fault::Required("EMPTY".into(), "say a".into(), "${EMPTY:?say $A}".into())]
        );
        for wrong in ["${", "${A", "${}", "${A!}", "${A:x}", "$", "$ A", "${1A}", "$-", "${NONE:-${A}"] {
            assert!(matches!(fault(wrong)[..], [Fault::Syntax(..)]), "{wrong}: {:?}", fault(wrong));
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("{}x{}", "${N:-".repeat(5000), "}".repeat(5000));
        assert!(matches!(expand(&deep, &variables()).1[..], [Fault::Syntax(..)]));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[$A{}:?+x-]{0,24}") {
            let _ = expand(&text, &variables());
        }
    }
}
