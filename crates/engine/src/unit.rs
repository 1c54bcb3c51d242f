//! A stack as the release sees it, whether it comes from synthesis or from a release record.

use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_cfn::Template;
use seaway_cloud::StackInput;
use seaway_synth::Gate;
use seaway_synth::ParameterSource;
use seaway_synth::StackKind;
use seaway_synth::StackSet;
use seaway_synth::WorkloadSpec;

use crate::EngineError;
use crate::deployed::is_workload_template;
use crate::graph;
use crate::graph::Edges;

/// A stack as the release sees it.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// Stack name.
    pub(crate) name: String,
    /// What it runs, for a workload stack.
    pub(crate) workload: Option<WorkloadSpec>,
    /// The template.
    pub(crate) template: Template,
    /// The template as it is applied.
    pub(crate) text: String,
    /// Where parameter values come from.
    pub(crate) sources: IndexMap<String, ParameterSource>,
    /// Tags.
    pub(crate) tags: IndexMap<String, String>,
    /// Stacks that go before.
    pub(crate) depends_on: Vec<String>,
    /// Refuse deletion.
    pub(crate) protected: bool,
}

impl Unit {
    /// Returns the workload's name.
    pub(crate) fn workload_name(&self) -> Option<&str> {
        self.workload.as_ref().map(|spec| spec.name.as_str())
    }

    /// Returns what is applied with these parameter values.
    pub(crate) fn input(&self, parameters: IndexMap<String, String>) -> StackInput {
        StackInput {
            name: self.name.clone(),
            template: self.text.clone(),
            parameters,
            tags: self.tags.clone(),
            termination_protection: self.protected,
        }
    }

    fn gate(&self) -> Option<Gate> {
        self.workload.as_ref().and_then(|spec| spec.gate)
    }

    fn kind(&self) -> &'static str {
        self.workload.as_ref().map_or("", |spec| spec.kind)
    }
}

/// Returns the stacks of a set; with `only`, the named workloads, what they depend on, and
/// everything that is no workload.
pub(crate) fn units(set: &StackSet, only: Option<&[String]>) -> Result<Vec<Unit>, EngineError> {
    let all: Vec<Unit> = set
        .stacks
        .iter()
        .map(|stack| Unit {
            name: stack.name.clone(),
            workload: match &stack.kind {
                StackKind::Workload(spec) => Some((**spec).clone()),
                StackKind::Network | StackKind::Platform | StackKind::Resources => None,
            },
            text: stack.template.to_json_string(false),
            template: stack.template.clone(),
            sources: stack.parameters.clone(),
            tags: stack.tags.clone(),
            depends_on: stack.depends_on.clone(),
            protected: set.protected,
        })
        .collect();
    let Some(only) = only else { return Ok(all) };
    let known: Vec<&str> = all.iter().filter_map(Unit::workload_name).collect();
    if let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(EngineError::NotFound {
            message: format!("there is no workload `{unknown}`"),
            hint: Some(format!("the workloads are {}", known.join(", "))),
        });
    }
    let mut wanted: IndexSet<String> = only.iter().cloned().collect();
    let mut at = 0;
    while at < wanted.len() {
        let name = wanted[at].clone();
        let spec = all.iter().find_map(|unit| unit.workload.as_ref().filter(|w| w.name == name));
        if let Some(spec) = spec {
            wanted.extend(spec.depends_on.iter().chain(&spec.completed).cloned());
        }
        at += 1;
    }
    Ok(all.into_iter().filter(|unit| unit.workload_name().is_none_or(|name| wanted.contains(name))).collect())
}

/// Returns the stacks of a release record as units that take their recorded values.
pub(crate) fn recorded(app: &str, env: &str, inputs: &[StackInput]) -> Result<Vec<Unit>, EngineError> {
    inputs
        .iter()
        .map(|input| {
            let template = Template::from_json(&input.template)
                .map_err(|error| EngineError::Inconsistent(format!("template of {}: {error}", input.name)))?;
            let literal =
                |(key, value): (&String, &String)| (key.clone(), ParameterSource::Literal(value.clone()));
            Ok(Unit {
                name: input.name.clone(),
                workload: is_workload_template(&template).then(|| workload_of(app, env, input, &template)),
                text: input.template.clone(),
                sources: input.parameters.iter().map(literal).collect(),
                tags: input.tags.clone(),
                depends_on: Vec::new(),
                protected: input.termination_protection,
                template,
            })
        })
        .collect()
}

