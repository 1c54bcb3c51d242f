//! `seaway scale`.

use clap::Args;

use crate::args::MutatingArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::operation;
use crate::operation::Operation;

/// Change how many tasks a service runs, without a release
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway scale web=3 worker=2")]
pub(crate) struct ScaleArgs {
    /// Service and its number of tasks
    #[arg(required = true, value_name = "SERVICE=COUNT", value_parser = count)]
    services: Vec<(String, u32)>,
    #[command(flatten)]
    mutating: MutatingArgs,
}

fn count(text: &str) -> Result<(String, u32), String> {
    let wrong = || format!("`{text}` is not SERVICE=COUNT; write for example `web=3`");
    let (service, count) = text.split_once('=').ok_or_else(wrong)?;
    Ok((service.to_owned(), count.parse().map_err(|_| wrong())?))
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &ScaleArgs) -> CommandResult {
    let app = context.app_name()?;
    for (index, (service, _)) in args.services.iter().enumerate() {
        if args.services[..index].iter().any(|(earlier, _)| earlier == service) {
            return Err(CommandError::new(exit::INPUT, format!("`{service}` is given two counts."))
                .hint("name each service once"));
        }
    }
    let cloud = context.cloud().await?;
    let operation = Operation::start(context, cloud, &args.mutating, &[]);
    let finished = operation.drive(operation.engine.scale(&app, &context.global.env, &args.services)).await;
    operation.end().await;
    operation::conclude(context, &args.mutating, "status", &finished)
}
