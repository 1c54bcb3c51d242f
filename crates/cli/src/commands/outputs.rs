//! `seaway outputs`.

use clap::Args;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::operation;
use crate::ui;

/// Print the outputs of the stacks: addresses, names, ARNs
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway outputs --json | jq -r '.[\"shop-local-platform\"].Url'")]
pub(crate) struct OutputsArgs {
    /// Only stacks whose name ends with this
    stack: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &OutputsArgs) -> CommandResult {
    let app = context.app_name()?;
    let engine = operation::reader(context).await?;
    let mut outputs = engine.outputs(&app, &context.global.env).await.map_err(operation::failed)?;
    if outputs.is_empty() && !context.ui.json() {
        context
            .ui
            .status(&format!("{app} is not deployed in {}; `seaway up` deploys it.", context.global.env));
        return Ok(exit::OK);
    }
    if let Some(stack) = &args.stack {
        let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
        if !names.iter().any(|name| name.ends_with(stack.as_str())) {
            return Err(CommandError::unknown("stack", stack, &names));
        }
        outputs.retain(|name, _| name.ends_with(stack.as_str()));
    }
    if context.ui.json() {
        context.ui.data_json(&outputs);
        return Ok(exit::OK);
    }
    let rows: Vec<Vec<String>> = outputs
        .iter()
        .flat_map(|(stack, values)| {
            values.iter().map(move |(name, value)| vec![stack.clone(), name.clone(), value.clone()])
        })
        .collect();
    context.ui.data(&ui::table(context.ui.color_stdout(), &["STACK", "OUTPUT", "VALUE"], &rows));
    Ok(exit::OK)
}
