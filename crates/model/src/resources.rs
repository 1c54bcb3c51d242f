//! Resource modules (`x-sqs`, …): the shape that all kinds share.

use indexmap::IndexMap;
use seaway_compose::Extension;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_diag::nearest;
use seaway_yaml::Node;

use crate::AccessEdge;
use crate::Resource;
use crate::codes;
use crate::extensions::MODULES;

const KEYS: &[&str] = &["Properties", "MacroParameters", "Settings", "Lookup", "Services"];
const EDGE_KEYS: &[&str] = &["Access", "ReturnValues", "Scaling"];

/// Keys of a module that stand beside its resources.
const MODULE_KEYS: &[&str] = &["DeletionPolicy"];

/// Returns the resources in file order. `containers` maps every Compose service, and every task
/// family, to its workloads.
pub(crate) fn read(
    project: &Project,
    containers: &IndexMap<String, Vec<String>>,
    sink: &mut Sink,
) -> Vec<Resource> {
    let mut resources = Vec::new();
    for (key, extension) in &project.extensions {
        let Some(module) = MODULES.iter().find(|module| *module == key) else { continue };
        let node = &extension.node;
        let Some(map) = node.as_map() else {
            if !node.is_null() {
                sink.push(
                    Diagnostic::error(
                        codes::BAD_RESOURCE,
                        format!("`{module}` must be a mapping, not {}", node.describe()),
                    )
                    .label(node.span, "a mapping from names to resources is expected here"),
                );
            }
            continue;
        };
        for entry in map.iter() {
            let name = Spanned::new(entry.key.text.clone(), entry.key.span);
            if MODULE_KEYS.contains(&name.value.as_str()) {
                read_deletion_policy(module, &entry.value, sink);
                continue;
            }
            if let Some(resource) = read_one(module, name, &entry.value, containers, sink) {
                resources.push(resource);
            }
        }
    }
    resources
}

