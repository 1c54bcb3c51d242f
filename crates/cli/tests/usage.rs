//! What all commands have in common.

use crate::support::TestEnv;

/// Returns the names of the commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    commands
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_help_text_has_an_example_and_fits() {
    let env = TestEnv::shop();
    let mut open = vec![String::new()];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        let ran = env.run(&format!("{command} --help")).exits(0);
        let example =
            ["Example:\n  seaway ", "Examples:\n  seaway "].iter().any(|head| ran.out.contains(head));
        assert!(example, "{command}: no example\n{}", ran.out);
        for line in ran.out.lines() {
            assert!(line.chars().count() <= 100, "{command}: too wide: {line}");
        }
        assert_eq!(ran.err, "");
        open.extend(listed(&ran.out).into_iter().map(|name| format!("{command} {name}").trim().to_owned()));
        seen += 1;
    }
    assert!(seen > 20, "only {seen} help texts were found");
}

#[test]
fn wrong_usage_is_prose_with_exit_code_2() {
    let env = TestEnv::shop();
    for (arguments, text) in [
        ("frobnicate", "unrecognized subcommand"),
        ("up --frobnicate", "unexpected argument"),
        ("status --color sometimes", "possible values: auto, always, never"),
        ("", "Usage: seaway"),
    ] {
        env.run(arguments).exits(2).gives_nothing().says(&[text]);
    }
}

#[test]
fn the_environment_comes_from_a_variable_too() {
    let env = TestEnv::shop();
    let ran = env.run_with("status", &[("SEAWAY_ENV", "production")]).exits(11);
    ran.says(&["connect to region eu-west-1"]);
}

#[test]
fn colour_is_off_in_pipes_and_on_when_asked_for() {
    let env = TestEnv::shop();
    assert!(!env.run("up wbe").err.contains('\u{1b}'));
    assert!(env.run("up wbe --color always").err.contains('\u{1b}'));
}

#[test]
fn a_value_of_a_secret_is_never_printed() {
    let env = TestEnv::with(
        "services:\n  web:\n    image: x:1\n    secrets: [KEY]\nsecrets:\n  KEY:\n    environment: KEY\n",
    );
    for command in ["check", "config", "config --json", "synth", "up", "plan --json"] {
        let ran = env.run_with(command, &[("KEY", "canary-4711")]);
        assert!(!ran.out.contains("canary-4711") && !ran.err.contains("canary-4711"), "{command}: {ran:#?}");
    }
}

#[test]
fn the_examples_of_the_x_keys_are_sound() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/x-keys.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut examples = 0;
    for block in page.split("```yaml\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let env = TestEnv::with(&format!("name: shop\n{text}"));
        let ran = env.run_with("check", &[("SIGNING_KEY", "x")]);
        assert!(ran.code == 0 && !ran.out.contains("warning["), "{text}\n{ran:#?}");
        examples += 1;
    }
    assert!(examples > 8, "only {examples} examples");
}
