//! The examples of `docs/resources.md` synthesise.

mod support;

use std::collections::BTreeSet;

/// Names of the services that an example gives access to, at any depth.
fn services(example: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut at: Option<usize> = None;
    for line in example.lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        if text == "Services:" {
            at = Some(indent + 2);
        } else if at == Some(indent) {
            if let Some((name, _)) = text.split_once(':') {
                found.insert(name.to_owned());
            }
        } else if at.is_some_and(|at| indent < at) {
            at = None;
        }
    }
    found
}

#[test]
fn every_example_is_right() {
    for kind in seaway_kinds::KINDS {
        let example = kind.facts().example;
        let mut text = "name: example\nservices:\n  other: { image: a }\n".to_owned();
        for name in services(example) {
            text.push_str(&format!("  {name}: {{ image: a }}\n"));
        }
        if example.contains("x-sqs::") && !example.contains("x-sqs:\n") {
            text.push_str("x-sqs: { orders: {} }\n");
        }
        text.push_str(example);
        let set =
            support::stacks(&text, "local").unwrap_or_else(|findings| panic!("{}:\n{findings}", kind.key()));
        let made = set.stacks.iter().any(|stack| {
            stack.template.resources.values().any(|resource| resource.kind == kind.facts().resource_type)
        });
        assert!(made, "{} makes no {}", kind.key(), kind.facts().resource_type);
    }
}
