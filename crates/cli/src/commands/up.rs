//! `seaway up`.

use clap::Args;
use indexmap::IndexMap;

use crate::args::MutatingArgs;
use crate::commands::plan;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::images;
use crate::operation;
use crate::operation::Operation;

/// Build what changed, apply the stacks, watch until the release really serves
///
/// Unchanged stacks are not touched. A release that fails goes back, all of it, and says why.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  seaway up                       on this machine\n  seaway up web --image web=registry.example.com/web@sha256:…"
)]
pub(crate) struct UpArgs {
    /// Only these workloads, and what they need
    workloads: Vec<String>,
    /// Image of a service in place of the one in the file; may be repeated
    #[arg(long = "image", value_name = "SERVICE=REF", value_parser = images::pin)]
    pins: Vec<(String, String)>,
    /// Permit that this stack or resource is replaced or removed although it holds data
    #[arg(long = "allow", value_name = "replace:NAME")]
    allow: Vec<String>,
    #[command(flatten)]
    pub(crate) mutating: MutatingArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &UpArgs) -> CommandResult {
    let (app, set) = context.stacks()?;
    for name in &args.workloads {
        if !app.workloads.contains_key(name) {
            let names: Vec<&str> = app.workloads.keys().map(String::as_str).collect();
            return Err(CommandError::unknown("workload", name, &names));
        }
    }
    images::known(&app, &args.pins)?;
    let cloud = context.cloud().await?;
    let pins: IndexMap<String, String> = args.pins.iter().cloned().collect();
    let only = (!args.workloads.is_empty()).then_some(args.workloads.as_slice());
    if args.mutating.dry_run {
        let images = images::predict(context, &app, &pins)?;
        let operation = Operation::start(context, cloud, &args.mutating, &args.allow);
        let finished = operation.engine.up(&set, &images, &[], only).await;
        operation.end().await;
        return operation::conclude(context, &args.mutating, "up", &finished);
    }
    let secrets = operation::secrets(&app);
    operation::warn_of_missing_secrets(context, &app, &secrets);
    let operation = Operation::start(context, cloud, &args.mutating, &args.allow);
    let images = match images::build(context, &app, &pins, &operation.events).await {
        Ok(images) => images,
        Err(error) => {
            operation.end().await;
            return Err(error);
        }
    };
    let planned = operation.engine.plan(&set, &images).await;
    let question = match planned {
        Ok(plan) => plan::question(&set, &plan, &args.allow),
        Err(error) => {
            operation.end().await;
            return Err(operation::failed(error));
        }
    };
    match question {
        Ok(None) => {}
        Ok(Some(question)) => {
            if let Err(error) = operation::confirm(context, args.mutating.yes, &question) {
                operation.end().await;
                return Err(error);
            }
        }
        Err(error) => {
            operation.end().await;
            return Err(error);
        }
    }
    let finished = operation.drive(operation.engine.up(&set, &images, &secrets, only)).await;
    operation.end().await;
    let again: String =
        std::iter::once("up").chain(args.workloads.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    operation::conclude(context, &args.mutating, &again, &finished)
}
