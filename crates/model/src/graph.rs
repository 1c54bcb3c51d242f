//! Circles in `depends_on` between workloads.
//!
//! Compose refuses circles of services; services that share a task can still close one.

use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;

use crate::Workload;
use crate::codes;

/// Reports a circle, once each.
pub(crate) fn check(workloads: &IndexMap<String, Workload>, sink: &mut Sink) {
    // Whoever can go is taken away until nothing changes: what stays is in a circle or behind one.
    let mut waiting: IndexMap<&str, usize> = IndexMap::with_capacity(workloads.len());
    let mut dependents: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (name, workload) in workloads {
        let known = workload.depends_on.iter().filter(|edge| workloads.contains_key(&edge.workload));
        let mut count = 0;
        for edge in known {
            dependents.entry(edge.workload.as_str()).or_default().push(name);
            count += 1;
        }
        waiting.insert(name, count);
    }
    let mut free: Vec<&str> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(name) = free.pop() {
        for dependent in dependents.get(name).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    free.push(dependent);
                }
            }
        }
    }
    let Some(start) = waiting.iter().find(|(_, count)| **count > 0).map(|(name, _)| *name) else { return };
    let blocked = |name: &str| waiting.get(name).is_some_and(|count| *count > 0);
    let mut chain: Vec<&str> = Vec::new();
    let mut current = start;
    while !chain.contains(&current) {
        chain.push(current);
        let next = workloads.get(current).and_then(|workload| {
            workload.depends_on.iter().map(|edge| edge.workload.as_str()).find(|target| blocked(target))
        });
        match next {
            Some(next) => current = next,
            None => return,
        }
    }
    let circle: Vec<&str> = chain.iter().copied().skip_while(|name| *name != current).collect();
    let Some(first) = circle.first().and_then(|name| workloads.get(*name)) else { return };
    let mut finding = Diagnostic::error(
        codes::DEPENDENCY,
        format!("tasks wait for each other: {} → {current}", circle.join(" → ")),
    )
    .label(first.span, "this task");
    for name in circle.iter().skip(1) {
        if let Some(workload) = workloads.get(*name) {
            finding = finding.context(workload.span, "and this one");
        }
    }
    sink.push(
        finding
            .note("services that share a task start together, so what one waits for, all wait for")
            .help("remove one `depends_on`, or let the services have tasks of their own"),
    );
}
