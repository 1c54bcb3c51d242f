//! Services that depend on each other.

use std::collections::BTreeSet;
use std::collections::VecDeque;

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;

use crate::Project;
use crate::codes;

/// Circles of `depends_on`, each reported once.
pub(crate) fn check(project: &Project, sink: &mut Sink) {
    // Services that nothing waits for are taken away until only circles, and what leads from one
    // to another, are left.
    let mut waiting: IndexMap<&str, usize> = project.services.keys().map(|name| (name.as_str(), 0)).collect();
    for service in project.services.values() {
        for target in service.depends_on.keys() {
            if let Some(count) = waiting.get_mut(target.as_str()) {
                *count += 1;
            }
        }
    }
    let mut free: Vec<&str> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(name) = free.pop() {
        waiting.swap_remove(name);
        for target in project.services[name].depends_on.keys() {
            if let Some(count) = waiting.get_mut(target.as_str()) {
                *count -= 1;
                if *count == 0 {
                    free.push(target);
                }
            }
        }
    }
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for start in project.services.keys().map(String::as_str).filter(|name| waiting.contains_key(name)) {
        if reported.contains(start) {
            continue;
        }
        let Some(steps) = circle(project, start) else {
            continue;
        };
        let mut finding =
            Diagnostic::error(codes::DEPENDENCY_CYCLE, "services depend on each other in a circle");
        for (index, (name, span)) in steps.iter().enumerate() {
            let said = format!("`{name}` waits for this");
            finding = if index == 0 { finding.label(*span, said) } else { finding.context(*span, said) };
        }
        let names: Vec<_> = steps.iter().map(|(name, _)| *name).chain([start]).collect();
        sink.push(
            finding
                .note(names.join(" → "))
                .note("none of them could ever start")
                .help("remove one of these dependencies"),
        );
        reported.extend(steps.iter().map(|(name, _)| *name));
    }
}

/// The shortest way from `start` back to itself: services with the place of the dependency that
/// leads on.
fn circle<'a>(project: &'a Project, start: &'a str) -> Option<Vec<(&'a str, Span)>> {
    let mut from: IndexMap<&str, (&str, Span)> = IndexMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(name) = queue.pop_front() {
        for (target, dependency) in
            project.services.get(name).into_iter().flat_map(|service| &service.depends_on)
        {
            if from.contains_key(target.as_str()) {
                continue;
            }
            from.insert(target, (name, dependency.span));
            if target == start {
                let mut steps = Vec::new();
                let mut at = start;
                while let Some((before, span)) = from.get(at) {
                    steps.push((*before, *span));
                    at = before;
                    if at == start {
                        break;
                    }
                }
                steps.reverse();
                return Some(steps);
            }
            queue.push_back(target);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use seaway_diag::SourceMap;

    use crate::Files;
    use crate::LoadOptions;

    struct One(String);

    impl Files for One {
        fn read(&self, path: &camino::Utf8Path) -> Result<Option<String>, String> {
            Ok((path == "/p/compose.yaml").then(|| self.0.clone()))
        }

        fn exists(&self, path: &camino::Utf8Path) -> bool {
            path == "/p/compose.yaml"
        }
    }

    #[test]
    fn every_circle_is_reported() {
        for (edges, expected) in [
            (vec![("a", "b"), ("b", "c")], vec![]),
            (vec![("a", "a")], vec!["a → a"]),
            (vec![("a", "d"), ("a", "b"), ("b", "a")], vec!["a → b → a"]),
            (
                vec![("x", "y"), ("y", "z"), ("z", "y"), ("x", "w"), ("w", "x")],
                vec!["w → x → w", "y → z → y"],
            ),
            (vec![("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")], vec!["a → b → a", "a → c → a"]),
        ] {
            let mut text = "services:\n".to_owned();
            let names: std::collections::BTreeSet<_> = edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
            for name in names {
                let targets: Vec<_> = edges.iter().filter(|(a, _)| *a == name).map(|(_, b)| *b).collect();
                text += &format!("  {name}: {{image: x, depends_on: [{}]}}\n", targets.join(", "));
            }
            let options = LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() };
            let mut sink = super::Sink::default();
            crate::load(&options, &One(text), &mut SourceMap::default(), &mut sink);
            let found: Vec<_> = sink.all().iter().map(|finding| canonical(&finding.notes[0])).collect();
            let wanted: Vec<_> = expected.iter().map(|circle| canonical(circle)).collect();
            assert_eq!(found.len(), wanted.len(), "{found:?}");
            assert!(wanted.iter().all(|circle| found.contains(circle)), "{found:?}");
        }
    }

    /// The names of a circle, wherever it is entered.
    fn canonical(circle: &str) -> std::collections::BTreeSet<String> {
        circle.split(" → ").map(ToOwned::to_owned).collect()
    }
}
