//! A stack while it is made.

use indexmap::IndexMap;
use seaway_cfn::Output;
use seaway_cfn::Parameter;
use seaway_cfn::Resource;
use seaway_cfn::Template;
use seaway_cfn::Value;

use crate::ParameterSource;
use crate::StackKind;
use crate::StackSpec;

/// Collects the parts of a stack; a parameter is there once it is used.
pub(crate) struct Builder {
    name: String,
    template: Template,
    parameters: IndexMap<String, ParameterSource>,
    depends_on: Vec<String>,
}

impl Builder {
    /// Begins a stack.
    pub(crate) fn new(name: String, description: String) -> Self {
        let template = Template { description: Some(description), ..Template::default() };
        Builder { name, template, parameters: IndexMap::new(), depends_on: Vec::new() }
    }

    /// Returns a reference to a parameter that takes its value from `source`.
    pub(crate) fn parameter(
        &mut self,
        name: &str,
        kind: &str,
        description: &str,
        source: ParameterSource,
    ) -> Value {
        if !self.parameters.contains_key(name) {
            if let ParameterSource::Output { stack, .. } = &source {
                self.depend_on(stack);
            }
            self.template.parameters.insert(
                name.to_owned(),
                Parameter {
                    kind: kind.to_owned(),
                    default: None,
                    description: Some(description.to_owned()),
                    extra: IndexMap::new(),
                },
            );
            self.parameters.insert(name.to_owned(), source);
        }
        Value::reference(name)
    }

    /// Returns true when there is a resource with this logical id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.template.resources.contains_key(id)
    }

    /// Returns true when there is an output with this name.
    pub(crate) fn gives(&self, name: &str) -> bool {
        self.template.outputs.contains_key(name)
    }

    /// Adds a resource.
    pub(crate) fn resource(&mut self, id: impl Into<String>, resource: Resource) {
        self.template.resources.insert(id.into(), resource);
    }

    /// Adds an output.
    pub(crate) fn output(&mut self, name: &str, value: Value, description: &str) {
        let description = Some(description.to_owned());
        self.template
            .outputs
            .insert(name.to_owned(), Output { value, description, condition: None, export: None });
    }

    /// Adds a stack that goes before.
    pub(crate) fn depend_on(&mut self, stack: &str) {
        if !self.depends_on.iter().any(|known| known == stack) {
            self.depends_on.push(stack.to_owned());
        }
    }

    /// Returns the stack.
    pub(crate) fn finish(self, kind: StackKind, tags: IndexMap<String, String>) -> StackSpec {
        StackSpec {
            name: self.name,
            kind,
            template: self.template,
            parameters: self.parameters,
            tags,
            depends_on: self.depends_on,
        }
    }
}
