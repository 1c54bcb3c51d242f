//! What is used, and by whom.

use std::collections::BTreeSet;

use super::codes;
use super::linter::Linter;
use super::linter::help;
use super::place::Place;
use crate::graph;

/// Names that something uses.
#[derive(Debug, Default)]
pub(super) struct Uses<'a> {
    pub(super) parameters: BTreeSet<&'a str>,
    pub(super) conditions: BTreeSet<&'a str>,
    pub(super) mappings: BTreeSet<&'a str>,
    /// A mapping's name is computed, so that any may be meant.
    pub(super) any_mapping: bool,
}

/// Reports resources that wait for each other.
pub(super) fn cycles(linter: &mut Linter<'_>) {
    let mut dependencies = linter.dependencies();
    // Each round reports one cycle and cuts it, so that the next one shows.
    for _ in 0..20 {
        let Err(cycle) = graph::order(&dependencies) else { return };
        let (Some(first), Some(second)) = (cycle.first(), cycle.get(1)) else { return };
        let span = linter.edges.get(first.as_str()).and_then(|needs| *needs.get(second.as_str())?);
        let root = Place::root("Resources");
        let message = format!("resources depend on each other: {}", cycle.join(" -> "));
        let finding = linter.report(&codes::CYCLE, span, &root.key(first), message);
        help(finding, "break the circle by a resource of its own, such as a separate security group rule");
        if let Some(needs) = dependencies.get_mut(first.as_str()) {
            needs.shift_remove(second.as_str());
        }
    }
}

/// Reports parameters, conditions and mappings that nothing uses.
pub(super) fn unused(linter: &mut Linter<'_>) {
    let model = linter.model;
    if model.open {
        return;
    }
    let sections = [
        (
            "Parameters",
            "parameter",
            &codes::UNUSED_PARAMETER,
            &model.parameters,
            linter.uses.parameters.clone(),
        ),
        (
            "Conditions",
            "condition",
            &codes::UNUSED_CONDITION,
            &model.conditions,
            linter.uses.conditions.clone(),
        ),
        ("Mappings", "mapping", &codes::UNUSED_MAPPING, &model.mappings, linter.uses.mappings.clone()),
    ];
    for (section, noun, code, all, used) in sections {
        if section == "Mappings" && linter.uses.any_mapping {
            continue;
        }
        for (name, entry) in all {
            if !used.contains(name) {
                let root = Place::root(section);
                linter.report(
                    code,
                    entry.key_span,
                    &root.key(name),
                    format!("nothing uses the {noun} `{name}`"),
                );
            }
        }
    }
}
