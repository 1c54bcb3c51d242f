//! What `up` will do, before it does anything.

use indexmap::IndexMap;
use seaway_cfn::Template;
use seaway_cfn::diff::Change;
use seaway_cfn::diff::ResourceChange;
use seaway_cfn::diff::TemplateDiff;
use seaway_cfn::diff::Verdict;
use seaway_cfn::diff::diff;
use seaway_cloud::StackStatus;
use seaway_synth::Gate;
use seaway_synth::ParameterSource;
use seaway_synth::StackSet;
use serde::Serialize;

use crate::Engine;
use crate::EngineError;
use crate::WorkloadChange;
use crate::deployed;
use crate::deployed::DeployedStack;
use crate::deployed::defaults;
use crate::deployed::must_be_deleted_first;
use crate::parameters::describe;
use crate::plan_summary::summarise;
use crate::unit::Unit;
use crate::unit::units;

/// Stands for the value of an output that only applying tells.
const UNKNOWN: &str = "(known after apply)";

/// What happens to a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StackAction {
    /// It is not there yet, or its creation failed.
    Create,
    /// Template, parameters or tags differ.
    Update,
    /// The same is applied again, because the last operation failed or is not through.
    Retry,
    /// It is what it should be.
    Unchanged,
    /// It is no longer in the set.
    Delete,
}

/// A parameter that gets another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParameterChange {
    /// Name.
    pub name: String,
    /// Value before.
    pub before: Option<String>,
    /// Value after; `(known after apply)` where only applying tells.
    pub after: Option<String>,
}

/// What happens to a stack, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StackPlan {
    /// Stack name.
    pub name: String,
    /// Workload, for a workload stack.
    pub workload: Option<String>,
    /// What happens.
    pub action: StackAction,
    /// Status now.
    pub status: Option<StackStatus>,
    /// Why, where the diff does not say it.
    pub reason: Option<String>,
    /// Parameters that get another value.
    pub parameters: Vec<ParameterChange>,
    /// Resources, outputs.
    pub diff: TemplateDiff,
    /// The same in the words of the Compose file.
    pub changes: Vec<WorkloadChange>,
    /// Its task runs at this point of the release: `before` or `after`.
    pub runs: Option<&'static str>,
}

/// What `up` will do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// Application.
    pub app: String,
    /// Environment.
    pub env: String,
    /// Stacks in order; those that go stand last.
    pub stacks: Vec<StackPlan>,
}

impl Plan {
    /// Returns true when `up` would touch something.
    pub fn has_changes(&self) -> bool {
        self.stacks.iter().any(|stack| stack.action != StackAction::Unchanged)
    }

    /// Returns `stack/LogicalId` of every resource whose data would go.
    pub fn data_loss(&self) -> Vec<String> {
        self.resources(|change| change.verdict == Verdict::DataLoss && !change.retained)
    }

    /// Returns `stack/LogicalId` of every resource that would be allowed more than before.
    pub fn iam_widening(&self) -> Vec<String> {
        self.resources(|change| change.iam_widening)
    }

    fn resources(&self, wanted: impl Fn(&ResourceChange) -> bool) -> Vec<String> {
        let of = |stack: &StackPlan| {
            let resources = stack.diff.resources.iter().filter(|change| wanted(change));
            resources.map(|change| format!("{}/{}", stack.name, change.logical_id)).collect::<Vec<_>>()
        };
        self.stacks.iter().flat_map(of).collect()
    }

    /// Returns the plan of a stack.
    pub fn get(&self, stack: &str) -> Option<&StackPlan> {
        self.stacks.iter().find(|plan| plan.name == stack)
    }
}

impl Engine {
    /// Compares the stacks with what is deployed: two reads a stack, nothing is changed.
    /// `images` maps a built Compose service to its image reference.
    ///
    /// # Errors
    /// When the cloud does not answer, an image is missing, or a stack of that name belongs to
    /// something else.
    pub async fn plan(&self, set: &StackSet, images: &IndexMap<String, String>) -> Result<Plan, EngineError> {
        let units = units(set, None)?;
        let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        let deployed = deployed::read(&*self.cloud, &set.app, &set.environment, &names).await?;
        plan(&set.app, &set.environment, &units, &deployed, images, true)
    }
}

/// Compares; with `remove`, stacks that are deployed and not among `units` go.
pub(crate) fn plan(
    app: &str,
    env: &str,
    units: &[Unit],
    deployed: &IndexMap<String, DeployedStack>,
    images: &IndexMap<String, String>,
    remove: bool,
) -> Result<Plan, EngineError> {
    let mut known: IndexMap<&str, IndexMap<String, String>> = IndexMap::new();
    let mut stacks = Vec::new();
    let mut findings = Vec::new();
    for unit in units {
        let mut values = defaults(&unit.template);
        for (name, source) in &unit.sources {
            let value = match source {
                ParameterSource::Literal(value) => value.clone(),
                ParameterSource::Image { service } => {
                    if !images.contains_key(service) {
                        findings.push(describe(name, source));
                    }
                    images.get(service).cloned().unwrap_or_default()
                }
                ParameterSource::Output { stack, output } => known
                    .get(stack.as_str())
                    .and_then(|outputs| outputs.get(output).cloned())
                    .unwrap_or_else(|| match (known.get(stack.as_str()), deployed.get(stack)) {
                        // Not part of this operation (`up WORKLOAD`): what is there counts.
                        (None, Some(other)) => {
                            other.stack.outputs.get(output).cloned().unwrap_or(UNKNOWN.into())
                        }
                        _ => UNKNOWN.to_owned(),
                    }),
            };
            values.insert(name.clone(), value);
        }
        let current = deployed.get(&unit.name);
        let planned = stack(unit, &values, current);
        known.insert(&unit.name, outputs_after(unit, &planned, current));
        stacks.push(planned);
    }
    if !findings.is_empty() {
        return Err(EngineError::Preflight { findings });
    }
    if remove {
        for (name, current) in deployed {
            if !units.iter().any(|unit| unit.name == *name) {
                stacks.push(removal(app, env, current));
            }
        }
    }
    Ok(Plan { app: app.to_owned(), env: env.to_owned(), stacks })
}

