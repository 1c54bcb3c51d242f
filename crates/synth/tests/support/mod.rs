//! From YAML text to stacks, without a disk.

#[allow(dead_code, reason = "not every test file makes edges")]
pub(crate) mod edges;

use std::collections::BTreeMap;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_compose::Files;
use seaway_compose::LoadOptions;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::render;
use seaway_model::App;
use seaway_synth::StackSet;

/// Files in memory.
struct Memory(BTreeMap<Utf8PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        Ok(self.0.get(path).cloned())
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        // Build contexts are folders; those are taken to be there.
        self.0.contains_key(path) || (path.extension().is_none() && !path.as_str().contains("/."))
    }
}

/// The fixtures of `tests/fixtures`: name, text and the environments to synthesise.
pub(crate) const FIXTURES: &[(&str, &str, &[&str])] = &[
    ("web", include_str!("../fixtures/web.yaml"), &["local"]),
    ("shop", include_str!("../fixtures/shop.yaml"), &["local", "staging", "production"]),
    ("routes", include_str!("../fixtures/routes.yaml"), &["local"]),
    ("jobs", include_str!("../fixtures/jobs.yaml"), &["local"]),
    ("sidecar", include_str!("../fixtures/sidecar.yaml"), &["local"]),
    ("resources", include_str!("../fixtures/resources.yaml"), &["local", "production"]),
    ("databases", include_str!("../fixtures/databases.yaml"), &["local", "production"]),
    ("queues", include_str!("../fixtures/queues.yaml"), &["local"]),
];

/// Returns the text of a fixture.
#[allow(dead_code, clippy::unwrap_used, reason = "a helper of tests, not used by all of them")]
pub(crate) fn fixture(name: &str) -> &'static str {
    FIXTURES.iter().find(|(known, ..)| *known == name).unwrap().1
}

/// Returns the model of a Compose file, or everything that was found wrong with it, as text.
pub(crate) fn model(text: &str, environment: &str) -> Result<App, String> {
    model_beside(text, environment, &[])
}

/// The same with other files beside the Compose file.
fn model_beside(text: &str, environment: &str, beside: &[(&str, &str)]) -> Result<App, String> {
    let folder = Utf8PathBuf::from("/work/app");
    let mut files = Memory(BTreeMap::from([(folder.join("compose.yaml"), text.to_owned())]));
    files.0.extend(beside.iter().map(|(name, text)| (folder.join(name), (*text).to_owned())));
    let options = LoadOptions {
        working_directory: folder.clone(),
        project_directory: Some(folder),
        environment: Some(environment.to_owned()),
        ..LoadOptions::default()
    };
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    let app = seaway_compose::load(&options, &files, &mut sources, &mut sink)
        .and_then(|project| seaway_model::build(&project, environment, &mut sink));
    app.ok_or_else(|| render::text(sink.all(), &sources, false))
}

/// Returns the stacks of a Compose file, or what was found wrong with it.
pub(crate) fn stacks(text: &str, environment: &str) -> Result<StackSet, String> {
    let app = model(text, environment)?;
    let mut sink = Sink::default();
    seaway_synth::synth(&app, &mut sink).ok_or_else(|| format!("{:#?}", sink.all()))
}

/// The same with other files beside the Compose file.
#[allow(dead_code, reason = "not every test file needs other files")]
pub(crate) fn stacks_beside(
    text: &str,
    environment: &str,
    beside: &[(&str, &str)],
) -> Result<StackSet, String> {
    let app = model_beside(text, environment, beside)?;
    let mut sink = Sink::default();
    seaway_synth::synth(&app, &mut sink).ok_or_else(|| format!("{:#?}", sink.all()))
}