/// Returns what a template alone says of its workload.
pub(crate) fn workload_of(app: &str, env: &str, input: &StackInput, template: &Template) -> WorkloadSpec {
    let prefix = format!("{app}-{env}-");
    let name = input
        .tags
        .get("seaway:workload")
        .cloned()
        .unwrap_or_else(|| input.name.strip_prefix(&prefix).unwrap_or(&input.name).to_owned());
    let of_type =
        |kind: &str| template.resources.iter().find(|(_, resource)| resource.kind == kind).map(|(id, _)| id);
    let service = of_type("AWS::ECS::Service").cloned();
    let scheduled = of_type("AWS::Scheduler::Schedule").is_some();
    let container = template
        .resources
        .values()
        .find(|resource| resource.kind == "AWS::ECS::TaskDefinition")
        .and_then(|resource| resource.properties.get("ContainerDefinitions")?.as_list()?.first())
        .and_then(|container| container.get("Name")?.as_str())
        .unwrap_or(&name)
        .to_owned();
    WorkloadSpec {
        kind: match (&service, scheduled) {
            (Some(_), _) => "service",
            (None, true) => "job",
            (None, false) => "task",
        },
        log_group: format!("/seaway/{app}/{env}/{name}"),
        name,
        service,
        gate: None,
        depends_on: Vec::new(),
        completed: Vec::new(),
        container,
        secrets: Vec::new(),
        built: Vec::new(),
        fail_fast: true,
        confirm: false,
        timeout: None,
        verify: Vec::new(),
    }
}

/// Returns the edges of the release: outputs and waves as declared; services wait for the tasks
/// before the release; jobs move when the services serve, so that a schedule never fires a
/// revision that goes back.
pub(crate) fn edges(units: &[Unit]) -> Result<Edges, EngineError> {
    let by_stack = |name: &String| units.iter().position(|unit| unit.name == *name);
    let by_workload = |name: &String| units.iter().position(|unit| unit.workload_name() == Some(name));
    let mut edges: Edges = units
        .iter()
        .map(|unit| {
            let mut before: IndexSet<usize> = unit.depends_on.iter().filter_map(by_stack).collect();
            for source in unit.sources.values() {
                if let ParameterSource::Output { stack, .. } = source {
                    before.extend(by_stack(stack));
                }
            }
            if let Some(spec) = &unit.workload {
                before.extend(spec.depends_on.iter().filter_map(by_workload));
                before.extend(spec.completed.iter().filter_map(by_workload));
            }
            before
        })
        .collect();
    let gates: Vec<usize> =
        (0..units.len()).filter(|node| units[*node].gate() == Some(Gate::Before)).collect();
    for gate in gates {
        let before = graph::ancestors(&edges, gate);
        for node in 0..units.len() {
            let waits = units[node].kind() == "service" || units[node].kind() == "job";
            // A database that the migration itself needs cannot wait for the migration.
            if waits && node != gate && !before.contains(&node) {
                edges[node].insert(gate);
            }
        }
    }
    let jobs: Vec<usize> = (0..units.len()).filter(|node| units[*node].kind() == "job").collect();
    for job in jobs {
        let needed = graph::reversed(&edges);
        if !needed[job].is_empty() {
            continue;
        }
        for (node, unit) in units.iter().enumerate() {
            if unit.kind() == "service" {
                edges[job].insert(node);
            }
        }
    }
    let stuck = graph::stuck(&edges);
    if stuck.is_empty() {
        return Ok(edges);
    }
    let names: Vec<&str> = stuck.iter().map(|node| units[*node].name.as_str()).collect();
    Err(EngineError::Inconsistent(format!("these stacks wait for each other: {}", names.join(", "))))
}
