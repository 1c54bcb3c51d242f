//! Typed reading of a section of one of our `x-` keys.
//!
//! Keys are snake_case; the capitalised spelling of ComposeX and CloudFormation (`Schedule`,
//! `HealthCheck`) is read as the same key. Unknown keys are findings with a suggestion.

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_diag::nearest;
use seaway_yaml::Map;
use seaway_yaml::Node;

use crate::codes;
use crate::duration::parse_duration;

/// A mapping whose keys are known.
pub(crate) struct Section<'a> {
    what: String,
    map: Option<&'a Map>,
}

/// Returns the snake_case spelling of a key: `RetryPolicy` → `retry_policy`.
pub(crate) fn canonical(key: &str) -> String {
    let mut text = String::with_capacity(key.len() + 4);
    let mut lower_before = false;
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            if lower_before {
                text.push('_');
            }
            text.push(letter.to_ascii_lowercase());
            lower_before = false;
        } else {
            lower_before = letter.is_ascii_lowercase() || letter.is_ascii_digit();
            text.push(letter);
        }
    }
    text
}

impl<'a> Section<'a> {
    /// Opens a section that may hold `keys`; `what` names it to the user. An empty value is an
    /// empty section.
    pub(crate) fn open(
        node: &'a Node,
        what: impl Into<String>,
        keys: &[&str],
        sink: &mut Sink,
    ) -> Option<Self> {
        let what = what.into();
        let map = match node.as_map() {
            Some(map) => map,
            None if node.is_null() => return Some(Section { what, map: None }),
            None => {
                sink.push(
                    Diagnostic::error(
                        codes::BAD_VALUE,
                        format!("{what} must be a mapping, not {}", node.describe()),
                    )
                    .label(node.span, "a mapping is expected here")
                    .help(format!("it may hold {}", listed(keys))),
                );
                return None;
            }
        };
        let mut seen: Vec<(String, Span)> = Vec::new();
        for entry in map.iter() {
            let name = canonical(&entry.key.text);
            if name.starts_with("x_") || entry.key.text.starts_with("x-") {
                continue;
            }
            if !keys.contains(&name.as_str()) {
                let mut finding = Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    format!("unknown key `{}` in {what}", entry.key.text),
                )
                .label(entry.key.span, "not a key of this section");
                finding = match nearest(&name, keys.iter().copied()) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")).fix(entry.key.span, near),
                    None => finding.help(format!("it may hold {}", listed(keys))),
                };
                sink.push(finding);
            } else if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
                sink.push(
                    Diagnostic::error(codes::UNKNOWN_KEY, format!("`{name}` is given twice in {what}"))
                        .label(entry.key.span, "given again here")
                        .context(*first, "first given here")
                        .help("keep one spelling, snake_case is the usual one"),
                );
            } else {
                seen.push((name, entry.key.span));
            }
        }
        Some(Section { what, map: Some(map) })
    }

    /// Returns the value of a key, in either spelling; nothing for an empty value.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        let map = self.map?;
        let found = map.get(key).or_else(|| {
            map.iter().find(|entry| canonical(&entry.key.text) == key).map(|entry| &entry.value)
        })?;
        if found.is_null() { None } else { Some(found) }
    }

    /// Reports a value that is not what `expected` says.
    pub(crate) fn wrong(&self, key: &str, node: &Node, expected: &str, sink: &mut Sink) {
        let found = match node.as_str() {
            Some(text) => format!("`{text}`"),
            None => node.describe().to_owned(),
        };
        sink.push(
            Diagnostic::error(
                codes::BAD_VALUE,
                format!("`{key}` in {} must be {expected}, not {found}", self.what),
            )
            .label(node.span, format!("expected {expected}")),
        );
    }

    /// Reads text.
    pub(crate) fn text(&self, key: &str, sink: &mut Sink) -> Option<Spanned<String>> {
        let node = self.get(key)?;
        match node.as_str() {
            Some(text) if !text.is_empty() => Some(Spanned::new(text.to_owned(), node.span)),
            _ => {
                self.wrong(key, node, "text", sink);
                None
            }
        }
    }

    /// Reads a whole number in a range.
    pub(crate) fn number(&self, key: &str, least: u32, most: u32, sink: &mut Sink) -> Option<Spanned<u32>> {
        let node = self.get(key)?;
        match node.as_str().and_then(|text| text.parse::<u32>().ok()) {
            Some(number) if (least..=most).contains(&number) => Some(Spanned::new(number, node.span)),
            _ => {
                self.wrong(key, node, &format!("a whole number from {least} to {most}"), sink);
                None
            }
        }
    }

    /// Reads a percentage, `50` or `50%`, in a range.
    pub(crate) fn percent(&self, key: &str, least: u32, most: u32, sink: &mut Sink) -> Option<Spanned<u32>> {
        let node = self.get(key)?;
        match node.as_str().and_then(|text| text.trim_end_matches('%').parse::<u32>().ok()) {
            Some(number) if (least..=most).contains(&number) => Some(Spanned::new(number, node.span)),
            _ => {
                self.wrong(key, node, &format!("a percentage from {least} to {most}"), sink);
                None
            }
        }
    }

    /// Reads `true` or `false`.
    pub(crate) fn truth(&self, key: &str, sink: &mut Sink) -> Option<bool> {
        let node = self.get(key)?;
        match node.as_str() {
            Some("true" | "True" | "TRUE" | "yes" | "on") => Some(true),
            Some("false" | "False" | "FALSE" | "no" | "off") => Some(false),
            _ => {
                self.wrong(key, node, "true or false", sink);
                None
            }
        }
    }

    /// Reads a duration (`90s`, `1h30m`, a number of seconds) in seconds, in a range.
    pub(crate) fn duration(&self, key: &str, least: u64, most: u64, sink: &mut Sink) -> Option<Spanned<u64>> {
        let node = self.get(key)?;
        match node.as_str().and_then(parse_duration) {
            Some(seconds) if (least..=most).contains(&seconds) => Some(Spanned::new(seconds, node.span)),
            _ => {
                let expected = format!("a duration from {least}s to {most}s, such as `30s` or `1h30m`");
                self.wrong(key, node, &expected, sink);
                None
            }
        }
    }

    /// Reads one of some words.
    pub(crate) fn word<'w>(&self, key: &str, words: &[&'w str], sink: &mut Sink) -> Option<Spanned<&'w str>> {
        let node = self.get(key)?;
        let found = node.as_str().and_then(|text| words.iter().find(|word| word.eq_ignore_ascii_case(text)));
        match found {
            Some(word) => Some(Spanned::new(*word, node.span)),
            None => {
                let text = node.as_str().unwrap_or_default();
                let mut finding = Diagnostic::error(
                    codes::BAD_VALUE,
                    format!("`{key}` in {} must be {}, not `{text}`", self.what, listed(words)),
                )
                .label(node.span, "not one of these");
                if let Some(near) = nearest(text, words.iter().copied()) {
                    finding = finding.help(format!("did you mean `{near}`?")).fix(node.span, near);
                }
                sink.push(finding);
                None
            }
        }
    }

    /// Reads a list of texts; one text is a list of one.
    pub(crate) fn texts(&self, key: &str, sink: &mut Sink) -> Vec<Spanned<String>> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let items = match node.as_seq() {
            Some(items) => items,
            None => std::slice::from_ref(node),
        };
        let mut texts = Vec::new();
        for item in items {
            match item.as_str() {
                Some(text) => texts.push(Spanned::new(text.to_owned(), item.span)),
                None => self.wrong(key, item, "text or a list of texts", sink),
            }
        }
        texts
    }
}

/// Returns `` `a`, `b` or `c` ``.
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitalised_keys_are_the_same_keys() {
        for (written, expected) in [
            ("Schedule", "schedule"),
            ("RetryPolicy", "retry_policy"),
            ("TTL", "ttl"),
            ("health_check", "health_check"),
            ("VpcCidr", "vpc_cidr"),
            ("run", "run"),
        ] {
            assert_eq!(canonical(written), expected);
        }
    }

    #[test]
    fn lists_read_like_prose() {
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
