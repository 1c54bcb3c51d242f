//! What must be done when something is added; CONTRIBUTING has the lists.

use camino::Utf8Path;
use seaway_testkit::root;

/// Names of the entries of a folder, sorted; `None` where it does not exist yet.
fn entries(folder: &Utf8Path, folders: bool) -> Option<Vec<String>> {
    if !folder.is_dir() {
        return None;
    }
    let read = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in folder.read_dir_utf8()? {
            let entry = entry?;
            if entry.path().is_dir() == folders {
                names.push(entry.file_name().to_owned());
            }
        }
        Ok(names)
    };
    let mut names = read().unwrap_or_else(|error| panic!("{folder}: {error}"));
    names.sort();
    Some(names)
}

fn read(file: &Utf8Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_command_is_registered() {
    let folder = root().join("crates/cli/src/commands");
    let Some(files) = entries(&folder, false) else { return };
    let registry = read(&folder.join("mod.rs"));
    let mut forgotten = Vec::new();
    for name in files.iter().filter_map(|file| file.strip_suffix(".rs")).filter(|name| *name != "mod") {
        let declared = registry
            .lines()
            .any(|line| line.trim().trim_start_matches("pub(crate) ") == format!("mod {name};"));
        let dispatched = registry.contains(&format!("{name}::run("));
        if !(declared && dispatched) {
            forgotten.push(format!(
                "crates/cli/src/commands/{name}.rs needs `mod {name};` and a call of `{name}::run(…)` in commands/mod.rs"
            ));
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[test]
fn every_kind_is_registered() {
    let folder = root().join("crates/kinds/src");
    let Some(folders) = entries(&folder, true) else { return };
    if folders.is_empty() {
        return;
    }
    let registry = read(&folder.join("registry.rs"));
    let forgotten: Vec<String> = folders
        .iter()
        .filter(|name| !registry.contains(&format!("crate::{name}::")))
        .map(|name| format!("crates/kinds/src/{name}/ needs a line in registry.rs (`use crate::{name}::…`)"))
        .collect();
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[test]
fn every_crate_is_in_the_architecture() {
    let root = root();
    if !root.join("docs").is_dir() {
        return;
    }
    let text = read(&root.join("docs/architecture.md"));
    let crates = entries(&root.join("crates"), true).unwrap();
    assert!(crates.len() >= 16, "{crates:?}");
    let forgotten: Vec<String> = crates
        .iter()
        .filter(|name| !text.contains(&format!("`{name}`")))
        .map(|name| format!("docs/architecture.md does not say what `{name}` is"))
        .collect();
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[test]
fn every_import_format_is_a_module() {
    let folder = root().join("crates/import/src");
    let root_module = read(&folder.join("lib.rs"));
    for name in entries(&folder, true).unwrap() {
        assert!(
            root_module.contains(&format!("pub mod {name};")),
            "crates/import/src/{name}/ needs `pub mod {name};`"
        );
    }
}
