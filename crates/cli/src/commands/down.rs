//! `seaway down`.

use clap::Args;

use crate::args::MutatingArgs;
use crate::context::Context;
use crate::error::CommandResult;
use crate::error::exit;
use crate::operation;
use crate::operation::Operation;

/// Delete the stacks of the environment, in the order that their edges ask for
///
/// What holds data and has a deletion policy `Retain` stays, and is named.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway down --keep-data")]
pub(crate) struct DownArgs {
    /// Leave the resources, and the network that they stand in
    #[arg(long)]
    keep_data: bool,
    #[command(flatten)]
    mutating: MutatingArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &DownArgs) -> CommandResult {
    let app = context.app_name()?;
    let env = context.global.env.clone();
    let cloud = context.cloud().await?;
    if args.mutating.dry_run {
        let engine = operation::reader(context).await?;
        let names = engine.down_list(&app, &env, args.keep_data).await.map_err(operation::failed)?;
        if context.ui.json() {
            context.ui.data_json(&names);
        } else if names.is_empty() {
            context.ui.status(&format!("Nothing of {app} is deployed in {env}."));
        } else {
            context.ui.data(&names.iter().map(|name| format!("would delete {name}\n")).collect::<String>());
        }
        return Ok(exit::OK);
    }
    if !context.is_local() {
        operation::confirm(context, args.mutating.yes, &format!("Delete all stacks of `{app}` in `{env}`?"))?;
    }
    let operation = Operation::start(context, cloud, &args.mutating, &[]);
    let finished = operation.drive(operation.engine.down(&app, &env, args.keep_data)).await;
    operation.end().await;
    operation::conclude(context, &args.mutating, "down", &finished)
}
