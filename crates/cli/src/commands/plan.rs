//! `seaway plan`.

use std::sync::Arc;

use clap::Args;
use indexmap::IndexMap;
use seaway_cfn::diff::Change;
use seaway_cfn::diff::PropertyChange;
use seaway_cfn::diff::ResourceChange;
use seaway_cfn::diff::Verdict;
use seaway_cloud::Cloud;
use seaway_engine::Engine;
use seaway_engine::EventSink;
use seaway_engine::Options;
use seaway_engine::Plan;
use seaway_engine::StackAction;
use seaway_engine::StackPlan;
use seaway_engine::SystemClock;
use seaway_synth::StackSet;
use serde_json::Value;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::images;
use crate::operation;
use crate::ui::Tone;
use crate::ui::paint;

/// Show what `up` would change, without changing or building anything
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway plan -e production --exit-code")]
pub(crate) struct PlanArgs {
    /// Exit code 4 when something would change
    #[arg(long)]
    exit_code: bool,
    /// Show every property that changes, also of stacks that are new
    #[arg(long)]
    full: bool,
    /// Image of a service in place of the one in the file; may be repeated
    #[arg(long = "image", value_name = "SERVICE=REF", value_parser = images::pin)]
    pins: Vec<(String, String)>,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &PlanArgs) -> CommandResult {
    let (app, set) = context.stacks()?;
    images::known(&app, &args.pins)?;
    let cloud = context.cloud().await?;
    let images = images::predict(context, &app, &args.pins.iter().cloned().collect())?;
    let changes = show(context, cloud, &set, &images, args.full).await?;
    Ok(if args.exit_code { changes } else { exit::OK })
}

/// Prints the plan; returns [`exit::DIFFERENT`] when something would change.
pub(crate) async fn show(
    context: &Context,
    cloud: Arc<dyn Cloud>,
    set: &StackSet,
    images: &IndexMap<String, String>,
    full: bool,
) -> CommandResult {
    let engine = Engine::new(cloud, EventSink::new(Arc::new(SystemClock), |_| {}), Options::default());
    let plan = engine.plan(set, images).await.map_err(operation::failed)?;
    if context.ui.json() {
        context.ui.data_json(&plan);
    } else {
        context.ui.data(&text(&plan, context.ui.color_stdout(), full));
    }
    Ok(if plan.has_changes() { exit::DIFFERENT } else { exit::OK })
}

/// Returns the question to ask before this plan is applied, `None` when there is none to ask.
pub(crate) fn question(
    set: &StackSet,
    plan: &Plan,
    allowed: &[String],
) -> Result<Option<String>, CommandError> {
    if !set.protected || !plan.has_changes() {
        return Ok(None);
    }
    let lost: Vec<String> = plan.data_loss().into_iter().filter(|name| !is_allowed(name, allowed)).collect();
    if let Some(first) = lost.first() {
        let name = first.rsplit('/').next().unwrap_or(first);
        return Err(CommandError::new(
            exit::DECLINED,
            format!("`{}` is protected, and this would lose data: {}.", set.environment, lost.join(", ")),
        )
        .hint(format!("allow each by its name: --allow replace:{name}")));
    }
    let touched = plan.stacks.iter().filter(|stack| stack.action != StackAction::Unchanged).count();
    Ok(Some(format!("Apply {touched} stacks to the protected environment `{}`?", set.environment)))
}

fn is_allowed(name: &str, allowed: &[String]) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    allowed.iter().any(|allow| {
        let allow = allow.strip_prefix("replace:").unwrap_or(allow);
        allow == name || allow == last
    })
}

/// Returns the plan for people.
pub(crate) fn text(plan: &Plan, color: bool, full: bool) -> String {
    let mut out = String::new();
    let mut counts = [0_usize; 4];
    for stack in &plan.stacks {
        match stack.action {
            StackAction::Unchanged => {
                counts[3] += 1;
                continue;
            }
            StackAction::Create => counts[0] += 1,
            StackAction::Update | StackAction::Retry => counts[1] += 1,
            StackAction::Delete => counts[2] += 1,
        }
        one(stack, color, full, &mut out);
    }
    if !plan.has_changes() {
        return format!(
            "Nothing to change: {} stacks of {} in {} are as they should be.\n",
            counts[3], plan.app, plan.env
        );
    }
    for (names, what) in
        [(plan.data_loss(), "Data would be lost"), (plan.iam_widening(), "More would be allowed (IAM)")]
    {
        if !names.is_empty() {
            out.push_str(&format!("{} {}\n", paint(color, Tone::Bad, &format!("{what}:")), names.join(", ")));
        }
    }
    out.push_str(&format!(
        "{} to create, {} to update, {} to delete, {} unchanged.\n",
        counts[0], counts[1], counts[2], counts[3]
    ));
    out
}

