//! `seaway run`.

use clap::Args;
use indexmap::IndexMap;
use seaway_model::Kind;

use crate::args::MutatingArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::operation;
use crate::operation::Operation;

/// Run a workload once, show its logs and end with its exit code
///
/// It runs with the deployed image, network, roles and secrets. 125 when it never started.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway run migrate -- /shop migrate --check")]
pub(crate) struct RunArgs {
    /// The workload
    workload: String,
    /// Variable to add to its environment; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// Do not wait for its end
    #[arg(short = 'd', long)]
    detach: bool,
    #[command(flatten)]
    mutating: MutatingArgs,
    /// Command in place of its own
    #[arg(last = true)]
    command: Vec<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not NAME=VALUE")),
    }
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &RunArgs) -> CommandResult {
    let app = context.app()?;
    let Some(workload) = app.workloads.get(&args.workload) else {
        let names: Vec<&str> = app.workloads.keys().map(String::as_str).collect();
        return Err(CommandError::unknown("workload", &args.workload, &names));
    };
    if let Kind::Task(task) = &workload.kind
        && task.confirm
        && !args.mutating.dry_run
    {
        let question = format!(
            "Run `{}` in `{}`? Its definition asks for a confirmation.",
            args.workload, context.global.env
        );
        operation::confirm(context, args.mutating.yes, &question)?;
    }
    launch(context, &args.mutating, &args.workload, &args.command, &args.variables, !args.detach).await
}

/// Runs a workload once and returns its exit code.
pub(crate) async fn launch(
    context: &Context,
    mutating: &MutatingArgs,
    workload: &str,
    command: &[String],
    variables: &[(String, String)],
    wait: bool,
) -> CommandResult {
    let app = context.app()?;
    if mutating.dry_run {
        if context.ui.json() {
            context.ui.data_json(&serde_json::json!({ "dry_run": true, "workload": workload }));
        } else {
            context.ui.status(&format!("Would run {workload} once."));
        }
        return Ok(exit::OK);
    }
    let cloud = context.cloud().await?;
    cloud.put_secrets(&operation::secrets(&app)).await?;
    let operation = Operation::start(context, cloud, mutating, &[]);
    let command = (!command.is_empty()).then(|| command.to_vec());
    let variables: IndexMap<String, String> = variables.iter().cloned().collect();
    let env = &context.global.env;
    let interrupt = operation.engine.interrupt();
    let outcome = {
        let mut ran = Box::pin(operation.engine.run(&app.name, env, workload, command, &variables, wait));
        tokio::select! {
            ran = &mut ran => ran,
            _ = tokio::signal::ctrl_c() => {
                interrupt.detach();
                ran.await
            }
        }
    };
    operation.end().await;
    let ran =
        outcome.map_err(|error| CommandError { code: exit::NEVER_STARTED, ..operation::failed(error) })?;
    if context.ui.json() && !mutating.events {
        context.ui.data_json(&ran);
    }
    let task: String = ran.task.chars().take(8).collect();
    context.ui.status(&match (wait, ran.exit_code, &ran.reason) {
        (false, ..) => format!("Started {workload} as task {task}."),
        (_, 130, _) => format!("Detached; task {task} of {workload} goes on."),
        (_, exit::NEVER_STARTED, Some(reason)) => format!("{workload} never started: {reason}"),
        (_, 0, _) => format!("{workload} ended with exit code 0."),
        (_, code, Some(reason)) => format!("{workload} ended with exit code {code}: {reason}"),
        (_, code, None) => format!("{workload} ended with exit code {code}."),
    });
    Ok(ran.exit_code)
}
