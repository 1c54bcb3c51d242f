//! Which variables the files use, and how.

use indexmap::IndexMap;
use seaway_diag::SourceMap;
use seaway_diag::Span;
use seaway_yaml::Node;
use seaway_yaml::Value;
use serde::Serialize;

use crate::interpolate::closing;
use crate::interpolate::name_length;

/// A variable that the files use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VariableUse {
    /// The default of the first `:-` or `-` that gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether some place refuses to go on without a value (`:?` or `?`).
    pub required: bool,
    /// The text of the first `:+` or `+` that gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternate: Option<String>,
    /// Where it is used, in the order in which the files are read.
    #[serde(skip)]
    pub places: Vec<Span>,
}

/// Variables by name, in the order of their first use.
pub type VariableUses = IndexMap<String, VariableUse>;

/// Adds the uses in all values under `node`.
pub(crate) fn collect(node: &Node, sources: &SourceMap, uses: &mut VariableUses) {
    match &node.value {
        Value::Null => {}
        Value::Seq(items) => items.iter().for_each(|item| collect(item, sources, uses)),
        Value::Map(map) => map.iter().for_each(|entry| collect(&entry.value, sources, uses)),
        Value::Scalar(text, _) if text.contains('$') => {
            scan(text, node.span, sources, uses, 0);
        }
        Value::Scalar(..) => {}
    }
}

fn scan(text: &str, span: Span, sources: &SourceMap, uses: &mut VariableUses, depth: usize) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let expression = &rest[at..];
        let after = &expression[1..];
        if let Some(behind) = after.strip_prefix('$') {
            rest = behind;
        } else if after.starts_with('{') {
            // What cannot be read is reported by the interpolation.
            let Some(end) = closing(expression).filter(|_| depth < 32) else {
                return;
            };
            braced(&expression[..=end], span, sources, uses, depth);
            rest = &expression[end + 1..];
        } else {
            let length = name_length(after);
            if length > 0 {
                used(&after[..length], &expression[..=length], span, sources, uses);
            }
            rest = &after[length..];
        }
    }
}

fn braced(written: &str, span: Span, sources: &SourceMap, uses: &mut VariableUses, depth: usize) {
    let inner = &written[2..written.len() - 1];
    let (name, rest) = inner.split_at(name_length(inner));
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if name.is_empty() || !(rest.is_empty() || rest.starts_with(['-', '?', '+'])) {
        return;
    }
    let entry = used(name, written, span, sources, uses);
    if let Some(default) = rest.strip_prefix('-') {
        entry.default.get_or_insert_with(|| default.to_owned());
    } else if let Some(alternate) = rest.strip_prefix('+') {
        entry.alternate.get_or_insert_with(|| alternate.to_owned());
    } else if rest.starts_with('?') {
        entry.required = true;
    }
    if !rest.is_empty() {
        scan(&rest[1..], span, sources, uses, depth + 1);
    }
}

fn used<'u>(
    name: &str,
    written: &str,
    span: Span,
    sources: &SourceMap,
    uses: &'u mut VariableUses,
) -> &'u mut VariableUse {
    let place = match sources.text(span).find(written) {
        Some(at) => {
            let start = span.start as usize + at;
            sources.span(span.file, start, start + written.len())
        }
        None => span,
    };
    let entry = uses.entry(name.to_owned()).or_default();
    if !entry.places.contains(&place) {
        entry.places.push(place);
    }
    entry
}

#[cfg(test)]
mod tests {
    use seaway_diag::Sink;

    use super::*;

    #[test]
    fn uses_are_collected() {
        let mut sources = SourceMap::default();
        let text = "a: $A and ${B:-x} $$C\nb: [\"${D:?no}\", '${B-y}', \"${E:+z${F}}\"]\n";
        let file = sources.add("a.yaml", text);
        let node = seaway_yaml::parse(file, &sources, &mut Sink::default()).unwrap();
        let mut uses = VariableUses::new();
        collect(&node, &sources, &mut uses);
        assert_eq!(uses.keys().collect::<Vec<_>>(), ["A", "B", "D", "E", "F"]);
        assert_eq!(uses["B"].default.as_deref(), Some("x"));
        assert_eq!(uses["B"].places.len(), 2);
        assert!(uses["D"].required && !uses["A"].required);
        assert_eq!(uses["E"].alternate.as_deref(), Some("z${F}"));
        assert_eq!(sources.location(uses["D"].places[0]), "a.yaml:2:6");
    }
}
