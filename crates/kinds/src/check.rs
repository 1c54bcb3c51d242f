//! Checks of all resources of an application, and the variables that their edges inject.

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_model::AccessEdge;
use seaway_model::App;
use seaway_model::Resource;

use crate::AccessLevel;
use crate::Kind;
use crate::codes;
use crate::lookup;
use crate::reference;
use crate::registry::find;

/// What may stand in a mapping under `Access` without being a part: it is so in any case.
const ALWAYS: &[&str] = &["enforceSecureConnection"];

/// Returns what an edge injects: environment variable → attribute.
pub fn variables(kind: &dyn Kind, resource: &Resource, edge: &AccessEdge) -> IndexMap<String, String> {
    if edge.return_values.is_empty() {
        let attribute = kind.facts().default_attribute.to_owned();
        let variable = kind.default_variable(&resource.name.value);
        return variable.map(|variable| (variable, attribute)).into_iter().collect();
    }
    edge.return_values
        .iter()
        .map(|(attribute, variable)| (variable.value.clone(), attribute.clone()))
        .collect()
}

/// Returns the access levels that an edge grants.
pub fn granted(kind: &dyn Kind, edge: &AccessEdge) -> Vec<&'static AccessLevel> {
    let word = edge.access.iter().map(|access| (None, access.value.as_str()));
    let parts = edge.parts.iter().map(|(part, level)| (Some(part.as_str()), level.value.as_str()));
    word.chain(parts)
        .filter_map(|(part, name)| {
            kind.access_levels()
                .iter()
                .find(|level| level.name == name && part.is_none_or(|part| part == level.part))
        })
        .collect()
}

/// Checks every resource and its edges; all findings go to `sink`.
pub fn check(app: &App, sink: &mut Sink) {
    // (workload, variable) → resource that sets it.
    let mut injected: IndexMap<(String, String), String> = IndexMap::new();
    for kind in crate::KINDS.iter().copied() {
        for resource in app.resources.iter().filter(|resource| resource.module == kind.key()) {
            kind.check_shape(resource, sink);
            check_references(kind, resource, app, sink);
            lookup::check(kind, resource, app, sink);
            kind.check(resource, app, sink);
            for (workload, edge) in &resource.services {
                check_edge(kind, resource, workload, edge, sink);
                check_variables(app, kind, resource, workload, edge, &mut injected, sink);
            }
        }
    }
    check_environments(app, sink);
}

/// References in plain environment variables.
fn check_environments(app: &App, sink: &mut Sink) {
    for container in app.workloads.values().flat_map(|workload| &workload.containers) {
        for (variable, value) in &container.environment {
            let Some(reference) = reference::parse(value) else { continue };
            if find(&reference.module).is_none() {
                continue;
            }
            if let Some(finding) = unknown(&reference, app) {
                sink.push(finding.label(container.span, format!("`{variable}` of this service")));
            }
        }
    }
}

fn check_references(kind: &dyn Kind, resource: &Resource, app: &App, sink: &mut Sink) {
    for reference in kind.needs(resource) {
        // A bare name is checked by the kind that allows it.
        let Some(span) = reference.span else { continue };
        if let Some(finding) = unknown(&reference, app) {
            sink.push(finding.label(span, "refers to it here"));
        }
    }
}

/// Returns what is wrong with a reference.
fn unknown(reference: &crate::Reference, app: &App) -> Option<Diagnostic> {
    let (module, name) = (&reference.module, &reference.name);
    let finding = |text: String| Some(Diagnostic::error(codes::BAD_REFERENCE, text));
    let Some(kind) = find(module) else {
        return finding(format!("`{module}` is no module whose resources can be referred to"));
    };
    let names = || {
        app.resources.iter().filter(|other| &other.module == module).map(|other| other.name.value.as_str())
    };
    if !names().any(|known| known == name) {
        let found = finding(format!("there is no `{name}` under `{module}`"));
        return match nearest(name, names()) {
            Some(near) => found.map(|found| found.help(format!("did you mean `{module}::{near}`?"))),
            None => found.map(|found| found.help(format!("define it under `{module}`"))),
        };
    }
    let attributes = || kind.facts().attributes.iter().map(|attribute| attribute.name);
    let attribute = reference.attribute.as_deref()?;
    if attributes().any(|known| known == attribute) {
        return None;
    }
    let list: Vec<&str> = attributes().collect();
    finding(format!("`{name}` ({module}) has no attribute `{attribute}`"))
        .map(|found| found.help(format!("there are {}", list.join(", "))))
}