fn one(stack: &StackPlan, color: bool, full: bool, out: &mut String) {
    let (sign, verb, tone) = match stack.action {
        StackAction::Create => ("+", "create", Tone::Good),
        StackAction::Delete => ("-", "delete", Tone::Bad),
        StackAction::Retry => ("~", "apply again", Tone::Busy),
        _ => ("~", "update", Tone::Busy),
    };
    let mut head = format!("{sign} {}  {verb}", stack.name);
    if let Some(reason) = &stack.reason {
        head.push_str(&format!(" ({reason})"));
    }
    if let Some(runs) = stack.runs {
        head.push_str(&format!("; its task runs {runs} the services"));
    }
    out.push_str(&paint(color, tone, &head));
    out.push('\n');
    for change in &stack.changes {
        out.push_str(&format!(
            "    {}: {}\n",
            change.what,
            arrow(change.before.as_deref(), change.after.as_deref())
        ));
    }
    if stack.action == StackAction::Create && !full {
        let count = stack.diff.resources.len();
        out.push_str(&format!("    {count} resources\n"));
        return;
    }
    for resource in &stack.diff.resources {
        resource_lines(resource, color, out);
    }
}

fn resource_lines(resource: &ResourceChange, color: bool, out: &mut String) {
    let (sign, tone) = match resource.change {
        Change::Added => ("+", Tone::Good),
        Change::Removed => ("-", Tone::Bad),
        Change::Changed => ("~", Tone::Busy),
    };
    let verdict = match (&resource.change, resource.verdict) {
        (Change::Added, _) => "",
        (Change::Removed, _) if resource.retained => "  removed from the stack, kept",
        (Change::Removed, Verdict::DataLoss) => "  DATA LOSS",
        (Change::Removed, _) => "",
        (_, Verdict::Benign) => "  new revision",
        (_, Verdict::InPlace) => "  in place",
        (_, Verdict::MayReplace) => "  may be replaced",
        (_, Verdict::Replaces) => "  REPLACED",
        (_, Verdict::DataLoss) => "  REPLACED, DATA LOSS",
    };
    let widening = if resource.iam_widening { "  allows more than before" } else { "" };
    let line = format!("  {sign} {} ({}){verdict}{widening}", resource.description, resource.logical_id);
    out.push_str(&paint(color, tone, &line));
    out.push('\n');
    for property in &resource.properties {
        out.push_str(&format!("      {}: {}\n", property.path, values(property)));
    }
}

fn values(property: &PropertyChange) -> String {
    if let Some(cause) = &property.because_of {
        return format!("follows {cause}");
    }
    let show = |value: &Option<Value>| {
        value.as_ref().map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    arrow(show(&property.before).as_deref(), show(&property.after).as_deref())
}

fn arrow(before: Option<&str>, after: Option<&str>) -> String {
    let short = |text: &str| -> String {
        let flat = text.replace('\n', "⏎");
        if flat.chars().count() > 120 { flat.chars().take(119).chain(['…']).collect() } else { flat }
    };
    match (before, after) {
        (Some(before), Some(after)) => format!("{} → {}", short(before), short(after)),
        (None, Some(after)) => format!("+ {}", short(after)),
        (Some(before), None) => format!("- {}", short(before)),
        (None, None) => "changes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_names_match_with_and_without_the_stack() {
        for (allow, expected) in [
            ("replace:OrdersQueue", true),
            ("OrdersQueue", true),
            ("replace:shop-prod-resources/OrdersQueue", true),
            ("replace:Other", false),
            ("", false),
        ] {
            assert_eq!(
                is_allowed("shop-prod-resources/OrdersQueue", &[allow.to_owned()]),
                expected,
                "{allow}"
            );
        }
    }

    #[test]
    fn long_values_are_cut_and_lines_joined() {
        assert_eq!(arrow(Some("a\nb"), Some("c")), "a⏎b → c");
        assert_eq!(arrow(None, Some(&"x".repeat(200))).chars().count(), 122);
    }
}
