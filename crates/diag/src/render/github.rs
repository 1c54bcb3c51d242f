//! Findings as workflow commands of GitHub Actions.

use crate::Diagnostic;
use crate::Severity;
use crate::SourceMap;

/// Returns one `::error file=…,line=…,col=…,title=…::message` line for each finding, as
/// documented under "Workflow commands for GitHub Actions".
pub fn github(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(span) = diagnostic.span() {
            let position = sources.position(span);
            properties.push(format!("file={}", property(&sources.file(span.file).name)));
            properties.push(format!("line={}", position.line));
            properties.push(format!("col={}", position.column));
        }
        properties.push(format!("title={}", diagnostic.code));
        let mut message = diagnostic.message.clone();
        for help in &diagnostic.help {
            message.push_str("; ");
            message.push_str(help);
        }
        out.push_str(&format!("::{command} {}::{}\n", properties.join(","), data(&message)));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        let mut sources = SourceMap::default();
        let file = sources.add("a,b.yaml", "x: 1\n");
        let finding = Diagnostic::error("SW0001", "100 %\nof it").label(sources.span(file, 0, 1), "");
        assert_eq!(
            github(&[finding], &sources),
            "::error file=a%2Cb.yaml,line=1,col=1,title=SW0001::100 %25%0Aof it\n"
        );
    }
}
