//! `seaway restart`.

use clap::Args;

use crate::args::MutatingArgs;
use crate::context::Context;
use crate::error::CommandResult;
use crate::operation;
use crate::operation::Operation;

/// Replace the tasks of services by new ones of the same revision, rolling
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway restart web")]
pub(crate) struct RestartArgs {
    /// Services; all without any
    services: Vec<String>,
    #[command(flatten)]
    mutating: MutatingArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &RestartArgs) -> CommandResult {
    let app = context.app_name()?;
    let cloud = context.cloud().await?;
    if !args.mutating.dry_run {
        operation::put_secrets(context, cloud.as_ref()).await?;
    }
    let operation = Operation::start(context, cloud, &args.mutating, &[]);
    let finished = operation.drive(operation.engine.restart(&app, &context.global.env, &args.services)).await;
    operation.end().await;
    operation::conclude(context, &args.mutating, "restart", &finished)
}
