//! What an operation does to each resource, and in which order.

use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_cfn::Template;
use seaway_cfn::diff::Change;
use seaway_cfn::diff::TemplateDiff;
use seaway_cfn::diff::diff;
use seaway_cfn::evaluate::Evaluator;
use seaway_cfn::graph::Graph;

use super::prepare::pseudo;
use super::prepare::zones;
use super::state::Action;
use super::state::Known;
use super::state::Operation;
use super::state::Phase;
use super::state::Resource;
use super::state::Stack;
use super::state::Step;
use super::state::StepState;
use crate::fake_aws::world::World;

/// Returns what an update from one template to another does; a template that is empty or none is a
/// stack without resources.
pub(super) fn difference(
    old: &str,
    old_parameters: &IndexMap<String, String>,
    new: &Template,
    new_parameters: &IndexMap<String, String>,
) -> TemplateDiff {
    let old = Template::from_json(old).unwrap_or_default();
    diff(&old, old_parameters, new, new_parameters)
}

/// Returns the graph of a stack's template with its conditions decided.
pub(super) fn graph(world: &World, stack: &Stack) -> Option<Graph> {
    let template = Template::from_json(&stack.template).ok()?;
    let pseudo = pseudo(world, &stack.name, &stack.id);
    let known = Known(&stack.resources);
    let evaluator =
        Evaluator::new(&template, &stack.parameters, &pseudo, &known).ok()?.with_zones(zones(world));
    let conditions = evaluator.conditions().ok()?;
    Graph::with_conditions(&template, &conditions).ok()
}

/// Returns the operation that brings a stack, whose template and parameters are the new ones
/// already, to them.
pub(super) fn apply(world: &World, stack: &Stack, changes: &TemplateDiff) -> Operation {
    let graph = graph(world, stack);
    let mut actions = IndexMap::new();
    let mut leftovers = Vec::new();
    for change in &changes.resources {
        let there = stack.resources.get(&change.logical_id).is_some_and(|found| found.physical_id.is_some());
        match change.change {
            Change::Removed => {
                if let Some(resource) = stack.resources.get(&change.logical_id) {
                    let mut resource = resource.clone();
                    resource.retained |= change.retained;
                    leftovers.push((change.logical_id.clone(), resource));
                }
            }
            Change::Added => {
                actions.insert(change.logical_id.clone(), Action::Create);
            }
            // A resource that an earlier failure left out is made now.
            Change::Changed if !there => {
                actions.insert(change.logical_id.clone(), Action::Create);
            }
            Change::Changed if change.replaced => {
                actions.insert(change.logical_id.clone(), Action::Replace);
            }
            Change::Changed => {
                actions.insert(change.logical_id.clone(), Action::Update);
            }
        }
    }
    let steps = steps(&actions, |id| match &graph {
        Some(graph) => graph.dependencies(id).into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    });
    Operation { phase: Phase::Apply, steps, leftovers, cancelled: false }
}

/// Returns the operation that deletes these resources of a stack: those that need others first.
pub(super) fn delete(world: &World, stack: &Stack, phase: Phase, keep: &[String]) -> Operation {
    let graph = graph(world, stack);
    let actions: IndexMap<String, Action> = stack
        .resources
        .iter()
        .rev()
        .filter(|(id, resource)| resource.physical_id.is_some() && !keep.contains(id))
        .map(|(id, _)| (id.clone(), Action::Delete))
        .collect();
    let steps = steps(&actions, |id| match &graph {
        Some(graph) => graph.dependents(id).into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    });
    Operation { phase, steps, leftovers: Vec::new(), cancelled: false }
}

/// Returns the operation that deletes what an update left over.
pub(super) fn cleanup(leftovers: Vec<(String, Resource)>, back: bool) -> Operation {
    let mut steps = IndexMap::new();
    for (index, (logical_id, _)) in leftovers.iter().enumerate() {
        let step = Step {
            logical_id: logical_id.clone(),
            action: Action::Delete,
            needs: Vec::new(),
            state: StepState::Waiting,
        };
        steps.insert(index.to_string(), step);
    }
    Operation { phase: Phase::Cleanup { back }, steps, leftovers, cancelled: false }
}

fn steps(actions: &IndexMap<String, Action>, needs: impl Fn(&str) -> Vec<String>) -> IndexMap<String, Step> {
    actions
        .iter()
        .map(|(id, action)| {
            // Over resources that do not change, those that do still come first.
            let mut found = IndexSet::new();
            let mut open = needs(id);
            let mut seen = IndexSet::new();
            while let Some(need) = open.pop() {
                if !seen.insert(need.clone()) {
                    continue;
                }
                if actions.contains_key(&need) {
                    found.insert(need);
                } else {
                    open.extend(needs(&need));
                }
            }
            let step = Step {
                logical_id: id.clone(),
                action: *action,
                needs: found.into_iter().collect(),
                state: StepState::Waiting,
            };
            (id.clone(), step)
        })
        .collect()
}
