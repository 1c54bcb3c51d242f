//! The images of an application: predicted for a plan, built for a release.

use std::time::Instant;

use indexmap::IndexMap;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;
use seaway_engine::EventSink;
use seaway_image::BuildSpec;
use seaway_image::ImageError;
use seaway_model::App;
use seaway_model::Build;
use seaway_model::Image;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::exit;

/// Reads `SERVICE=REF`.
pub(crate) fn pin(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((service, reference)) if !service.is_empty() && !reference.is_empty() => {
            Ok((service.to_owned(), reference.to_owned()))
        }
        _ => Err(format!("`{text}` is not SERVICE=REF; write for example `web=registry.example.com/web:1`")),
    }
}

/// Checks that every pinned service is one of the application.
pub(crate) fn known(app: &App, pins: &[(String, String)]) -> Result<(), CommandError> {
    let containers = || app.workloads.values().flat_map(|workload| workload.containers.iter());
    let Some((unknown, _)) = pins.iter().find(|(name, _)| !containers().any(|one| one.name == *name)) else {
        return Ok(());
    };
    let names: Vec<&str> = containers().map(|container| container.name.as_str()).collect();
    Err(CommandError::unknown("service", unknown, &names))
}

/// A service that is built, and the name that its image has or will have.
struct Wanted<'a> {
    service: &'a str,
    spec: BuildSpec,
    reference: String,
}

/// Returns service → image reference, without building: the tag is the content hash.
pub(crate) fn predict(
    context: &Context,
    app: &App,
    pins: &IndexMap<String, String>,
) -> Result<IndexMap<String, String>, CommandError> {
    let mut images = pins.clone();
    for wanted in wanted(context, app, pins)? {
        images.insert(wanted.service.to_owned(), wanted.reference);
    }
    Ok(images)
}

/// Builds what is not there yet, one after another (the engine builds in parallel inside), and
/// returns service → image reference.
pub(crate) async fn build(
    context: &Context,
    app: &App,
    pins: &IndexMap<String, String>,
    events: &EventSink,
) -> Result<IndexMap<String, String>, CommandError> {
    let mut images = pins.clone();
    let wanted = wanted(context, app, pins)?;
    if wanted.is_empty() {
        return Ok(images);
    }
    let host = context.local_options()?.engine_host;
    let home = std::env::var("HOME").ok();
    let uid = rustix::process::getuid().as_raw();
    let docker = seaway_image::connect(host.as_deref(), home.as_deref(), uid)
        .await
        .map_err(|error| CommandError::new(exit::PREFLIGHT, error.to_string()).hint(error.hint()))?;
    for one in wanted {
        let tell = |level: Level, state: &str, milliseconds: Option<u64>| {
            events.emit(
                level,
                Phase::Build,
                Some(one.service),
                EventKind::Image {
                    service: one.service.to_owned(),
                    reference: one.reference.clone(),
                    state: state.to_owned(),
                    milliseconds,
                },
            );
        };
        let there = seaway_image::exists(&docker, &one.reference)
            .await
            .map_err(|error| CommandError::new(exit::PREFLIGHT, error.to_string()))?;
        if there {
            // What did not change is not worth a line on a terminal.
            tell(Level::Debug, "unchanged", None);
        } else {
            tell(Level::Info, "building", None);
            let started = Instant::now();
            let built = seaway_image::build(&docker, &one.spec, &one.reference, |_| {}).await;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).ok();
            if let Err(error) = built {
                tell(Level::Error, "failed", milliseconds);
                let output = match &error {
                    ImageError::Build { output, .. } => output.join("\n  "),
                    _ => String::new(),
                };
                let end = if output.is_empty() { String::new() } else { format!("\n  {output}") };
                return Err(CommandError::new(exit::PREFLIGHT, format!("{error}{end}"))
                    .hint("nothing was deployed; what runs is as it was"));
            }
            tell(Level::Info, "built", milliseconds);
        }
        images.insert(one.service.to_owned(), one.reference);
    }
    Ok(images)
}

fn wanted<'a>(
    context: &Context,
    app: &'a App,
    pins: &IndexMap<String, String>,
) -> Result<Vec<Wanted<'a>>, CommandError> {
    let instance = context.local_options()?.instance();
    let mut all = Vec::new();
    let mut failures = Vec::new();
    let mut unpushed = Vec::new();
    // Services often share a context: it is read once.
    let mut hashes: Vec<(BuildSpec, String)> = Vec::new();
    for container in app.workloads.values().flat_map(|workload| workload.containers.iter()) {
        let Image::Build(build) = &container.image else { continue };
        if pins.contains_key(&container.name) {
            continue;
        }
        let spec = spec(app, &container.name, build);
        if !context.is_local() {
            unpushed.push(container.name.clone());
            continue;
        }
        let nameless = BuildSpec { service: String::new(), ..spec.clone() };
        let known = hashes.iter().find(|(other, _)| *other == nameless).map(|(_, hash)| hash.clone());
        match known.map_or_else(|| seaway_image::content_hash(&spec), Ok) {
            Ok(hash) => {
                hashes.push((nameless, hash.clone()));
                let reference = seaway_image::local_tag(&instance, &app.name, &container.name, &hash);
                all.push(Wanted { service: container.name.as_str(), spec, reference });
            }
            Err(error) => failures.push(format!("the build context of `{}`: {error}", container.name)),
        }
    }
    if let Some(first) = unpushed.first() {
        return Err(CommandError::new(
            exit::INPUT,
            format!(
                "this version does not push to ECR, and these are built from source: {}.",
                unpushed.join(", ")
            ),
        )
        .hint(format!("push them yourself, then name each: --image {first}=REPOSITORY@sha256:…")));
    }
    if failures.is_empty() {
        return Ok(all);
    }
    Err(CommandError::new(exit::INPUT, format!("failed to read {}", failures.join("; ")))
        .hint("nothing was touched; the `context` and `dockerfile` under `build` say what is read"))
}

fn spec(app: &App, service: &str, build: &Build) -> BuildSpec {
    BuildSpec {
        app: app.name.clone(),
        service: service.to_owned(),
        context: build.context.clone(),
        dockerfile: build.dockerfile.clone(),
        dockerfile_inline: build.dockerfile_inline.clone(),
        args: build.args.clone(),
        target: build.target.clone(),
        platform: None,
    }
}
