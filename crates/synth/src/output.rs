//! The stacks as text: one JSON document, or a folder of files.

use seaway_cfn::Template;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::Gate;
use crate::ParameterSource;
use crate::StackKind;
use crate::StackSet;
use crate::StackSpec;
use crate::WorkloadSpec;

impl StackSet {
    /// Returns everything as one JSON document: the stacks in order, each with its template.
    pub fn to_json(&self) -> Json {
        self.document(|stack| stack.template.to_json().into())
    }

    /// Returns the files of a folder, name and text: `<stack>.template.json`,
    /// `<stack>.parameters.json` (as `aws cloudformation` reads it; a value from another stack or
    /// from a build is named in `${…}`) and `stacks.json` (order, edges, parameters, tags).
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::with_capacity(self.stacks.len() * 2 + 1);
        for stack in &self.stacks {
            files.push((format!("{}.template.json", stack.name), stack.template.to_json_string(true)));
            files.push((format!("{}.parameters.json", stack.name), pretty(&parameters_file(stack))));
        }
        files.push(("stacks.json".to_owned(), pretty(&self.document(|_| None))));
        files
    }

    /// Returns the stack of a workload.
    pub fn workload(&self, name: &str) -> Option<(&StackSpec, &WorkloadSpec)> {
        self.stacks.iter().find_map(|stack| match &stack.kind {
            StackKind::Workload(spec) if spec.name == name => Some((stack, spec.as_ref())),
            _ => None,
        })
    }

    fn document(&self, template: impl Fn(&StackSpec) -> Option<Json>) -> Json {
        let stacks: Vec<Json> = self.stacks.iter().map(|stack| stack_json(stack, template(stack))).collect();
        json!({
            "app": self.app,
            "environment": self.environment,
            "protected": self.protected,
            "stacks": stacks,
        })
    }
}

fn pretty(json: &Json) -> String {
    format!("{json:#}\n")
}

fn stack_json(stack: &StackSpec, template: Option<Json>) -> Json {
    let parameters: Map<String, Json> =
        stack.parameters.iter().map(|(name, source)| (name.clone(), source_json(source))).collect();
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(stack.name));
    object.insert("kind".to_owned(), json!(kind(&stack.kind)));
    if let StackKind::Workload(spec) = &stack.kind {
        object.insert("workload".to_owned(), workload_json(spec));
    }
    object.insert("dependsOn".to_owned(), json!(stack.depends_on));
    object.insert("parameters".to_owned(), Json::Object(parameters));
    object.insert("tags".to_owned(), json!(stack.tags));
    if let Some(template) = template {
        object.insert("template".to_owned(), template);
    }
    Json::Object(object)
}

fn kind(kind: &StackKind) -> &'static str {
    match kind {
        StackKind::Network => "network",
        StackKind::Platform => "platform",
        StackKind::Resources => "resources",
        StackKind::Workload(_) => "workload",
    }
}

fn workload_json(spec: &WorkloadSpec) -> Json {
    json!({
        "name": spec.name,
        "kind": spec.kind,
        "gate": spec.gate.map(|gate| match gate {
            Gate::Before => "before",
            Gate::After => "after",
        }),
        "dependsOn": spec.depends_on,
        "secrets": spec.secrets,
        "built": spec.built,
    })
}

fn source_json(source: &ParameterSource) -> Json {
    match source {
        ParameterSource::Literal(value) => json!({ "value": value }),
        ParameterSource::Output { stack, output } => json!({ "stack": stack, "output": output }),
        ParameterSource::Image { service } => json!({ "image": service }),
    }
}

fn parameters_file(stack: &StackSpec) -> Json {
    stack
        .parameters
        .iter()
        .map(|(name, source)| {
            let value = match source {
                ParameterSource::Literal(value) => value.clone(),
                ParameterSource::Output { stack, output } => format!("${{{stack}.{output}}}"),
                ParameterSource::Image { service } => format!("${{image.{service}}}"),
            };
            json!({ "ParameterKey": name, "ParameterValue": value })
        })
        .collect()
}

impl StackSpec {
    /// Returns the body of the template, without white space.
    pub fn body(&self) -> String {
        Template::to_json_string(&self.template, false)
    }
}
