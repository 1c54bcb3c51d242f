//! The `seaway` command: takes a Compose file to production on Amazon ECS.
//!
//! One file a command under `commands`, renderers of the event stream under `render`. The only
//! crate that prints or reads the environment.

mod args;
mod commands;
mod context;
mod error;
mod images;
mod operation;
#[cfg(test)]
mod reference;
mod render;
mod ui;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse_from(args::follow_in_logs(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to stdout and mistakes to stderr, with colours where they show.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            ui::Ui::new(&cli.global).error(&format!("failed to start: {error}"), None);
            return ExitCode::from(1);
        }
    };
    let code = runtime.block_on(commands::run(cli));
    // A read of standard input may still block in a thread; do not wait for it.
    runtime.shutdown_background();
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
