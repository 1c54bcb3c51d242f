//! Findings for programs.

use serde_json::Value;
use serde_json::json;

use crate::Diagnostic;
use crate::SourceMap;
use crate::Span;

/// Returns an array of objects `{code, severity, message, location?, labels, notes, help, fix?}`;
/// a location is `{file, line, column, end_line, end_column}`, all 1-based.
pub fn json(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    diagnostics.iter().map(|diagnostic| one(diagnostic, sources)).collect()
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let mut value = json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
    });
    if let Some(span) = diagnostic.span() {
        value["location"] = location(span, sources);
    }
    value["labels"] = diagnostic
        .labels
        .iter()
        .map(|label| {
            json!({
                "location": location(label.span, sources),
                "message": label.message,
                "primary": label.primary,
            })
        })
        .collect();
    value["notes"] = json!(diagnostic.notes);
    value["help"] = json!(diagnostic.help);
    if let Some(fix) = &diagnostic.fix {
        value["fix"] = json!({
            "location": location(fix.span, sources),
            "replacement": fix.replacement,
        });
    }
    value
}

fn location(span: Span, sources: &SourceMap) -> Value {
    let (from, to) = (sources.position(span), sources.end_position(span));
    json!({
        "file": sources.file(span.file).name,
        "line": from.line,
        "column": from.column,
        "end_line": to.line,
        "end_column": to.column,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_its_place() {
        let mut sources = SourceMap::default();
        let file = sources.add("c.yaml", "a: 1\nb: 2\n");
        let finding = Diagnostic::error("SW0001", "m").label(sources.span(file, 5, 6), "l");
        let value = json(&[finding], &sources);
        assert_eq!(value[0]["location"]["line"], 2);
        assert_eq!(value[0]["location"]["end_column"], 2);
        assert_eq!(value[0]["severity"], "error");
    }
}
