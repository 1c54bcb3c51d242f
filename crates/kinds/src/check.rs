//! Checks of all resources of an application, and the variables that their edges inject.

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_model::AccessEdge;
use seaway_model::App;
use seaway_model::Resource;

use crate::Kind;
use crate::codes;
use crate::registry::find;

/// Returns what an edge injects: environment variable → attribute.
pub fn variables(kind: &dyn Kind, resource: &Resource, edge: &AccessEdge) -> IndexMap<String, String> {
    if edge.return_values.is_empty() {
        let variable = kind.default_variable(&resource.name.value);
        return IndexMap::from([(variable, kind.default_attribute().to_owned())]);
    }
    edge.return_values
        .iter()
        .map(|(attribute, variable)| (variable.value.clone(), attribute.clone()))
        .collect()
}

/// Checks every resource and its edges; all findings go to `sink`.
pub fn check(app: &App, sink: &mut Sink) {
    let mut by_module: IndexMap<&str, Vec<&Resource>> = IndexMap::new();
    for resource in &app.resources {
        by_module.entry(&resource.module).or_default().push(resource);
    }
    // (workload, variable) → resource that sets it.
    let mut injected: IndexMap<(String, String), String> = IndexMap::new();
    for (module, siblings) in &by_module {
        let Some(kind) = find(module) else { continue };
        for resource in siblings {
            check_shape(resource, sink);
            kind.check(resource, siblings, sink);
            for (workload, edge) in &resource.services {
                check_edge(kind, resource, workload, edge, sink);
                check_variables(app, kind, resource, workload, edge, &mut injected, sink);
            }
        }
    }
}

fn check_shape(resource: &Resource, sink: &mut Sink) {
    for (key, node) in [("Lookup", &resource.lookup), ("MacroParameters", &resource.macro_parameters)] {
        if let Some(node) = node
            && !node.is_null()
        {
            sink.push(
                Diagnostic::error(
                    codes::NOT_YET,
                    format!(
                        "`{key}` of `{}` ({}) is not supported yet",
                        resource.name.value, resource.module
                    ),
                )
                .label(node.span, "nothing would come of this")
                .help("take it out; `Properties`, `Settings` and `Services` are supported"),
            );
        }
    }
}

fn check_edge(kind: &dyn Kind, resource: &Resource, workload: &str, edge: &AccessEdge, sink: &mut Sink) {
    let name = &resource.name.value;
    let levels = || kind.access_levels().iter().map(|level| level.name);
    let list = || levels().collect::<Vec<_>>().join(", ");
    match &edge.access {
        Some(access) if !levels().any(|level| level == access.value) => {
            let finding = Diagnostic::error(
                codes::UNKNOWN_ACCESS,
                format!("`{}` has no access level `{}`", kind.key(), access.value),
            )
            .label(access.span, format!("what may `{workload}` do with `{name}`?"));
            sink.push(match nearest(&access.value, levels()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).fix(access.span, near),
                None => finding.help(format!("there are {}", list())),
            });
        }
        Some(_) => {}
        None => sink.push(
            Diagnostic::warning(
                codes::NO_ACCESS,
                format!("`{workload}` learns of `{name}` but may not use it"),
            )
            .label(edge.span, "no `Access`")
            .help(format!("add `Access: LEVEL`; there are {}", list())),
        ),
    }
    for (attribute, variable) in &edge.return_values {
        if !kind.attributes().contains(&attribute.as_str()) {
            let finding = Diagnostic::error(
                codes::UNKNOWN_ATTRIBUTE,
                format!("`{name}` ({}) has no attribute `{attribute}`", kind.key()),
            )
            .label(variable.span, format!("`{attribute}` should go into this variable"));
            sink.push(match nearest(attribute, kind.attributes().iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("there are {}", kind.attributes().join(", "))),
            });
        }
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
