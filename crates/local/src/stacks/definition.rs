//! A definition read: template, order, evaluation.

use indexmap::IndexMap;
use seaway_cfn::Template;
use seaway_cfn::evaluate::Evaluator;
use seaway_cfn::evaluate::PseudoParameters;
use seaway_cfn::evaluate::Resolve;
use seaway_cfn::graph::Graph;
use seaway_cloud::Realised;
use serde_json::Value;

use super::record::Definition;
use super::record::Entry;
use super::record::Record;
use crate::declared;

/// A template with its parameter values, whose resources can be ordered.
pub(super) struct Plan {
    template: Template,
    parameters: IndexMap<String, String>,
    pseudo: PseudoParameters,
    /// Logical ids of the resources that are created → those that they need; in template order.
    pub(super) needs: IndexMap<String, Vec<String>>,
}

/// What a resource is in a [`Plan`].
pub(super) struct Declaration<'a> {
    /// Resource type.
    pub(super) resource_type: &'a str,
    /// `DeletionPolicy`.
    pub(super) deletion_policy: Option<String>,
    /// `UpdateReplacePolicy`.
    pub(super) update_replace_policy: Option<String>,
}

impl Plan {
    /// Reads a definition. The error lists everything that is wrong with it.
    pub(super) fn new(definition: &Definition, name: &str, id: &str) -> Result<Plan, String> {
        let template = Template::from_json(&definition.template).map_err(|error| error.to_string())?;
        let mut pseudo = PseudoParameters::new("local", "000000000000", name, id);
        "localhost".clone_into(&mut pseudo.url_suffix);
        let nothing = IndexMap::new();
        let resolve = Resources(&nothing);
        let evaluator = evaluator(&template, &definition.parameters, &pseudo, &resolve)?;
        let conditions = evaluator.conditions().map_err(lines)?;
        let graph = Graph::with_conditions(&template, &conditions).map_err(lines)?;
        let mut needs = IndexMap::new();
        for logical_id in template.resources.keys() {
            if evaluator.is_created(logical_id).map_err(|error| error.to_string())? {
                needs.insert(logical_id.clone(), Vec::new());
            }
        }
        let created: Vec<String> = needs.keys().cloned().collect();
        for (logical_id, list) in &mut needs {
            let dependencies = graph.dependencies(logical_id);
            *list = created.iter().filter(|id| dependencies.contains(&id.as_str())).cloned().collect();
        }
        Ok(Plan { parameters: definition.parameters.clone(), pseudo, needs, template })
    }

    /// Returns a resource of the template.
    pub(super) fn declaration(&self, logical_id: &str) -> Option<Declaration<'_>> {
        let resource = self.template.resources.get(logical_id)?;
        Some(Declaration {
            resource_type: &resource.kind,
            deletion_policy: resource.deletion_policy.clone(),
            update_replace_policy: resource.update_replace_policy.clone(),
        })
    }

    /// Evaluates the properties of a resource; what it refers to must be in `record`.
    pub(super) fn properties(&self, logical_id: &str, record: &Record) -> Result<Value, String> {
        let resolve = Resources(&record.resources);
        let evaluator = evaluator(&self.template, &self.parameters, &self.pseudo, &resolve)?;
        evaluator.properties(logical_id).map(Value::Object).map_err(lines)
    }

    /// Evaluates the outputs.
    pub(super) fn outputs(&self, record: &Record) -> Result<IndexMap<String, String>, String> {
        let resolve = Resources(&record.resources);
        let evaluator = evaluator(&self.template, &self.parameters, &self.pseudo, &resolve)?;
        evaluator.outputs().map_err(lines)
    }
}

/// Returns the parameter values in use; those that are `NoEcho` are not shown.
pub(super) fn parameters(definition: &Definition) -> IndexMap<String, String> {
    let Ok(template) = Template::from_json(&definition.template) else {
        return definition.parameters.clone();
    };
    let mut values = IndexMap::new();
    for (name, parameter) in &template.parameters {
        let secret = parameter.extra.get("NoEcho").and_then(seaway_cfn::Value::as_bool) == Some(true);
        let value = definition.parameters.get(name).or(parameter.default.as_ref());
        if let Some(value) = value {
            values.insert(name.clone(), if secret { "****".to_owned() } else { value.clone() });
        }
    }
    values
}

fn evaluator<'a>(
    template: &'a Template,
    parameters: &IndexMap<String, String>,
    pseudo: &'a PseudoParameters,
    resources: &'a Resources<'a>,
) -> Result<Evaluator<'a>, String> {
    let zones = ["local-a", "local-b", "local-c"].map(str::to_owned).to_vec();
    Ok(Evaluator::new(template, parameters, pseudo, resources).map_err(lines)?.with_zones(zones))
}

fn lines<E: std::fmt::Display>(errors: Vec<E>) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The resources of a stack, as the evaluator sees them.
struct Resources<'a>(&'a IndexMap<String, Entry>);

impl Resolve for Resources<'_> {
    fn reference(&self, logical_id: &str) -> Option<String> {
        self.0.get(logical_id)?.physical_id.clone()
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<String> {
        let entry = self.0.get(logical_id)?;
        let id = entry.physical_id.as_deref()?;
        entry.attributes.get(attribute).cloned().or_else(|| {
            (entry.realised == Realised::DeclaredOnly)
                .then(|| declared::attribute(&entry.resource_type, id, attribute))
        })
    }

    fn attribute_list(&self, logical_id: &str, attribute: &str) -> Option<Vec<String>> {
        // Attributes that are lists on AWS and used as such.
        const LISTS: &[&str] = &["CidrBlockAssociations", "DnsEntries", "NameServers", "NetworkInterfaceIds"];
        LISTS
            .contains(&attribute)
            .then(|| self.attribute(logical_id, attribute))
            .flatten()
            .map(|value| value.split(',').map(str::to_owned).collect())
    }
}
