//! JSON data → YAML text.

use std::fmt::Write;

use serde_json::Value;

/// Returns `value` as YAML in block style: the same value gives the same text, and every reader
/// of YAML 1.1 or 1.2 reads the same value back.
pub fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        other => {
            scalar(&mut out, other);
            out.push('\n');
        }
    }
    out
}

fn mapping(out: &mut String, map: &serde_json::Map<String, Value>, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        // The first key stands behind the `- ` or the start of the text.
        if index > 0 || !out.ends_with("- ") {
            pad(out, indent);
        }
        text(out, key);
        out.push(':');
        child(out, value, indent);
    }
}

fn child(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            mapping(out, map, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            sequence(out, items, indent + 2);
        }
        other => {
            out.push(' ');
            scalar(out, other);
            out.push('\n');
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !out.ends_with("- ") {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(out, map, indent + 2),
            Value::Array(items) if !items.is_empty() => sequence(out, items, indent + 2),
            other => {
                scalar(out, other);
                out.push('\n');
            }
        }
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(value) => text(out, value),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

fn text(out: &mut String, value: &str) {
    if is_plain(value) {
        out.push_str(value);
        return;
    }
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Not printable for YAML, or a line break for YAML 1.1.
            other if other.is_control() || matches!(other, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Whether a text needs no quotes: careful rather than complete, so that neither YAML 1.1 nor
/// 1.2 takes it for a number, a truth value, a date or syntax.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"];
    let Some(first) = text.chars().next() else {
        return false;
    };
    (first.is_ascii_alphabetic() || matches!(first, '/' | '_' | '.' | '$'))
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'-' | b'@' | b'$' | b'+' | b'=' | b' ')
        })
        && !text.ends_with(' ')
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        // `.5`, `.inf`
        && !(first == '.' && text[1..].starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '-' | '+' | '_')))
        && text != "."
        && text != "="
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seaway_diag::Sink;
    use seaway_diag::SourceMap;
    use serde_json::json;

    use super::*;

    fn reread(value: &Value) -> Value {
        let text = emit(value);
        let mut sources = SourceMap::default();
        let file = sources.add("out.yaml", text.clone());
        let mut sink = Sink::default();
        let node = crate::parse(file, &sources, &mut sink);
        assert!(sink.all().is_empty(), "{text}\n{:?}", sink.all());
        node.unwrap().to_json()
    }

    #[test]
    fn the_text_is_as_expected() {
        let value = json!({
            "name": "shop", "empty": {}, "none": [], "n": null, "yes": "yes", "port": "80:80", "x": 1.5,
            "list": ["a", {"b": 1, "c": ["d"]}, ["e", "f"], "", "two\nlines"],
        });
        assert_eq!(
            emit(&value),
            "name: shop\nempty: {}\nnone: []\n\"n\": null\n\"yes\": \"yes\"\nport: \"80:80\"\nx: 1.5\nlist:\n  - a\n  - b: 1\n    c:\n      - d\n  - - e\n    - f\n  - \"\"\n  - \"two\\nlines\"\n"
        );
        assert_eq!(reread(&value), value);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::String),
            "[a-z0-9 :#,\\-\\[\\]{}&*!|>'\"%@`.$~\t\n\r\\\\=]{0,10}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::vec(("[a-z:# ~<]{0,5}", inner), 0..4)
                    // `<<` is no plain key: it merges.
                    .prop_map(|pairs| pairs.into_iter().filter(|(key, _)| key != "<<").collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_emitted_reads_back(value in values()) {
            prop_assert_eq!(reread(&value), value);
        }
    }
}
