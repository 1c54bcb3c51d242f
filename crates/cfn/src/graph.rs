//! What must be there before what.

use indexmap::IndexMap;
use indexmap::IndexSet;

use crate::Intrinsic;
use crate::Template;
use crate::Value;
use crate::evaluate::Piece;
use crate::evaluate::pieces;

/// A template whose resources cannot be ordered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Something refers to what the template does not have.
    #[error("{path} refers to `{target}`, which is neither a resource nor a parameter")]
    Unknown {
        /// Where the reference stands.
        path: String,
        /// What it names.
        target: String,
    },
    /// Resources that wait for each other.
    #[error("resources depend on each other: {}", .0.join(" -> "))]
    Cycle(
        /// Logical ids; the first one is repeated at the end.
        Vec<String>,
    ),
}

/// Dependencies between the resources of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    dependencies: IndexMap<String, IndexSet<String>>,
    order: Vec<String>,
}

impl Graph {
    /// Returns the graph of all resources; of `Fn::If` both branches count.
    ///
    /// # Errors
    /// Every unknown reference, and a cycle.
    pub fn new(template: &Template) -> Result<Graph, Vec<GraphError>> {
        Self::with_conditions(template, &IndexMap::new())
    }

    /// Returns the graph of the resources that are created: those whose condition is not false in
    /// `conditions` ([`crate::evaluate::Evaluator::conditions`]), and of `Fn::If` the branch that
    /// is taken.
    ///
    /// # Errors
    /// As [`Graph::new`].
    pub fn with_conditions(
        template: &Template,
        conditions: &IndexMap<String, bool>,
    ) -> Result<Graph, Vec<GraphError>> {
        let mut walk = Walk { template, conditions, errors: Vec::new() };
        let created = |id: &str| {
            let condition = template.resources.get(id).and_then(|item| item.condition.as_ref());
            condition.and_then(|name| conditions.get(name)) != Some(&false)
        };
        let mut dependencies = IndexMap::new();
        for (id, resource) in template.resources.iter().filter(|(id, _)| created(id)) {
            let mut needs = IndexSet::new();
            for (name, value) in &resource.properties {
                walk.value(&format!("Resources.{id}.Properties.{name}"), value, &mut needs);
            }
            for target in &resource.depends_on {
                walk.name(&format!("Resources.{id}.DependsOn"), target, false, &mut needs);
            }
            // What is not created is waited for by nobody.
            needs.retain(|target| created(target));
            dependencies.insert(id.clone(), needs);
        }
        let mut errors = walk.errors;
        match order(&dependencies) {
            Ok(order) if errors.is_empty() => return Ok(Graph { dependencies, order }),
            Ok(_) => {}
            Err(cycle) => errors.push(GraphError::Cycle(cycle)),
        }
        Err(errors)
    }

    /// Returns the logical ids that must be there before this one; empty for an unknown id.
    pub fn dependencies(&self, logical_id: &str) -> Vec<&str> {
        self.dependencies.get(logical_id).into_iter().flatten().map(String::as_str).collect()
    }

    /// Returns the logical ids that need this one directly.
    pub fn dependents(&self, logical_id: &str) -> Vec<&str> {
        self.dependencies
            .iter()
            .filter(|(_, needs)| needs.contains(logical_id))
            .map(|(id, _)| id.as_str())
            .collect()
    }

    /// Returns all logical ids, each after those that it needs; otherwise in template order.
    pub fn creation_order(&self) -> &[String] {
        &self.order
    }

    /// Returns all logical ids, each before those that it needs.
    pub fn deletion_order(&self) -> Vec<String> {
        self.order.iter().rev().cloned().collect()
    }
}

/// Collects what values refer to.
struct Walk<'a> {
    template: &'a Template,
    conditions: &'a IndexMap<String, bool>,
    errors: Vec<GraphError>,
}

