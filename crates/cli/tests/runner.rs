//! The command line as a person meets it: the binary is run, its words and exit codes are looked
//! at. One test binary; a file for each command. Nothing here needs a container engine: what
//! needs one is looked at in `tests/e2e`.

mod support;

mod commands {
    mod check;
    mod config;
    mod down;
    mod exec;
    mod jobs;
    mod lint;
    mod local;
    mod logs;
    mod outputs;
    mod plan;
    mod releases;
    mod restart;
    mod rollback;
    mod run;
    mod scale;
    mod status;
    mod synth;
    mod up;
}

mod fake_aws;
mod usage;

/// A command without a test would be found out about by its first user.
#[test]
fn every_command_has_its_tests() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let runner = std::fs::read_to_string(root.join("tests/runner.rs")).unwrap();
    let mut forgotten = Vec::new();
    for entry in std::fs::read_dir(root.join("src/commands")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "mod" {
            continue;
        }
        let tests =
            std::fs::read_to_string(root.join(format!("tests/commands/{name}.rs"))).unwrap_or_default();
        if !tests.contains("#[test]") || !runner.contains(&format!("    mod {name};\n")) {
            forgotten.push(name);
        }
    }
    assert!(
        forgotten.is_empty(),
        "write crates/cli/tests/commands/<name>.rs and list it in tests/runner.rs: {forgotten:?}"
    );
}