fn stack(unit: &Unit, values: &IndexMap<String, String>, current: Option<&DeployedStack>) -> StackPlan {
    let mut plan = StackPlan {
        name: unit.name.clone(),
        workload: unit.workload_name().map(str::to_owned),
        action: StackAction::Create,
        status: current.map(|current| current.stack.status),
        reason: None,
        parameters: Vec::new(),
        diff: TemplateDiff::default(),
        changes: Vec::new(),
        runs: unit.workload.as_ref().and_then(|spec| spec.gate).map(|gate| match gate {
            Gate::Before => "before",
            Gate::After => "after",
        }),
    };
    let alive = current.filter(|current| {
        let status = current.stack.status;
        !must_be_deleted_first(status) && status != StackStatus::DeleteInProgress
    });
    let Some(alive) = alive else {
        plan.diff = diff(&Template::default(), &IndexMap::new(), &unit.template, values);
        plan.reason = current.map(|current| {
            format!("its creation failed or it is being deleted ({}): it is made anew", current.stack.status)
        });
        return plan;
    };
    let before = alive.parameters();
    plan.parameters = parameter_changes(&before, values);
    let same_template = alive.text == unit.text
        || alive.template.as_ref().is_some_and(|old| old.to_json() == unit.template.to_json());
    let same_protection = alive.stack.termination_protection == unit.protected;
    let same_tags = alive.stack.tags == unit.tags;
    if same_template && plan.parameters.is_empty() && same_tags && same_protection {
        let status = alive.stack.status;
        plan.action = if status.succeeded() || status == StackStatus::UpdateRollbackComplete {
            StackAction::Unchanged
        } else {
            plan.reason = Some(if status.in_progress() {
                format!("an operation is in progress ({status}): it is waited for")
            } else {
                format!("the last operation failed ({status}): it is tried again")
            });
            StackAction::Retry
        };
        return plan;
    }
    plan.action = StackAction::Update;
    match &alive.template {
        Some(old) => plan.diff = diff(old, &before, &unit.template, values),
        None => plan.reason = Some("the deployed template cannot be read".to_owned()),
    }
    if plan.diff.is_empty() && plan.reason.is_none() {
        let reason = match (same_tags, same_protection, same_template) {
            (false, _, _) => "its tags change",
            (_, false, _) => "its termination protection changes",
            (_, _, true) => "parameters change that no resource uses",
            (_, _, false) => "descriptions or metadata change",
        };
        plan.reason = Some(reason.to_owned());
    }
    plan.changes = summarise(&plan.diff, unit.workload_name());
    plan
}

fn parameter_changes(
    before: &IndexMap<String, String>,
    after: &IndexMap<String, String>,
) -> Vec<ParameterChange> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    after
        .keys()
        .chain(gone)
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| ParameterChange {
            name: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}

/// Returns the outputs that the stack will surely have: those of today that no change reaches.
fn outputs_after(unit: &Unit, plan: &StackPlan, current: Option<&DeployedStack>) -> IndexMap<String, String> {
    let Some(current) = current else { return IndexMap::new() };
    let replaced: Vec<&str> = plan
        .diff
        .resources
        .iter()
        .filter(|change| change.replaced || change.change == Change::Added)
        .map(|change| change.logical_id.as_str())
        .collect();
    let stays = |name: &String| match (plan.action, unit.template.outputs.get(name)) {
        (StackAction::Unchanged, _) => true,
        (StackAction::Create, _) | (_, None) => false,
        (_, Some(output)) => {
            let text = output.value.to_json().to_string();
            let reaches =
                |id: &&str| text.contains(&format!("\"{id}\"")) || text.contains(&format!("${{{id}"));
            !plan.diff.outputs.contains(name) && !replaced.iter().any(reaches)
        }
    };
    let outputs = current.stack.outputs.iter().filter(|(name, _)| stays(name));
    outputs.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn removal(app: &str, env: &str, current: &DeployedStack) -> StackPlan {
    let old = current.template.clone().unwrap_or_default();
    StackPlan {
        name: current.stack.name.clone(),
        workload: current.is_workload().then(|| deployed::workload_name(app, env, &current.stack)),
        action: StackAction::Delete,
        status: Some(current.stack.status),
        reason: Some("it is no longer part of the application".to_owned()),
        parameters: Vec::new(),
        diff: diff(&old, &current.parameters(), &Template::default(), &IndexMap::new()),
        changes: Vec::new(),
        runs: None,
    }
}
