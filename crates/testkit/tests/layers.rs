//! The layers of design.md section 2: an arrow points only to a lower layer.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cargo_metadata::DependencyKind;
use cargo_metadata::Metadata;
use cargo_metadata::MetadataCommand;
use seaway_testkit::root;
use seaway_testkit::rust_files;
use seaway_testkit::without_tests_and_comments;

/// Crate, layer, and the crates of this workspace that it may depend on. "Must not know" is what is
/// not in the list.
const LAYERS: &[(&str, u8, &[&str])] = &[
    ("diag", 0, &[]),
    ("yaml", 1, &["diag"]),
    ("cfn", 1, &["diag"]),
    // The port stands alone: whoever implements it must not need our diagnostics.
    ("cloud", 1, &[]),
    ("compose", 2, &["diag", "yaml"]),
    ("image", 2, &["diag", "cloud"]),
    ("model", 3, &["diag", "yaml", "compose"]),
    ("kinds", 4, &["diag", "yaml", "cfn", "compose", "model"]),
    ("import", 4, &["diag", "yaml", "compose", "model"]),
    // Must not know `cloud`.
    ("synth", 5, &["diag", "yaml", "cfn", "compose", "model", "kinds"]),
    // Must not know `image`, `local`, `aws`: it drives the port.
    ("engine", 6, &["diag", "cfn", "cloud", "model", "synth"]),
    // Must not know `engine`, nor what is above the templates.
    ("local", 6, &["diag", "cfn", "cloud", "image"]),
    ("aws", 6, &["diag", "cfn", "cloud"]),
    ("delivery", 6, &["diag", "yaml", "cfn", "compose", "model", "synth"]),
    (
        "cli",
        7,
        &[
            "diag", "yaml", "cfn", "cloud", "compose", "image", "model", "kinds", "import", "synth",
            "engine", "local", "aws", "delivery",
        ],
    ),
    // Beside all, for tests only: nobody's normal dependency.
    // The fake of AWS evaluates templates and uses the port's words; never `aws`, which it tests.
    ("testkit", 7, &["cfn", "cloud"]),
];

/// Crates that must be pure: the same input gives the same output.
const PURE: &[&str] =
    &["diag", "yaml", "cfn", "cloud", "compose", "model", "kinds", "import", "synth", "delivery"];

/// Crates of others that a pure crate must not name: a runtime, a socket, a container engine.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio-util",
    "hyper",
    "hyper-util",
    "bollard",
    "reqwest",
    "socket2",
    "mio",
    "rustix",
    "libc",
    "rand",
];

/// Exceptions, each with its reason.
const ALLOWED: &[(&str, &str, &str)] =
    &[("cloud", "tokio", "the channel and reader types in which events, exec sessions and logs travel")];

/// What the source of a pure crate must not say, and where to go instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("println!", "return text; `cli` prints"),
    ("eprintln!", "return text; `cli` prints"),
    ("print!(", "return text; `cli` prints"),
    ("std::env::", "take the value as an argument; `cli` reads the environment"),
    ("SystemTime::now", "take the time as an argument"),
    ("Instant::now", "take the time as an argument"),
    ("Timestamp::now", "take the time as an argument"),
    ("std::net", "sockets belong to `local` and `aws`"),
    ("std::process::", "processes belong to `image`, `local` and `cli`"),
    ("std::fs", "read files through `compose`'s `Disk`"),
    ("std::thread", "threads belong to `engine`, `local` and `cli`"),
    ("HashMap", "use an ordered map: the same input gives the same bytes"),
    ("HashSet", "use an ordered set: the same input gives the same bytes"),
];

/// Files in which a forbidden text may stand, with the reason.
const FILES: &[(&str, &str, &str)] = &[
    ("crates/compose/src/options.rs", "std::fs", "`Disk`, the one interface to files; tests have their own"),
    (
        "crates/cloud/src/fake/state.rs",
        "Instant::now",
        "tokio's clock, paused in tests; the fake is behind a feature",
    ),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .unwrap_or_else(|error| panic!("cargo metadata --offline --no-deps: {error}"))
}

