//! The application → its stacks, in order.

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_model::App;

use crate::StackSet;
use crate::StackSpec;
use crate::codes;
use crate::context::Context;
use crate::network;
use crate::platform;
use crate::resources::Resources;
use crate::workload;

/// Longest stack name (CloudFormation user guide, "Quotas").
const LONGEST_NAME: usize = 128;

/// Returns the stacks of an application; `None` when a resource is wrong or a stack is over a
/// limit, with every finding in `sink`.
pub fn synth(app: &App, sink: &mut Sink) -> Option<StackSet> {
    let errors_before = sink.count(Severity::Error);
    seaway_kinds::check(app, sink);
    if sink.count(Severity::Error) > errors_before {
        return None;
    }
    let context = Context::new(app);
    let mut stacks = Vec::with_capacity(app.workloads.len() + 3);
    stacks.extend(network::synth(&context, sink));
    stacks.push(platform::synth(&context));
    let resources = Resources::place(&context);
    stacks.extend(resources.synth(&context, sink));
    for name in in_order(app) {
        if let Some(workload) = app.workloads.get(name) {
            stacks.push(workload::synth(&context, &resources, workload));
        }
    }
    for stack in &stacks {
        check_limits(stack, sink);
    }
    if sink.count(Severity::Error) > errors_before {
        return None;
    }
    Some(StackSet {
        app: app.name.clone(),
        environment: app.environment.name.clone(),
        protected: app.environment.protected,
        stacks,
    })
}

/// Returns the workloads so that each stands after those that it depends on, in file order
/// otherwise. Circles are refused by the model; a workload in one would stand where it is reached.
fn in_order(app: &App) -> Vec<&str> {
    let mut placed: IndexMap<&str, ()> = IndexMap::with_capacity(app.workloads.len());
    let mut entered: IndexMap<&str, ()> = IndexMap::new();
    for name in app.workloads.keys() {
        // An explicit stack: chains may be as long as the file.
        let mut pending = vec![name.as_str()];
        while let Some(current) = pending.last().copied() {
            if placed.contains_key(current) {
                pending.pop();
                continue;
            }
            entered.insert(current, ());
            let before = pending.len();
            if let Some(workload) = app.workloads.get(current) {
                for edge in workload.depends_on.iter().rev() {
                    let target = edge.workload.as_str();
                    if app.workloads.contains_key(target) && !entered.contains_key(target) {
                        pending.push(target);
                    }
                }
            }
            if pending.len() == before {
                pending.pop();
                placed.insert(current, ());
            }
        }
    }
    placed.into_keys().collect()
}

fn check_limits(stack: &StackSpec, sink: &mut Sink) {
    if stack.name.len() > LONGEST_NAME {
        sink.push(
            Diagnostic::error(
                codes::NAME_TOO_LONG,
                format!("the stack name `{}` is longer than {LONGEST_NAME}", stack.name),
            )
            .help("shorten the name of the project, the environment or the service"),
        );
    }
    let template = &stack.template;
    for (what, count, most) in [
        ("resources", template.resources.len(), 500),
        ("parameters", template.parameters.len(), 200),
        ("outputs", template.outputs.len(), 200),
    ] {
        if count > most {
            sink.push(
                Diagnostic::error(
                    codes::LIMIT,
                    format!("stack `{}` has {count} {what}, {most} are allowed", stack.name),
                )
                .help("split the service, or give it access to fewer resources"),
            );
        }
    }
}
