//! The command line.

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::Args;
use clap::Parser;
use clap::ValueEnum;

use crate::commands::Command;

/// Takes a Compose file to production on Amazon ECS, or to this machine
#[derive(Parser, Debug)]
#[command(name = "seaway", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Example:\n  seaway up                 the Compose file of this folder, on this machine\n  \
    seaway plan -e production what would change in the environment `production`"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Returns the arguments with `-f` after `logs` written out as `--follow`: everywhere else, and
/// before the command, `-f` names a file, and both meanings are those of `docker compose`.
pub(crate) fn follow_in_logs(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut done = false;
    let mut value = false;
    arguments
        .into_iter()
        .enumerate()
        .map(|(index, argument)| {
            let text = argument.to_string_lossy();
            let logs = matches!(words.as_slice(), [first, ..] if first == "logs")
                || matches!(words.as_slice(), [first, second, ..] if first == "jobs" && second == "logs");
            let follow = logs && !done && !value && text == "-f";
            if value {
                value = false;
            } else if done || follow {
            } else if text == "--" {
                done = true;
            } else if text.starts_with('-') {
                value = TAKES_VALUE.contains(&text.as_ref());
            } else if index > 0 {
                words.push(text.into_owned());
            }
            if follow { OsString::from("--follow") } else { argument }
        })
        .collect()
}

/// Options that stand before a command or in `logs` and whose value is the next argument: a file
/// or a project may well be called `logs`.
const TAKES_VALUE: &[&str] = &[
    "-e",
    "--env",
    "-f",
    "--file",
    "--project-directory",
    "-p",
    "--project-name",
    "--profile",
    "--color",
    "--state-dir",
    "--since",
    "--tail",
    "--task",
];

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct GlobalArgs {
    /// Environment; `local` is this machine
    #[arg(
        short = 'e',
        long,
        global = true,
        env = "SEAWAY_ENV",
        default_value = "local",
        value_name = "NAME"
    )]
    pub(crate) env: String,
    /// Compose file; may be repeated, later ones are merged over earlier ones
    #[arg(short = 'f', long = "file", global = true, value_name = "FILE")]
    pub(crate) files: Vec<Utf8PathBuf>,
    /// Folder that relative paths in the Compose file start from
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) project_directory: Option<Utf8PathBuf>,
    /// Project name, in place of the one in the file
    #[arg(short = 'p', long, global = true, value_name = "NAME")]
    pub(crate) project_name: Option<String>,
    /// Profile to switch on; may be repeated
    // An id of its own: a command may have an option of the same name.
    #[arg(id = "profiles_on", long = "profile", global = true, value_name = "NAME")]
    pub(crate) profiles: Vec<String>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// State folder of the local environment
    #[arg(long, global = true, hide = true, env = "SEAWAY_STATE_DIR", value_name = "DIR")]
    pub(crate) state_dir: Option<Utf8PathBuf>,
}

/// Options of every command that changes something.
#[derive(Args, Clone, Debug)]
pub(crate) struct MutatingArgs {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,
    /// Print every event as a line of JSON on stdout
    #[arg(long)]
    pub(crate) events: bool,
    /// Wait so long for somebody else's lock, such as `30s` or `5m`
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) lock_wait: std::time::Duration,
    /// Give up watching after so long
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration)]
    pub(crate) timeout: std::time::Duration,
}

/// Reads `90`, `90s`, `5m`, `1h30m`, `2d`.
pub(crate) fn duration(text: &str) -> Result<std::time::Duration, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(std::time::Duration::from_secs(seconds));
    }
    let wrong = || format!("`{text}` is not a duration; write for example `90s`, `5m` or `1h30m`");
    let mut total: u64 = 0;
    let mut digits = String::new();
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        total = number.checked_mul(unit).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        digits.clear();
    }
    if !digits.is_empty() || text.is_empty() {
        return Err(wrong());
    }
    Ok(std::time::Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn f_follows_only_in_logs() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (typed, meant) in [
            ("seaway up -f a.yaml", "seaway up -f a.yaml"),
            ("seaway -f a.yaml logs -f web", "seaway -f a.yaml logs --follow web"),
            ("seaway jobs logs -f report", "seaway jobs logs --follow report"),
            ("seaway exec web -- tail -f logs", "seaway exec web -- tail -f logs"),
            ("seaway logs -- -f", "seaway logs -- -f"),
            ("seaway up -p logs -f a.yaml", "seaway up -p logs -f a.yaml"),
            ("seaway exec logs -f a.yaml", "seaway exec logs -f a.yaml"),
            ("seaway -e local logs --tail 3 -f", "seaway -e local logs --tail 3 --follow"),
        ] {
            assert_eq!(follow_in_logs(words(typed)), words(meant));
        }
    }

    #[test]
    fn durations() {
        for (text, seconds) in
            [("0", 0), ("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5_400), ("2d", 172_800)]
        {
            assert_eq!(duration(text), Ok(std::time::Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "m", "5x", "1h30", "-1s", "99999999999999999999s", "9999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
