//! `seaway local`.

use clap::Args;
use clap::Subcommand;
use seaway_local::LocalCloud;

use crate::context::Context;
use crate::error::CommandResult;
use crate::error::exit;
use crate::operation;
use crate::ui;

/// The environment on this machine: its background process
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway local status")]
pub(crate) struct LocalArgs {
    #[command(subcommand)]
    command: LocalCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum LocalCommand {
    /// Show the background process, its load balancers and what it runs
    #[command(after_help = "Example:\n  seaway local status --json")]
    Status,
    /// Remove everything that Seaway made on this machine, of all applications
    #[command(after_help = "Example:\n  seaway local down --yes")]
    Down {
        /// Do not ask
        #[arg(short = 'y', long)]
        yes: bool,
        /// Show what would be removed, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Be the background process
    #[command(hide = true)]
    Serve,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &LocalArgs) -> CommandResult {
    let options = context.local_options()?;
    match &args.command {
        LocalCommand::Serve => {
            seaway_local::serve(options).await?;
            Ok(exit::OK)
        }
        LocalCommand::Status => match LocalCloud::connect_existing(&options).await {
            Some(cloud) => show(context, &cloud.local_status().await?),
            None => {
                if context.ui.json() {
                    context.ui.data_json(&serde_json::json!({ "running": false }));
                } else {
                    context.ui.status("The local environment is not running; `seaway up` starts it.");
                }
                Ok(exit::OK)
            }
        },
        LocalCommand::Down { yes, dry_run } => {
            if !options.state_dir.exists() {
                if context.ui.json() {
                    context.ui.data_json(&serde_json::json!({ "removed": [] }));
                } else {
                    context.ui.status("There is no local environment; nothing to remove.");
                }
                return Ok(exit::OK);
            }
            // Also after the background process died: a new one knows what there is to remove.
            let cloud = LocalCloud::connect(&options).await?;
            let status = cloud.local_status().await?;
            if *dry_run {
                return show(context, &status);
            }
            if !status.stacks.is_empty() {
                let question =
                    format!("Remove {} stacks and all their containers and data?", status.stacks.len());
                operation::confirm(context, *yes, &question)?;
            }
            cloud.local_down().await?;
            if context.ui.json() {
                context.ui.data_json(&serde_json::json!({ "removed": status.stacks }));
            } else {
                context.ui.status("Removed everything that Seaway made on this machine.");
            }
            Ok(exit::OK)
        }
    }
}

fn show(context: &Context, status: &seaway_local::LocalStatus) -> CommandResult {
    if context.ui.json() {
        context.ui.data_json(status);
        return Ok(exit::OK);
    }
    let rows: Vec<Vec<String>> =
        status.facts().into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    context.ui.data(&ui::table(context.ui.color_stdout(), &["WHAT", "VALUE"], &rows));
    Ok(exit::OK)
}
