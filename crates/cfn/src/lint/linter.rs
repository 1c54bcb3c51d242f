//! The order of the checks, and where findings go.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;

use super::codes::Code;
use super::document;
use super::functions;
use super::iam;
use super::model::Model;
use super::parameters;
use super::patterns::Patterns;
use super::place::Place;
use super::properties;
use super::rules;
use super::usage;
use super::usage::Uses;
use crate::source::Node;

/// Checks a template whose tags are expanded ([`Node::expand`]) and adds what is wrong with it to
/// the sink, in file order.
pub fn lint(template: &Node, sink: &mut Sink) {
    let model = Model::new(template);
    let mut linter = Linter {
        model: &model,
        findings: Vec::new(),
        uses: Uses::default(),
        edges: IndexMap::new(),
        patterns: Patterns::default(),
    };
    document::check(&mut linter, template);
    parameters::check(&mut linter);
    functions::check(&mut linter, template);
    for resource in model.all() {
        properties::check(&mut linter, &resource);
        iam::check(&mut linter, &resource);
    }
    usage::cycles(&mut linter);
    usage::unused(&mut linter);
    rules::check(&mut linter);
    let mut findings = linter.findings;
    findings.sort_by_key(Diagnostic::span);
    for finding in findings {
        sink.push(finding);
    }
}

/// What all checks share.
pub(super) struct Linter<'a> {
    pub(super) model: &'a Model<'a>,
    pub(super) findings: Vec<Diagnostic>,
    pub(super) uses: Uses<'a>,
    /// Logical id → logical ids that it needs, with the place of the first reference.
    pub(super) edges: IndexMap<&'a str, IndexMap<&'a str, Option<Span>>>,
    pub(super) patterns: Patterns,
}

impl<'a> Linter<'a> {
    /// Adds a finding at a place; returns it, so that help can be added.
    pub(super) fn report(
        &mut self,
        code: &'static Code,
        span: Option<Span>,
        place: &Place<'_>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        let mut finding = Diagnostic::new(code.severity, code.id, message);
        match span {
            Some(span) => finding = finding.label(span, ""),
            // Without a file the path is the only place.
            None => finding = finding.note(format!("at {place}")),
        }
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Runs a check and returns what it found instead of reporting it.
    pub(super) fn probe(&mut self, check: impl FnOnce(&mut Self)) -> Vec<Diagnostic> {
        let mark = self.findings.len();
        check(self);
        self.findings.split_off(mark)
    }

    /// Notes that one resource needs another.
    pub(super) fn edge(&mut self, from: &'a str, to: &'a str, span: Option<Span>) {
        self.edges.entry(from).or_default().entry(to).or_insert(span);
    }

    /// Returns the dependencies as [`crate::graph`] orders them.
    pub(super) fn dependencies(&self) -> IndexMap<String, IndexSet<String>> {
        let of = |id: &str| {
            self.edges.get(id).into_iter().flat_map(|needs| needs.keys()).map(|id| (*id).to_owned()).collect()
        };
        self.model.order.iter().map(|id| ((*id).to_owned(), of(id))).collect()
    }
}

/// Adds help to a finding.
pub(super) fn help(finding: &mut Diagnostic, help: impl Into<String>) {
    finding.help.push(help.into());
}

/// Adds "did you mean" where something is near.
pub(super) fn did_you_mean(finding: &mut Diagnostic, near: Option<&str>) {
    if let Some(near) = near {
        finding.help.push(format!("did you mean `{near}`?"));
    }
}

/// Counts the same values; returns those that occur more than once, with their second place.
pub(super) fn doubles<'n, K: Ord>(items: impl IntoIterator<Item = (K, &'n Node)>) -> Vec<(K, &'n Node)> {
    let mut nodes: BTreeMap<K, Vec<&Node>> = BTreeMap::new();
    for (key, node) in items {
        nodes.entry(key).or_default().push(node);
    }
    nodes.into_iter().filter_map(|(key, nodes)| Some((key, *nodes.get(1)?))).collect()
}