impl Walk<'_> {
    fn value(&mut self, path: &str, value: &Value, needs: &mut IndexSet<String>) {
        match value {
            Value::List(items) => {
                for item in items {
                    self.value(path, item, needs);
                }
            }
            Value::Map(map) => {
                for item in map.values() {
                    self.value(path, item, needs);
                }
            }
            Value::Fn(intrinsic) => self.intrinsic(path, intrinsic, needs),
            _ => {}
        }
    }

    fn intrinsic(&mut self, path: &str, intrinsic: &Intrinsic, needs: &mut IndexSet<String>) {
        match intrinsic {
            Intrinsic::Ref(name) => self.name(path, name, true, needs),
            Intrinsic::GetAtt { resource, .. } => self.name(path, resource, false, needs),
            Intrinsic::Sub { template, variables } => {
                for piece in pieces(template) {
                    let Piece::Name(name) = piece else { continue };
                    if variables.contains_key(name) {
                        continue;
                    }
                    match name.split_once('.') {
                        Some((resource, _)) => self.name(path, resource, false, needs),
                        None => self.name(path, name, true, needs),
                    }
                }
                for value in variables.values() {
                    self.value(path, value, needs);
                }
            }
            Intrinsic::If { condition, then, otherwise } => {
                let truth = self.conditions.get(condition);
                if truth != Some(&false) {
                    self.value(path, then, needs);
                }
                if truth != Some(&true) {
                    self.value(path, otherwise, needs);
                }
            }
            Intrinsic::Other { name, argument } if name == "Fn::GetAtt" => {
                if let Some(resource) =
                    argument.as_list().and_then(|items| items.first()).and_then(Value::as_str)
                {
                    self.name(path, resource, false, needs);
                }
            }
            // Arguments in which a reference may stand.
            Intrinsic::Join { values: value, .. }
            | Intrinsic::Split { source: value, .. }
            | Intrinsic::GetAzs(value)
            | Intrinsic::ImportValue(value)
            | Intrinsic::Base64(value)
            | Intrinsic::Not(value)
            | Intrinsic::Other { argument: value, .. } => self.value(path, value, needs),
            Intrinsic::Select { index: first, list: second } | Intrinsic::Equals(first, second) => {
                self.value(path, first, needs);
                self.value(path, second, needs);
            }
            Intrinsic::FindInMap { map: first, top: second, second: third }
            | Intrinsic::Cidr { block: first, count: second, bits: third } => {
                for value in [first, second, third] {
                    self.value(path, value, needs);
                }
            }
            Intrinsic::And(values) | Intrinsic::Or(values) => {
                for value in values {
                    self.value(path, value, needs);
                }
            }
            Intrinsic::Condition(_) => {}
        }
    }

    fn name(&mut self, path: &str, name: &str, parameters: bool, needs: &mut IndexSet<String>) {
        if self.template.resources.contains_key(name) {
            needs.insert(name.to_owned());
        } else if !(parameters && (name.starts_with("AWS::") || self.template.parameters.contains_key(name)))
        {
            let error = GraphError::Unknown { path: path.to_owned(), target: name.to_owned() };
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
    }
}

/// How far the search is with a resource.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Open,
    Done,
}

