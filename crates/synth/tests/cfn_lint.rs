//! Every template passes cfn-lint without a finding, informational ones included.

mod support;

use std::path::PathBuf;
use std::process::Command;

/// Returns cfn-lint: `$SEAWAY_CFN_LINT`, else the one in `.tools` of this checkout.
fn cfn_lint() -> PathBuf {
    let found = match std::env::var_os("SEAWAY_CFN_LINT") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/venv/bin/cfn-lint")),
    };
    assert!(
        found.exists(),
        "cfn-lint is missing at {}: run `python3 -m venv .tools/venv && .tools/venv/bin/pip install -r tools/requirements.txt` \
         at the top of the repository, or name it in SEAWAY_CFN_LINT",
        found.display()
    );
    found
}

#[test]
fn every_template_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for (name, text, environments) in support::FIXTURES {
        for environment in *environments {
            let set =
                support::stacks(text, environment).unwrap_or_else(|findings| panic!("{name}:\n{findings}"));
            for stack in &set.stacks {
                let path = folder.path().join(format!("{name}-{environment}-{}.json", stack.name));
                std::fs::write(&path, stack.template.to_json_string(true)).unwrap();
                written.push(path);
            }
        }
    }
    // A handful of what the property test makes at random: each level of each kind comes once.
    for sample in 0..6 {
        let edges: Vec<support::edges::Edge> = (0..support::edges::SIMPLE.len())
            .flat_map(|kind| (0..3).map(move |service| (kind, service, sample * 3 + service)))
            .collect();
        let set = support::stacks(&support::edges::file(&edges).0, "local").unwrap();
        for stack in set.stacks.iter().filter(|stack| !stack.name.ends_with("-network")) {
            let path = folder.path().join(format!("edges-{sample}-{}.json", stack.name));
            std::fs::write(&path, stack.template.to_json_string(true)).unwrap();
            written.push(path);
        }
    }
    assert!(written.len() > 30, "only {} templates", written.len());
    // One call: starting cfn-lint costs more than a template.
    let output = Command::new(cfn_lint())
        .args(["--include-checks", "I", "--regions", "eu-west-1", "--format", "parseable", "--template"])
        .args(&written)
        .output()
        .unwrap();
    let findings = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && findings.trim().is_empty(), "{findings}\n{errors}");
}
