//! Templates without a fault: nothing may be found.

use seaway_diag::Severity;
use seaway_diag::Sink;
use serde_json::Value as Json;

use super::lint;
use crate::source::Node;

/// Returns the findings of a template, one a line.
pub(super) fn findings(template: &Json) -> Vec<String> {
    let mut sink = Sink::default();
    lint(&Node::from(template), &mut sink);
    sink.all()
        .iter()
        .map(|finding| format!("{} {} ({})", finding.code, finding.message, finding.notes.join("; ")))
        .collect()
}

fn folder(name: &str) -> Vec<(String, Json)> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<(String, Json)> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            (path.display().to_string(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Copied from the snapshots of crates/synth; cfn-lint finds nothing in them either.
#[test]
fn synthesised_templates() {
    let all = folder("synthesised");
    assert!(all.len() >= 10, "{}", all.len());
    for (path, template) in all {
        assert_eq!(findings(&template), Vec::<String>::new(), "{path}");
    }
}

/// Written for this test after AWS' user guides; cfn-lint 1.58 finds neither errors nor warnings.
#[test]
fn sample_templates() {
    let all = folder("samples");
    assert!(all.len() >= 5, "{}", all.len());
    let mut all_worse = Vec::new();
    for (path, template) in all {
        let mut sink = Sink::default();
        lint(&Node::from(&template), &mut sink);
        let worse: Vec<&str> = sink
            .all()
            .iter()
            .filter(|finding| finding.severity != Severity::Info)
            .map(|finding| finding.message.as_str())
            .collect();
        all_worse.extend(worse.iter().map(|one| format!("{path}: {one}")));
    }
    assert!(all_worse.is_empty(), "{}", all_worse.join("\n"));
}
