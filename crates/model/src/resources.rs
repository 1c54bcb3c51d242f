//! Resource modules (`x-sqs`, …): the shape that all kinds share.

use indexmap::IndexMap;
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

/// Returns the resources in file order. `containers` maps every Compose service to its workload.
pub(crate) fn read(
    project: &Project,
    containers: &IndexMap<String, String>,
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
            if let Some(resource) = read_one(module, name, &entry.value, containers, sink) {
                resources.push(resource);
            }
        }
    }
    resources
}

/// Calls `visit` with every known entry (CloudFormation's spelling or snake_case) of a mapping
/// and reports the others.
fn each_known(
    node: &Node,
    what: &str,
    keys: &[&'static str],
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
            None => {
                let finding =
                    Diagnostic::error(codes::UNKNOWN_KEY, format!("unknown key `{written}` in {what}"))
                        .label(entry.key.span, "not a key of this section");
                sink.push(match nearest(written, keys.iter().copied()) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")).fix(entry.key.span, near),
                    None => finding.help(format!("it may hold {}", crate::section::listed(keys))),
                });
            }
        }
    }
    true
}

fn read_one(
    module: &str,
    name: Spanned<String>,
    node: &Node,
    containers: &IndexMap<String, String>,
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
    };
    let read = each_known(node, &what, KEYS, sink, |key, _, value, sink| match key {
        "Properties" => resource.properties = Some(value.clone()),
        "MacroParameters" => resource.macro_parameters = Some(value.clone()),
        "Settings" => resource.settings = Some(value.clone()),
        "Lookup" => resource.lookup = Some(value.clone()),
        _ => read_services(&what, value, containers, &mut resource.services, sink),
    });
    read.then_some(resource)
}

fn read_services(
    what: &str,
    node: &Node,
    containers: &IndexMap<String, String>,
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
        let Some(workload) = containers.get(name) else {
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
        if let Some(earlier) = edges.insert(workload.clone(), edge) {
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

fn read_edge(what: &str, span: Span, node: &Node, sink: &mut Sink) -> AccessEdge {
    let mut edge = AccessEdge { span, access: None, return_values: IndexMap::new(), scaling: None };
    if let Some(access) = node.as_str() {
        edge.access = Some(Spanned::new(access.to_owned(), node.span));
        return edge;
    }
    each_known(node, what, EDGE_KEYS, sink, |key, key_span, value, sink| match key {
        "Access" => match value.as_str() {
            Some(text) => edge.access = Some(Spanned::new(text.to_owned(), value.span)),
            None => sink.push(
                Diagnostic::error(
                    codes::BAD_RESOURCE,
                    format!("`Access` of {what} must be a word, not {}", value.describe()),
                )
                .label(value.span, "an access level is expected here"),
            ),
        },
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
        _ => {
            edge.scaling = Some(value.clone());
            sink.push(
                Diagnostic::error(codes::NOT_YET, format!("`Scaling` of {what} is not supported yet"))
                    .label(key_span, "nothing would come of this")
                    .help("set `deploy.replicas` for now"),
            );
        }
    });
    edge
}
