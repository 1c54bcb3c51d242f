//! A small shop: `web` takes orders, `api` keeps them and puts them on a queue, `worker` takes
//! them off it. One program, so that one static file serves every image.

mod api;
mod aws;
mod check;
mod http;
mod load;
mod migrate;
mod orders;
mod report;
mod settings;
mod sqs;
mod stop;
mod web;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let command = arguments.first().map(String::as_str).unwrap_or("help");
    let rest = arguments.get(1..).unwrap_or_default();

    // The two tools talk to a shop; the switches are for the shop itself.
    match command {
        "check" => return finish(command, check::run(rest)),
        "load" => return finish(command, load::run(rest)),
        _ => {}
    }
    if let Some(code) = settings::crash_at_start(command) {
        return ExitCode::from(code);
    }
    settings::crash_later(command);

    let result = match command {
        "web" => web::run(),
        "api" => api::run(),
        "worker" => worker::run(),
        "migrate" => migrate::run(),
        "report" => report::run(),
        _ => {
            eprintln!("usage: shop web|api|worker|migrate|report|check URL|load URL");
            return ExitCode::from(2);
        }
    };
    finish(command, result)
}

/// Ends the process the way that a container engine expects: 0, or 1 with a reason.
fn finish(command: &str, result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{command}: {reason}");
            ExitCode::FAILURE
        }
    }
}
