//! `seaway check`.

use clap::Args;
use clap::ValueEnum;
use seaway_diag::Severity;
use seaway_diag::render;

use crate::context::Context;
use crate::context::Depth;
use crate::error::CommandResult;
use crate::error::exit;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With source lines, for people.
    Text,
    /// An array of objects.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// Read the files and report everything that is wrong with them
///
/// Nothing is touched and no account is needed. Exit code 2 when there is an error.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway check -e production --format github")]
pub(crate) struct CheckArgs {
    /// How to print the findings
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &CheckArgs) -> CommandResult {
    let loaded = context.read(&context.load_options()?, Depth::Stacks);
    let findings = loaded.sink.all();
    let format = args.format.unwrap_or(if context.ui.json() { Format::Json } else { Format::Text });
    match format {
        Format::Text => context.ui.data(&render::text(findings, &loaded.sources, context.ui.color_stdout())),
        Format::Json => context.ui.data_json(&render::json(findings, &loaded.sources)),
        Format::Github => context.ui.data(&render::github(findings, &loaded.sources)),
    }
    if format == Format::Text {
        let (errors, warnings) = (loaded.sink.count(Severity::Error), loaded.sink.count(Severity::Warning));
        context.ui.status(&match (errors, &loaded.app) {
            (0, Some(app)) => format!(
                "{} in `{}`: {}, {}; {}, no errors.",
                app.name,
                app.environment.name,
                count(app.workloads.len(), "workload"),
                count(app.resources.len(), "resource"),
                count(warnings, "warning"),
            ),
            _ => format!("{}, {}.", count(errors, "error"), count(warnings, "warning")),
        });
    }
    Ok(if loaded.sink.has_errors() { exit::INPUT } else { exit::OK })
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
