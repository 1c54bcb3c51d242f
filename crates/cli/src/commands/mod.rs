//! The commands, one a file.

mod check;
mod config;
mod down;
mod exec;
mod jobs;
mod lint;
mod local;
mod logs;
mod outputs;
pub(crate) mod plan;
mod releases;
mod restart;
mod rollback;
mod run;
mod scale;
mod status;
mod synth;
mod up;

use clap::Subcommand;

use crate::args::Cli;
use crate::context::Context;

/// The commands.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Check(check::CheckArgs),
    Config(config::ConfigArgs),
    Lint(lint::LintArgs),
    Synth(synth::SynthArgs),
    Plan(plan::PlanArgs),
    Up(up::UpArgs),
    Down(down::DownArgs),
    Status(status::StatusArgs),
    Outputs(outputs::OutputsArgs),
    Logs(logs::LogsArgs),
    Exec(exec::ExecArgs),
    Run(run::RunArgs),
    Jobs(jobs::JobsArgs),
    Restart(restart::RestartArgs),
    Scale(scale::ScaleArgs),
    Releases(releases::ReleasesArgs),
    Rollback(rollback::RollbackArgs),
    Local(local::LocalArgs),
}

/// Runs a command, prints its error, returns its exit code.
pub(crate) async fn run(cli: Cli) -> i32 {
    let context = Context::new(cli.global);
    let result = match cli.command {
        Command::Check(args) => check::run(&context, &args).await,
        Command::Config(args) => config::run(&context, &args).await,
        Command::Lint(args) => lint::run(&context, &args).await,
        Command::Synth(args) => synth::run(&context, &args).await,
        Command::Plan(args) => plan::run(&context, &args).await,
        Command::Up(args) => up::run(&context, &args).await,
        Command::Down(args) => down::run(&context, &args).await,
        Command::Status(args) => status::run(&context, &args).await,
        Command::Outputs(args) => outputs::run(&context, &args).await,
        Command::Logs(args) => logs::run(&context, &args).await,
        Command::Exec(args) => exec::run(&context, &args).await,
        Command::Run(args) => run::run(&context, &args).await,
        Command::Jobs(args) => jobs::run(&context, &args).await,
        Command::Restart(args) => restart::run(&context, &args).await,
        Command::Scale(args) => scale::run(&context, &args).await,
        Command::Releases(args) => releases::run(&context, &args).await,
        Command::Rollback(args) => rollback::run(&context, &args).await,
        Command::Local(args) => local::run(&context, &args).await,
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            if let Some(message) = &error.message {
                context.ui.error(message, error.hint.as_deref());
            }
            error.code
        }
    }
}