fn check_edge(kind: &dyn Kind, resource: &Resource, workload: &str, edge: &AccessEdge, sink: &mut Sink) {
    let name = &resource.name.value;
    let facts = kind.facts();
    let given = edge.access.iter().map(|access| (None, access));
    let given = given.chain(edge.parts.iter().map(|(part, access)| (Some(part.as_str()), access)));
    for (part, access) in given {
        if part.is_some_and(|part| ALWAYS.contains(&part)) || facts.without_access {
            continue;
        }
        let levels = || {
            let fits = move |level: &&AccessLevel| part.is_none_or(|part| part == level.part);
            facts.access.iter().filter(fits).map(|level| level.name)
        };
        if levels().any(|level| level == access.value) {
            continue;
        }
        let finding = Diagnostic::error(
            codes::UNKNOWN_ACCESS,
            match part {
                Some(part) => format!("`{part}` of `{}` has no access level `{}`", facts.key, access.value),
                None => format!("`{}` has no access level `{}`", facts.key, access.value),
            },
        )
        .label(access.span, format!("what may `{workload}` do with `{name}`?"));
        let list: Vec<&str> = levels().collect();
        sink.push(match nearest(&access.value, levels()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix(access.span, near),
            None if list.is_empty() => {
                let mut parts: Vec<&str> = facts.access.iter().map(|level| level.part).collect();
                parts.dedup();
                finding.help(format!("there are the parts {}", parts.join(", ")))
            }
            None => finding.help(format!("there are {}", list.join(", "))),
        });
    }
    if edge.access.is_none() && edge.parts.is_empty() && !facts.without_access {
        let list: Vec<&str> = facts.access.iter().map(|level| level.name).collect();
        sink.push(
            Diagnostic::warning(
                codes::NO_ACCESS,
                format!("`{workload}` learns of `{name}` but may not use it"),
            )
            .label(edge.span, "no `Access`")
            .help(format!("add `Access: LEVEL`; there are {}", list.join(", "))),
        );
    }
    check_return_values(kind, resource, edge, sink);
    for (key, extension) in edge.extra.iter().filter(|(key, _)| !facts.edge_keys.contains(&key.as_str())) {
        let mut known = vec!["Access", "ReturnValues", "Scaling"];
        known.extend(facts.edge_keys);
        let finding = Diagnostic::error(
            codes::UNKNOWN_KEY,
            format!("unknown key `{key}` in service `{workload}` of `{name}` ({})", facts.key),
        )
        .label(extension.key_span, "not a key of this section");
        sink.push(match nearest(key, known.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix(extension.key_span, near),
            None => finding.help(format!("it may hold {}", known.join(", "))),
        });
    }
    let Some(scaling) = &edge.scaling else { return };
    if kind.metric(resource).is_some() {
        crate::steps::check(&format!("service `{workload}` of `{name}`"), scaling, sink);
    } else {
        sink.push(
            Diagnostic::error(codes::NOT_YET, format!("`{}` has no metric to scale by", facts.key))
                .label(scaling.span, "nothing would come of this")
                .help("set `deploy.replicas` instead"),
        );
    }
}

fn check_return_values(kind: &dyn Kind, resource: &Resource, edge: &AccessEdge, sink: &mut Sink) {
    let name = &resource.name.value;
    let attributes = || kind.facts().attributes.iter().map(|attribute| attribute.name);
    for (attribute, variable) in &edge.return_values {
        if attributes().any(|known| known == attribute) {
            continue;
        }
        let finding = Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            format!("`{name}` ({}) has no attribute `{attribute}`", kind.key()),
        )
        .label(variable.span, format!("`{attribute}` should go into this variable"));
        let list: Vec<&str> = attributes().collect();
        sink.push(match nearest(attribute, attributes()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("there are {}", list.join(", "))),
        });
    }
}

fn check_variables(
    app: &App,
    kind: &dyn Kind,
    resource: &Resource,
    workload: &str,
    edge: &AccessEdge,
    injected: &mut IndexMap<(String, String), String>,
    sink: &mut Sink,
) {
    let name = &resource.name.value;
    for variable in variables(kind, resource, edge).into_keys() {
        let written = app.workloads.get(workload).is_some_and(|workload| {
            workload.containers.iter().any(|container| {
                container.environment.contains_key(&variable) || container.secrets.contains_key(&variable)
            })
        });
        let other = injected.insert((workload.to_owned(), variable.clone()), name.clone());
        let reason = match other {
            Some(other) => format!("`{other}` sets it, too"),
            None if written => "the service sets it itself, too".to_owned(),
            None => continue,
        };
        let span = edge
            .return_values
            .values()
            .find(|value| value.value == variable)
            .map_or(edge.span, |value| value.span);
        sink.push(
            Diagnostic::error(codes::VARIABLE_TWICE, format!("`{variable}` of `{workload}` is set twice"))
                .label(span, format!("`{name}` sets it"))
                .note(reason)
                .help("choose another variable with `ReturnValues: { ATTRIBUTE: VARIABLE }`, or remove the other one"),
        );
    }
}
