//! Values of resources, list items and both branches of `Fn::If` included.

use super::super::codes::Code;
use super::super::linter::Linter;
use super::super::model::Resource;
use super::super::place::Place;
use crate::source::Node;
use seaway_diag::Diagnostic;

/// Returns the values at a path of keys below a node.
pub(super) fn each<'a>(node: Option<&'a Node>, path: &str) -> Vec<&'a Node> {
    let mut found: Vec<&Node> = node.into_iter().flat_map(flat).collect();
    for key in path.split('.').filter(|key| !key.is_empty()) {
        found = found.into_iter().filter_map(|node| node.get(key)).flat_map(flat).collect();
    }
    found
}

/// Returns the items of a list and the branches of `Fn::If`, else the value itself.
fn flat(node: &Node) -> Vec<&Node> {
    match node.function() {
        Some(("Fn::If", argument)) => argument.items().iter().skip(1).flat_map(flat).collect(),
        Some(("Ref", _)) if node.is_no_value() => Vec::new(),
        _ if !node.items().is_empty() => node.items().iter().flat_map(flat).collect(),
        _ => vec![node],
    }
}

/// Returns the values at a path of a resource's properties.
pub(super) fn values<'a>(resource: &Resource<'a>, path: &str) -> Vec<&'a Node> {
    each(resource.properties, path)
}

/// Adds a finding about a value of a resource.
pub(super) fn report<'l>(
    linter: &'l mut Linter<'_>,
    code: &'static Code,
    resource: &Resource<'_>,
    node: Option<&Node>,
    message: impl Into<String>,
) -> &'l mut Diagnostic {
    let root = Place::root("Resources");
    let span = node.and_then(|node| node.span).or(resource.entry.key_span);
    linter.report(code, span, &root.key(resource.id), message)
}
