//! `seaway rollback`.

use clap::Args;

use crate::args::MutatingArgs;
use crate::context::Context;
use crate::error::CommandResult;
use crate::operation;
use crate::operation::Operation;

/// Go back to an earlier release: its templates, parameters and images
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway rollback 4")]
pub(crate) struct RollbackArgs {
    /// Release number; without one the last that served before the current
    release: Option<u64>,
    #[command(flatten)]
    mutating: MutatingArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &RollbackArgs) -> CommandResult {
    let app = context.app_name()?;
    let env = context.global.env.clone();
    let cloud = context.cloud().await?;
    if !context.is_local() && !args.mutating.dry_run {
        operation::confirm(context, args.mutating.yes, &format!("Roll `{app}` in `{env}` back?"))?;
    }
    // Values from this shell are needed again where the background process was restarted.
    if !args.mutating.dry_run {
        operation::put_secrets(context, cloud.as_ref()).await?;
    }
    let operation = Operation::start(context, cloud, &args.mutating, &[]);
    let finished = operation.drive(operation.engine.rollback(&app, &env, args.release)).await;
    operation.end().await;
    // Left on its way, the same release is asked for again.
    let again = match args.release {
        Some(number) => format!("rollback {number}"),
        None => "up".to_owned(),
    };
    operation::conclude(context, &args.mutating, &again, &finished)
}
