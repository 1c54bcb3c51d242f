//! Where findings are collected.

use std::collections::BTreeMap;

use crate::Diagnostic;
use crate::Severity;
use crate::Span;

/// Collects the findings of one run.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    /// Findings by code and place: only those can be the same, and a file can have thousands.
    known: BTreeMap<(&'static str, Option<Span>), Vec<usize>>,
}

impl Sink {
    /// Adds a finding; one that is there already, to the letter and the place, is not added again.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let alike = self.known.entry((diagnostic.code, diagnostic.span())).or_default();
        if !alike.iter().any(|place| self.diagnostics[*place] == diagnostic) {
            alike.push(self.diagnostics.len());
            self.diagnostics.push(diagnostic);
        }
    }

    /// Returns all findings in the order in which they were pushed.
    pub fn all(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns true when at least one finding is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Returns how many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Sorts by file and place, findings without a place first; the order is stable.
    pub fn sort(&mut self) {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span());
        self.known.clear();
        for (place, diagnostic) in self.diagnostics.iter().enumerate() {
            self.known.entry((diagnostic.code, diagnostic.span())).or_default().push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_finding_is_kept_once() {
        let mut sink = Sink::default();
        let mut sources = crate::SourceMap::default();
        let file = sources.add("a", "xy");
        let at = |from| Diagnostic::error("SW0001", "no").label(sources.span(file, from, from + 1), "");
        for finding in [at(1), at(0), at(1), Diagnostic::error("SW0001", "no")] {
            sink.push(finding);
        }
        sink.sort();
        sink.push(at(1));
        sink.push(at(0).help("other"));
        assert_eq!(sink.all().len(), 4);
    }
}
