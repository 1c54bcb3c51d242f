//! Which services take part (specification: 15-profiles.md).

use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;
use seaway_diag::nearest;

use crate::Project;
use crate::Service;
use crate::codes;

/// Drops the services of which no profile is active; `*` stands for all. Dependencies on a dropped
/// service are an error unless `required: false` says that it may be missing.
pub(crate) fn apply(project: &mut Project, active: &[String], sink: &mut Sink) {
    let known: IndexSet<String> = project
        .services
        .values()
        .flat_map(|service| &service.profiles)
        .map(|profile| profile.value.clone())
        .collect();
    project.profiles = known.iter().cloned().collect();
    for profile in active.iter().filter(|profile| *profile != "*" && !known.contains(*profile)) {
        let finding =
            Diagnostic::warning(codes::SERVICE_INACTIVE, format!("no service has the profile `{profile}`"));
        sink.push(match nearest(profile, known.iter().map(String::as_str)) {
            Some(name) => finding.help(format!("did you mean `{name}`?")),
            None => finding.help("give a service `profiles: [name]`"),
        });
    }
    let all = active.iter().any(|profile| profile == "*");
    let is_active = |service: &Service| {
        all || service.profiles.is_empty()
            || service.profiles.iter().any(|profile| active.contains(&profile.value))
    };
    let mut dropped: IndexMap<String, (Span, Vec<String>)> = IndexMap::new();
    project.services.retain(|name, service| {
        let keep = is_active(service);
        if !keep {
            let profiles = service.profiles.iter().map(|profile| profile.value.clone()).collect();
            dropped.insert(name.clone(), (service.name.span, profiles));
        }
        keep
    });
    let kept: IndexSet<String> = project.services.keys().cloned().collect();
    for service in project.services.values_mut() {
        let name = service.name.value.clone();
        service.depends_on.retain(|target, dependency| {
            if kept.contains(target) {
                return true;
            }
            // One that is nowhere was reported, or may be missing.
            let Some((gone, profiles)) = dropped.get(target) else {
                return false;
            };
            if dependency.required {
                sink.push(
                    Diagnostic::error(
                        codes::SERVICE_INACTIVE,
                        format!("`{name}` depends on `{target}`, whose profile is not active"),
                    )
                    .label(dependency.span, "needed here")
                    .context(*gone, format!("only in the profile {}", profiles.join(", ")))
                    .help(format!(
                        "activate it with `--profile {}`, or write `required: false`",
                        profiles.first().map_or("", String::as_str)
                    )),
                );
            }
            false
        });
    }
}
