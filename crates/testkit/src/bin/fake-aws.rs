//! The fake of the AWS endpoints as a program, for people and for tests in Python.
//!
//! ```text
//! fake-aws [--scenario NAME|FILE.json] [--port N] [--until-eof]
//! ```
//!
//! It prints the variables that point a client at it, then answers until it is killed, or with
//! `--until-eof` until its standard input ends.

use std::io::Read as _;
use std::io::Write as _;
use std::process::ExitCode;

use seaway_testkit::fake_aws::FakeAws;
use seaway_testkit::fake_aws::Scenario;

const USAGE: &str = "usage: fake-aws [--scenario NAME|FILE.json] [--port N] [--until-eof]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "fake-aws: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut scenario = Scenario::default();
    let (mut port, mut until_eof) = (0, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value; {USAGE}"));
        match word.as_str() {
            "--scenario" => {
                let name = value()?;
                let read = if name.ends_with(".json") {
                    Scenario::read(name.as_str().into())
                } else {
                    Scenario::named(&name)
                };
                scenario = read.map_err(|error| error.to_string())?;
            }
            "--port" => port = value()?.parse().map_err(|_| format!("--port needs a number; {USAGE}"))?,
            "--until-eof" => until_eof = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let aws = FakeAws::start_on(scenario, port).map_err(|error| format!("cannot listen: {error}"))?;
    let mut out = std::io::stdout();
    for (name, value) in aws.environment() {
        writeln!(out, "export {name}={value}").map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())?;
    if until_eof {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        return Ok(());
    }
    loop {
        std::thread::park();
    }
}
