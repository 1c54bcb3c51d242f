//! `docs/cli.md`, made from the command line's own definition.

use clap::Arg;
use clap::Command;
use clap::CommandFactory;

use crate::args::Cli;

const HEAD: &str = "# Commands

Made from the program's own help texts; after a change of an option, run
`UPDATE_DOCS=1 cargo test -p seaway-cli reference`. What the exit codes mean is in
[exit-codes.md](exit-codes.md), what stands in the Compose file in [x-keys.md](x-keys.md).

Data goes to stdout, prose to stderr. With `--json` data is one JSON document; what goes on and on
(`logs --json`, `status --watch --json`, `--events`) is one document a line.
";

/// Returns the text with the ends of its lines as they are printed.
fn help(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

fn name(arg: &Arg) -> String {
    let values: Vec<String> =
        arg.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>")).collect();
    let value = if arg.get_action().takes_values() { values.join(" ") } else { String::new() };
    if arg.is_positional() {
        return format!("`{value}`");
    }
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let long = arg.get_long().map(|long| format!("--{long}")).unwrap_or_default();
    format!("`{}`", format!("{short}{long} {value}").trim())
}

fn options(command: &Command, global: bool, out: &mut String) {
    let shown = |arg: &&Arg| {
        let id = arg.get_id();
        !arg.is_hide_set() && arg.is_global_set() == global && id != "help" && id != "version"
    };
    let args: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    if args.is_empty() {
        return;
    }
    out.push_str("\n| argument | meaning |\n|---|---|\n");
    for arg in args {
        let mut meaning = help(arg.get_help()).replace('\n', " ").replace('|', "\\|");
        if let Some(variable) = arg.get_env() {
            meaning.push_str(&format!("; also `{}`", variable.to_string_lossy()));
        }
        let words: Vec<String> = arg
            .get_possible_values()
            .iter()
            .filter(|_| arg.get_action().takes_values())
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if !words.is_empty() {
            meaning.push_str(&format!("; one of {}", words.join(", ")));
        }
        let default = arg.get_default_values().first().filter(|_| arg.get_action().takes_values());
        if let Some(default) = default {
            meaning.push_str(&format!("; `{}` unless given", default.to_string_lossy()));
        }
        out.push_str(&format!("| {} | {meaning} |\n", name(arg).replace('|', "\\|")));
    }
}

fn section(command: &Command, path: &str, out: &mut String) {
    out.push_str(&format!("\n## {path}\n\n"));
    let about = help(command.get_long_about().or(command.get_about()));
    out.push_str(&format!("{}\n", about.trim()));
    options(command, false, out);
    let example = help(command.get_after_help());
    if !example.is_empty() {
        out.push_str(&format!("\n```text\n{}\n```\n", example.trim()));
    }
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        section(sub, &format!("{path} {}", sub.get_name()), out);
    }
}

fn page() -> String {
    let mut out = HEAD.to_owned();
    let command = Cli::command();
    out.push_str("\n## Options of every command\n");
    options(&command, true, &mut out);
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        section(sub, &format!("seaway {}", sub.get_name()), &mut out);
    }
    out
}

#[test]
fn the_reference_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/cli.md is out of date: UPDATE_DOCS=1 cargo test -p seaway-cli reference");
}
