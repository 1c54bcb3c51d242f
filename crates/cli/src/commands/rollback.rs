//! `seaway rollback`.

use clap::Args;

use crate::args::MutatingArgs;
use crate::context::Context;
use crate::error::CommandResult;
use crate::error::exit;
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
    if args.mutating.dry_run {
        let target = match args.release {
            Some(number) => number.to_string(),
            None => "the last release that served before the current one".to_owned(),
        };
        context.ui.status(&format!("Would go back to release {target}."));
        return Ok(exit::OK);
    }
    if !context.is_local() {
        operation::confirm(context, args.mutating.yes, &format!("Roll `{app}` in `{env}` back?"))?;
    }
    // Values from this shell are needed again where the background process was restarted.
    let secrets = context.app().map(|app| operation::secrets(&app)).unwrap_or_default();
    cloud.put_secrets(&secrets).await?;
    let operation = Operation::start(context, cloud, &args.mutating, &[]);
    let finished = operation.drive(operation.engine.rollback(&app, &env, args.release)).await;
    operation.end().await;
    operation::conclude(context, &args.mutating, &finished)
}
