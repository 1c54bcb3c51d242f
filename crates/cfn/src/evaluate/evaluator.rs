//! The evaluator of a stack.

use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value as Json;

use super::EvaluateError;
use super::PseudoParameters;
use super::Resolve;
use super::Scope;
use super::logic;
use super::parameters;
use super::path::Path;
use crate::Output;
use crate::Resource;
use crate::Template;
use crate::Value;

/// Evaluates values of one template for one stack.
pub struct Evaluator<'a> {
    template: &'a Template,
    parameters: IndexMap<String, String>,
    pseudo: &'a PseudoParameters,
    resources: &'a dyn Resolve,
    zones: Vec<String>,
}

impl<'a> Evaluator<'a> {
    /// Returns an evaluator; defaults of the template fill in for parameters without a value.
    ///
    /// # Errors
    /// Every parameter that has no value, every value that its parameter does not allow, and every
    /// value without a parameter.
    pub fn new(
        template: &'a Template,
        parameters: &IndexMap<String, String>,
        pseudo: &'a PseudoParameters,
        resources: &'a dyn Resolve,
    ) -> Result<Self, Vec<EvaluateError>> {
        let parameters = parameters::complete(template, parameters)?;
        Ok(Evaluator { template, parameters, pseudo, resources, zones: Vec::new() })
    }

    /// Sets what `Fn::GetAZs` returns.
    #[must_use]
    pub fn with_zones(mut self, zones: Vec<String>) -> Self {
        self.zones = zones;
        self
    }

    /// Returns the value of every parameter, defaults included.
    pub fn parameters(&self) -> &IndexMap<String, String> {
        &self.parameters
    }

    /// Evaluates a value; `None` is `AWS::NoValue`. `path` starts the path of an error.
    ///
    /// # Errors
    /// The first thing in the value that cannot be computed.
    pub fn value(&self, path: &str, value: &Value) -> Result<Option<Json>, EvaluateError> {
        let folded = self.scope().fold(&Path::Root(path), value)?;
        Ok(folded.map(|value| value.to_json()))
    }

    /// Evaluates the properties of a resource.
    ///
    /// # Errors
    /// For each property the first thing that cannot be computed; a resource that is not in the
    /// template.
    pub fn properties(&self, logical_id: &str) -> Result<Map<String, Json>, Vec<EvaluateError>> {
        let resource = self.resource(logical_id).map_err(|error| vec![error])?;
        let scope = self.scope();
        let root = Path::Root("Resources");
        let path = root.key(logical_id);
        let path = path.key("Properties");
        let mut properties = Map::new();
        let mut errors = Vec::new();
        for (name, value) in &resource.properties {
            match scope.fold(&path.key(name), value) {
                Ok(Some(value)) => {
                    properties.insert(name.clone(), value.to_json());
                }
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(properties) } else { Err(errors) }
    }

    /// Evaluates a condition by name.
    ///
    /// # Errors
    /// An unknown condition, one that refers to itself, one that cannot be computed.
    pub fn condition(&self, name: &str) -> Result<bool, EvaluateError> {
        self.decide(&self.scope(), &Path::Root("Conditions"), name)
    }

    /// Evaluates all conditions.
    ///
    /// # Errors
    /// Every condition that cannot be computed.
    pub fn conditions(&self) -> Result<IndexMap<String, bool>, Vec<EvaluateError>> {
        let scope = self.scope();
        let mut results = IndexMap::new();
        let mut errors = Vec::new();
        for name in self.template.conditions.keys() {
            match self.decide(&scope, &Path::Root("Conditions"), name) {
                Ok(result) => {
                    results.insert(name.clone(), result);
                }
                // Two conditions that fail for the same reason are one finding.
                Err(error) if errors.contains(&error) => {}
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(results) } else { Err(errors) }
    }

    /// Returns true when a resource is created: it has no condition, or one that holds.
    ///
    /// # Errors
    /// As [`Evaluator::condition`]; a resource that is not in the template.
    pub fn is_created(&self, logical_id: &str) -> Result<bool, EvaluateError> {
        let Some(condition) = &self.resource(logical_id)?.condition else { return Ok(true) };
        let root = Path::Root("Resources");
        self.decide(&self.scope(), &root.key(logical_id), condition)
    }

    /// Evaluates the outputs whose condition holds.
    ///
    /// # Errors
    /// Every output that cannot be computed, or is not text.
    pub fn outputs(&self) -> Result<IndexMap<String, String>, Vec<EvaluateError>> {
        let scope = self.scope();
        let root = Path::Root("Outputs");
        let mut outputs = IndexMap::new();
        let mut errors = Vec::new();
        for (name, output) in &self.template.outputs {
            match self.output(&scope, &root.key(name), output) {
                Ok(Some(text)) => {
                    outputs.insert(name.clone(), text);
                }
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(outputs) } else { Err(errors) }
    }

    fn output(
        &self,
        scope: &Scope<'_>,
        path: &Path<'_>,
        output: &Output,
    ) -> Result<Option<String>, EvaluateError> {
        if let Some(condition) = &output.condition
            && !self.decide(scope, path, condition)?
        {
            return Ok(None);
        }
        let path = path.key("Value");
        scope
            .fold(&path, &output.value)?
            .as_ref()
            .and_then(logic::scalar)
            .map(Some)
            .ok_or_else(|| EvaluateError::new(path.to_string(), "an output must be text"))
    }

    fn decide(&self, scope: &Scope<'_>, path: &Path<'_>, name: &str) -> Result<bool, EvaluateError> {
        scope.condition(path, name)?.ok_or_else(|| {
            EvaluateError::new(path.to_string(), format!("the condition `{name}` is not known"))
        })
    }

    fn resource(&self, logical_id: &str) -> Result<&'a Resource, EvaluateError> {
        self.template
            .resources
            .get(logical_id)
            .ok_or_else(|| EvaluateError::new(format!("Resources.{logical_id}"), "not in the template"))
    }

    fn scope(&self) -> Scope<'_> {
        Scope::strict(self.template, &self.parameters, self.pseudo, self.resources, &self.zones)
    }
}