/// Returns an order, or the logical ids of a cycle with the first one repeated at the end. The
/// search keeps its own stack: a chain of 500 resources must not need 500 frames.
pub(crate) fn order(dependencies: &IndexMap<String, IndexSet<String>>) -> Result<Vec<String>, Vec<String>> {
    let mut marks: IndexMap<&str, Mark> = IndexMap::new();
    let mut order = Vec::with_capacity(dependencies.len());
    for start in dependencies.keys() {
        if marks.contains_key(start.as_str()) {
            continue;
        }
        marks.insert(start, Mark::Open);
        let mut stack = vec![(start.as_str(), 0)];
        while let Some((id, next)) = stack.last_mut() {
            let id: &str = id;
            let need = dependencies.get(id).and_then(|needs| needs.get_index(*next));
            *next += 1;
            let Some(need) = need else {
                marks.insert(id, Mark::Done);
                order.push(id.to_owned());
                stack.pop();
                continue;
            };
            match marks.get(need.as_str()) {
                Some(Mark::Done) => {}
                Some(Mark::Open) => {
                    let from = stack.iter().position(|(open, _)| open == need).unwrap_or(0);
                    let ids = stack[from..].iter().map(|(open, _)| (*open).to_owned());
                    return Err(ids.chain([need.clone()]).collect());
                }
                None => {
                    marks.insert(need, Mark::Open);
                    stack.push((need, 0));
                }
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::Graph;
    use super::GraphError;
    use crate::Template;
    use indexmap::IndexMap;

    fn template(resources: &str) -> Template {
        Template::from_json(&format!(
            r#"{{"Parameters": {{"P": {{"Type": "String"}}}}, "Conditions": {{"C": {{"Fn::Equals": [{{"Ref": "P"}}, "x"]}}}}, "Resources": {resources}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn every_kind_of_reference_counts() {
        let graph = Graph::new(&template(
            r#"{
            "Z": {"Type": "T", "DependsOn": "F", "Properties": {
                "A": {"Ref": "A"},
                "B": [{"X": {"Fn::GetAtt": ["B", "Arn"]}}],
                "C": {"Fn::Sub": "${C}-${D.Arn}-${AWS::Region}-${P}-${!Not}"},
                "E": {"Fn::Sub": ["${Own}", {"Own": {"Fn::Join": ["", [{"Ref": "E"}]]}}]},
                "G": {"Fn::If": ["C", {"Ref": "G"}, {"Ref": "AWS::NoValue"}]},
                "H": {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "H"}]}]}
            }},
            "A": {"Type": "T"}, "B": {"Type": "T"}, "C": {"Type": "T"}, "D": {"Type": "T"},
            "E": {"Type": "T"}, "F": {"Type": "T"}, "G": {"Type": "T"}, "H": {"Type": "T"}}"#,
        ))
        .unwrap();
        assert_eq!(graph.dependencies("Z"), ["A", "B", "C", "D", "E", "G", "H", "F"]);
        assert_eq!(graph.dependents("A"), ["Z"]);
        assert_eq!(graph.creation_order().last().map(String::as_str), Some("Z"));
        assert_eq!(graph.deletion_order().first().map(String::as_str), Some("Z"));
    }

    #[test]
    fn order_is_the_template_s_where_nothing_else_decides() {
        let graph = Graph::new(&template(
            r#"{"C": {"Type": "T"}, "A": {"Type": "T", "DependsOn": ["B"]}, "B": {"Type": "T"}, "D": {"Type": "T"}}"#,
        ))
        .unwrap();
        assert_eq!(graph.creation_order(), ["C", "B", "A", "D"]);
        assert_eq!(graph.deletion_order(), ["D", "A", "B", "C"]);
    }

    #[test]
    fn conditions_leave_out_resources_and_branches() {
        let template = template(
            r#"{"A": {"Type": "T", "DependsOn": "B", "Properties": {"X": {"Fn::If": ["C", {"Ref": "B"}, {"Ref": "D"}]}}},
                "B": {"Type": "T", "Condition": "C"}, "D": {"Type": "T"}}"#,
        );
        let conditions = IndexMap::from([("C".to_owned(), false)]);
        let graph = Graph::with_conditions(&template, &conditions).unwrap();
        assert_eq!(graph.creation_order(), ["D", "A"]);
        let conditions = IndexMap::from([("C".to_owned(), true)]);
        let graph = Graph::with_conditions(&template, &conditions).unwrap();
        assert_eq!(graph.creation_order(), ["B", "A", "D"]);
    }

    #[test]
    fn all_faults_at_once() {
        let errors = Graph::new(&template(
            r#"{"A": {"Type": "T", "DependsOn": "Nope", "Properties": {"X": {"Ref": "Gone"}}},
                "B": {"Type": "T", "Properties": {"X": {"Ref": "C"}}},
                "C": {"Type": "T", "Properties": {"X": {"Fn::GetAtt": ["D", "Arn"]}}},
                "D": {"Type": "T", "DependsOn": "B"},
                "E": {"Type": "T", "DependsOn": "P"}}"#,
        ))
        .unwrap_err();
        let unknown = |path: &str, target: &str| GraphError::Unknown {
            path: path.to_owned(),
            target: target.to_owned(),
        };
        assert_eq!(
            errors,
            [
                unknown("Resources.A.Properties.X", "Gone"),
                unknown("Resources.A.DependsOn", "Nope"),
                unknown("Resources.E.DependsOn", "P"),
                GraphError::Cycle(["B", "C", "D", "B"].map(str::to_owned).to_vec()),
            ]
        );
        assert_eq!(errors[3].to_string(), "resources depend on each other: B -> C -> D -> B");
    }

    #[test]
    fn a_resource_that_needs_itself() {
        let errors = Graph::new(&template(
            r#"{"A": {"Type": "T", "Properties": {"X": {"Fn::GetAtt": ["A", "Arn"]}}}}"#,
        ))
        .unwrap_err();
        assert_eq!(errors, [GraphError::Cycle(vec!["A".to_owned(), "A".to_owned()])]);
    }
}