/// Short crate name → names of its normal and build dependencies.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    metadata
        .packages
        .iter()
        .map(|package| {
            let name = package.name.strip_prefix("seaway-").unwrap_or(&package.name).to_owned();
            let needs = package.dependencies.iter().filter(|need| need.kind != DependencyKind::Development);
            (name, needs.map(|need| need.name.clone()).collect())
        })
        .collect()
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(listed, ..)| *listed == name).map(|(_, layer, _)| *layer)
}

#[test]
fn the_table_itself_points_down() {
    for (name, layer_of, allowed) in LAYERS {
        for target in *allowed {
            let below = layer(target).unwrap_or_else(|| panic!("`{target}` is not in the table"));
            assert!(
                below < *layer_of,
                "the table lets `{name}` (layer {layer_of}) use `{target}` (layer {below})"
            );
        }
    }
}

#[test]
fn every_crate_has_a_place() {
    let found: BTreeSet<String> = dependencies().into_keys().collect();
    let listed: BTreeSet<String> = LAYERS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(found, listed, "crates of the workspace (left) and of the table in {} (right)", file!());
}

#[test]
fn arrows_point_down() {
    let mut faults = Vec::new();
    for (name, needs) in dependencies() {
        let allowed =
            LAYERS.iter().find(|(listed, ..)| *listed == name).map_or(&[][..], |(_, _, allowed)| allowed);
        for target in needs.iter().filter_map(|need| need.strip_prefix("seaway-")) {
            if !allowed.contains(&target) {
                faults.push(format!(
                    "`{name}` (layer {:?}) must not depend on `{target}` (layer {:?}); it may use {allowed:?}",
                    layer(&name),
                    layer(target),
                ));
            }
        }
    }
    assert!(faults.is_empty(), "docs/architecture.md draws these arrows otherwise:\n{}", faults.join("\n"));
}

#[test]
fn only_aws_names_an_aws_crate_and_only_local_and_image_name_docker() {
    let mut faults = Vec::new();
    for (name, needs) in dependencies() {
        for need in &needs {
            let aws = need.starts_with("aws-") || need.starts_with("aws_");
            if aws && name != "aws" {
                faults.push(format!("`{name}` names `{need}`: only `aws` may"));
            }
            if need == "aws-sdk-ec2" {
                faults.push(format!(
                    "`{name}` names `{need}`, which takes minutes to compile: use Cloud Control"
                ));
            }
            if need == "bollard" && !["local", "image"].contains(&name.as_str()) {
                faults.push(format!("`{name}` names `{need}`: only `local` and `image` talk to Docker"));
            }
            if need.starts_with("winterbaume") && name != "local" {
                faults.push(format!("`{name}` names `{need}`: the emulator belongs to `local`"));
            }
            if ["clap", "anstream", "terminal_size"].contains(&need.as_str()) && name != "cli" {
                faults.push(format!("`{name}` names `{need}`: only `cli` has a terminal"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pure_crates_depend_on_nothing_impure() {
    let dependencies = dependencies();
    let mut faults = Vec::new();
    for name in PURE {
        for need in &dependencies[*name] {
            let allowed = ALLOWED.iter().any(|(who, what, _)| who == name && what == need);
            if IMPURE.contains(&need.as_str()) && !allowed {
                faults.push(format!("`{name}` is pure and must not depend on `{need}`"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pure_crates_say_nothing_impure() {
    let root = root();
    let mut faults = Vec::new();
    let mut files = 0;
    for name in PURE {
        for file in rust_files(&root.join("crates").join(name).join("src")).unwrap() {
            // A file of tests only.
            if file.file_name() == Some("tests.rs") || file.components().any(|part| part.as_str() == "tests")
            {
                continue;
            }
            files += 1;
            let shown = file.strip_prefix(&root).unwrap().to_string();
            let text = std::fs::read_to_string(&file).unwrap();
            for (number, line) in without_tests_and_comments(&text) {
                // Addresses are plain values.
                let line = line.replace("std::net::Ip", "Ip");
                for (forbidden, instead) in FORBIDDEN {
                    let excepted = FILES.iter().any(|(path, what, _)| *path == shown && what == forbidden);
                    if line.contains(forbidden) && !excepted {
                        faults.push(format!("{shown}:{number}: `{forbidden}` in a pure crate: {instead}"));
                    }
                }
            }
        }
    }
    assert!(files > 50, "only {files} files were read");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
