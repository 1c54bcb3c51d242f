//! Stacks that are there before the scenario begins, in any of the 23 statuses.

use seaway_cfn::Template;
use seaway_cloud::StackStatus;

use super::change_set::new_stack;
use super::events::set_status;
use super::machine::outputs;
use super::machine::properties;
use super::machine::template_resource;
use super::plan;
use super::resources;
use super::state::Before;
use super::state::Resource;
use super::state::Stack;
use crate::fake_aws::scenario::InitialStack;
use crate::fake_aws::world::World;

/// Inserts a stack. A template that cannot be read is a stack without resources: the scenario's
/// test shows it at once.
pub(crate) fn insert_initial(world: &mut World, initial: &InitialStack) {
    let mut stack = new_stack(world, &initial.name, StackStatus::CreateInProgress);
    if initial.status != StackStatus::ReviewInProgress && initial.template.is_object() {
        stack.template = initial.template.to_string();
    }
    let given = &initial.parameters;
    match super::prepare::check(world, &initial.name, stack.template.clone(), given) {
        Ok(prepared) => {
            stack.parameters = prepared.parameters;
            stack.hidden = prepared.hidden;
        }
        Err(_) => stack.parameters.clone_from(given),
    }
    stack.tags.clone_from(&initial.tags);
    stack.termination_protection = initial.termination_protection;
    // After ROLLBACK_COMPLETE nothing is left, nor after a deletion.
    let empty = matches!(initial.status, StackStatus::RollbackComplete | StackStatus::DeleteComplete);
    fill(world, &mut stack, empty);
    stack.outputs = if empty { indexmap::IndexMap::new() } else { outputs(world, &stack) };
    for (id, resource) in &initial.resources {
        let entry = stack.resources.entry(id.clone()).or_default();
        entry.status.clone_from(&resource.status);
        entry.reason.clone_from(&resource.reason);
    }
    let back = matches!(
        initial.status,
        StackStatus::UpdateFailed | StackStatus::UpdateRollbackFailed | StackStatus::UpdateRollbackInProgress
    );
    stack.before = back.then(|| Before {
        template: stack.template.clone(),
        parameters: stack.parameters.clone(),
        tags: stack.tags.clone(),
        outputs: stack.outputs.clone(),
        resources: stack.resources.clone(),
    });
    if initial.status != StackStatus::CreateInProgress && initial.status != StackStatus::ReviewInProgress {
        stack.updated_at = initial.status.as_str().starts_with("UPDATE").then_some(world.now);
    }
    set_status(world, &mut stack, initial.status, initial.reason.as_deref());
    if initial.status == StackStatus::DeleteComplete {
        stack.deleted_at = Some(world.now);
    }
    stack.settles = initial.settles_as.map(|status| (status, world.now + initial.settles_after_ms));
    world.stacks.insert(stack.id.clone(), stack);
}

/// Makes the resources of a stack, in dependency order, as if they had been there for long.
fn fill(world: &mut World, stack: &mut Stack, empty: bool) {
    let Ok(template) = Template::from_json(&stack.template) else { return };
    let Some(graph) = plan::graph(world, stack) else { return };
    for id in graph.creation_order() {
        let (kind, retained) = template_resource(stack, id);
        let mut resource = Resource {
            kind: kind.clone(),
            retained,
            status: if empty { "DELETE_COMPLETE" } else { "CREATE_COMPLETE" }.to_owned(),
            updated_at: world.now,
            ..Resource::default()
        };
        if !empty {
            let properties = properties(world, stack, id).unwrap_or_default();
            let made = resources::create(world, &stack.name.clone(), id, &kind, &properties, true);
            resource.physical_id = Some(made.physical_id);
            resource.attributes = made.attributes;
            resource.properties = properties;
        }
        stack.resources.insert(id.clone(), resource);
    }
    // The order in which the API lists them is the template's.
    stack.resources.sort_by(|left, _, right, _| {
        let at = |id: &str| template.resources.get_index_of(id);
        at(left).cmp(&at(right))
    });
}
