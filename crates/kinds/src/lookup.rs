//! Resources that are already there: `Lookup`, answered by `seaway.lookups.json`.

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;

use crate::Kind;
use crate::codes;

/// Returns the attributes of a resource that is looked up; `None` for one that is made.
pub fn found<'a>(app: &'a App, resource: &Resource) -> Option<&'a IndexMap<String, String>> {
    resource.lookup.as_ref()?;
    app.lookups.get(&resource.module)?.get(&resource.name.value)
}

/// Checks that everything that is looked up was found, with the attributes that are used.
pub(crate) fn check(kind: &dyn Kind, resource: &Resource, app: &App, sink: &mut Sink) {
    let Some(node) = &resource.lookup else { return };
    let (module, name) = (&resource.module, &resource.name.value);
    if resource.properties.as_ref().and_then(|node| node.as_map()).is_some_and(|map| !map.is_empty()) {
        sink.push(
            Diagnostic::error(codes::BAD_LOOKUP, format!("`{name}` of `{module}` is made and looked up"))
                .label(node.span, "`Lookup` means that it is already there")
                .context(resource.name.span, "and `Properties` that it is made")
                .help("keep one of the two"),
        );
    }
    let facts = kind.facts();
    let mut wanted = vec![facts.arn_attribute];
    for edge in resource.services.values() {
        if edge.return_values.is_empty() && !facts.variable_suffix.is_empty() {
            wanted.push(facts.default_attribute);
        }
        wanted.extend(edge.return_values.keys().map(String::as_str));
    }
    if facts.networked && !resource.services.is_empty() {
        wanted.push("SecurityGroupId");
    }
    let environment = &app.environment.name;
    let answers = found(app, resource);
    let mut missing: Vec<&str> = wanted
        .into_iter()
        .filter(|name| answers.is_none_or(|answers| !answers.contains_key(*name)))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return;
    }
    let example: Vec<String> = missing.iter().map(|name| format!("\"{name}\": \"…\"")).collect();
    sink.push(
        Diagnostic::error(
            codes::BAD_LOOKUP,
            format!("`{name}` of `{module}` was not looked up in environment `{environment}`"),
        )
        .label(node.span, format!("`seaway.lookups.json` lacks {}", missing.join(", ")))
        .note("stacks are made without asking AWS, so what is already there stands in that file")
        .help(format!(
            "add {{\"{environment}\": {{\"{module}\": {{\"{name}\": {{{}}}}}}}}} to `seaway.lookups.json`",
            example.join(", ")
        )),
    );
}