/// Calls `visit` with every known entry (CloudFormation's spelling or snake_case) of a mapping
/// and puts the others into `extra`.
fn each_known(
    node: &Node,
    what: &str,
    keys: &[&'static str],
    extra: &mut IndexMap<String, Extension>,
    sink: &mut Sink,
    mut visit: impl FnMut(&'static str, Span, &Node, &mut Sink),
) -> bool {
    let Some(map) = node.as_map() else {
        if node.is_null() {
            return true;
        }
        sink.push(
            Diagnostic::error(
                codes::BAD_RESOURCE,
                format!("{what} must be a mapping, not {}", node.describe()),
            )
            .label(node.span, "a mapping is expected here"),
        );
        return false;
    };
    for entry in map.iter() {
        let written = &entry.key.text;
        let folded = written.replace('_', "").to_ascii_lowercase();
        match keys.iter().find(|key| key.to_ascii_lowercase() == folded) {
            Some(key) => visit(key, entry.key.span, &entry.value, sink),
            // Whether the kind has such a key, the kind knows.
            None => {
                let extension = Extension { key_span: entry.key.span, node: entry.value.clone() };
                extra.insert(written.clone(), extension);
            }
        }
    }
    true
}

/// Retaining is the default wherever data is; nothing else is on offer for a whole module.
fn read_deletion_policy(module: &str, node: &Node, sink: &mut Sink) {
    if node.as_str() == Some("Retain") {
        return;
    }
    sink.push(
        Diagnostic::error(
            codes::BAD_RESOURCE,
            format!("`DeletionPolicy` of `{module}` can only be `Retain`"),
        )
        .label(node.span, "data outlives its stack outside `local` and ephemeral environments")
        .help("take it out, or write `Settings: { Retain: false }` at the resources that may go"),
    );
}

fn read_one(
    module: &str,
    name: Spanned<String>,
    node: &Node,
    containers: &IndexMap<String, Vec<String>>,
    sink: &mut Sink,
) -> Option<Resource> {
    let what = format!("`{}` of `{module}`", name.value);
    let mut resource = Resource {
        module: module.to_owned(),
        name,
        properties: None,
        macro_parameters: None,
        settings: None,
        lookup: None,
        services: IndexMap::new(),
        extra: IndexMap::new(),
    };
    let mut extra = IndexMap::new();
    let read = each_known(node, &what, KEYS, &mut extra, sink, |key, _, value, sink| match key {
        "Properties" => resource.properties = Some(value.clone()),
        "MacroParameters" => resource.macro_parameters = Some(value.clone()),
        "Settings" => resource.settings = Some(value.clone()),
        "Lookup" => resource.lookup = Some(value.clone()),
        _ => read_services(&what, value, containers, &mut resource.services, sink),
    });
    resource.extra = extra;
    read.then_some(resource)
}

fn read_services(
    what: &str,
    node: &Node,
    containers: &IndexMap<String, Vec<String>>,
    edges: &mut IndexMap<String, AccessEdge>,
    sink: &mut Sink,
) {
    let Some(map) = node.as_map() else {
        if !node.is_null() {
            sink.push(
                Diagnostic::error(
                    codes::BAD_RESOURCE,
                    format!("`Services` of {what} must be a mapping, not {}", node.describe()),
                )
                .label(node.span, "a mapping is expected here")
                .help("write `Services: { worker: { Access: RWMessages } }`"),
            );
        }
        return;
    };
    for entry in map.iter() {
        let name = &entry.key.text;
        let span = entry.key.span;
        let Some(workloads) = containers.get(name) else {
            let finding = Diagnostic::error(
                codes::UNKNOWN_SERVICE,
                format!("{what} gives access to `{name}`, which is no service"),
            )
            .label(span, "no service of this file");
            sink.push(match nearest(name, containers.keys().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).fix(span, near),
                None => finding.help(
                    "name a service of this file; one that only an inactive profile has does not count",
                ),
            });
            continue;
        };
        let edge = read_edge(&format!("service `{name}` of {what}"), span, &entry.value, sink);
        for workload in workloads {
            let Some(earlier) = edges.insert(workload.clone(), edge.clone()) else { continue };
            // Saying the same twice is no contradiction: containers of one task share its role.
            if same_grant(&earlier, &edge) {
                continue;
            }
            sink.push(
                Diagnostic::error(
                    codes::BAD_RESOURCE,
                    format!("{what} gives access to workload `{workload}` twice"),
                )
                .label(span, "given again here")
                .context(earlier.span, "first given here")
                .note("containers of one task share its role"),
            );
        }
    }
}

/// Returns true when two edges allow and inject the same.
fn same_grant(a: &AccessEdge, b: &AccessEdge) -> bool {
    let word = |edge: &AccessEdge| edge.access.as_ref().map(|access| access.value.clone());
    let parts = |edge: &AccessEdge| -> Vec<(String, String)> {
        edge.parts.iter().map(|(part, level)| (part.clone(), level.value.clone())).collect()
    };
    let values = |edge: &AccessEdge| -> Vec<(String, String)> {
        edge.return_values.iter().map(|(name, variable)| (name.clone(), variable.value.clone())).collect()
    };
    let plain = |edge: &AccessEdge| edge.scaling.is_none() && edge.extra.is_empty();
    word(a) == word(b) && parts(a) == parts(b) && values(a) == values(b) && plain(a) && plain(b)
}

fn read_edge(what: &str, span: Span, node: &Node, sink: &mut Sink) -> AccessEdge {
    let mut edge = AccessEdge {
        span,
        access: None,
        parts: IndexMap::new(),
        return_values: IndexMap::new(),
        scaling: None,
        extra: IndexMap::new(),
    };
    if let Some(access) = node.as_str() {
        edge.access = Some(Spanned::new(access.to_owned(), node.span));
        return edge;
    }
    let mut extra = IndexMap::new();
    each_known(node, what, EDGE_KEYS, &mut extra, sink, |key, _, value, sink| match key {
        "Access" => read_access(what, value, &mut edge, sink),
        "ReturnValues" => match value.as_map() {
            Some(map) => {
                for entry in map.iter() {
                    match entry.value.as_str() {
                        Some(variable) => {
                            let variable = Spanned::new(variable.to_owned(), entry.value.span);
                            edge.return_values.insert(entry.key.text.clone(), variable);
                        }
                        None => sink.push(
                            Diagnostic::error(
                                codes::BAD_RESOURCE,
                                format!("`{}` in {what} must name an environment variable", entry.key.text),
                            )
                            .label(entry.value.span, "a name is expected here"),
                        ),
                    }
                }
            }
            None => sink.push(
                Diagnostic::error(codes::BAD_RESOURCE, format!("`ReturnValues` of {what} must be a mapping"))
                    .label(value.span, "attribute: ENVIRONMENT_VARIABLE is expected here"),
            ),
        },
        _ => edge.scaling = Some(value.clone()),
    });
    edge.extra = extra;
    edge
}

/// Reads a word, or a mapping from parts of the resource to words.
fn read_access(what: &str, node: &Node, edge: &mut AccessEdge, sink: &mut Sink) {
    if let Some(text) = node.as_str() {
        edge.access = Some(Spanned::new(text.to_owned(), node.span));
        return;
    }
    let Some(map) = node.as_map() else {
        sink.push(
            Diagnostic::error(
                codes::BAD_RESOURCE,
                format!("`Access` of {what} must be a word or a mapping, not {}", node.describe()),
            )
            .label(node.span, "an access level is expected here"),
        );
        return;
    };
    for entry in map.iter() {
        match entry.value.as_str() {
            Some(text) => {
                edge.parts.insert(entry.key.text.clone(), Spanned::new(text.to_owned(), entry.value.span));
            }
            None => sink.push(
                Diagnostic::error(
                    codes::BAD_RESOURCE,
                    format!("`{}` in `Access` of {what} must be a word", entry.key.text),
                )
                .label(entry.value.span, "an access level is expected here"),
            ),
        }
    }
}
