//! From YAML text to a model, without a disk.

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_compose::Files;
use seaway_compose::LoadOptions;
use seaway_compose::Project;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_model::App;

/// One file in memory; folders are taken to be there.
struct Memory(String);

impl Files for Memory {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        Ok((path.file_name() == Some("compose.yaml")).then(|| self.0.clone()))
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        path.file_name() == Some("compose.yaml")
            || (path.extension().is_none() && !path.as_str().contains("/."))
    }
}

/// What came of a Compose file.
pub(crate) struct Outcome {
    pub(crate) project: Option<Project>,
    pub(crate) app: Option<App>,
    pub(crate) sink: Sink,
    pub(crate) sources: SourceMap,
}

/// Loads a Compose file and builds the model of an environment.
pub(crate) fn build(text: &str, environment: &str) -> Outcome {
    let folder = Utf8PathBuf::from("/work/app");
    let options = LoadOptions {
        working_directory: folder.clone(),
        project_directory: Some(folder),
        project_name: (!text.contains("name: ")).then(|| "app".to_owned()),
        ..LoadOptions::default()
    };
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    let project = seaway_compose::load(&options, &Memory(text.to_owned()), &mut sources, &mut sink);
    let app = project.as_ref().and_then(|project| seaway_model::build(project, environment, &mut sink));
    Outcome { project, app, sink, sources }
}
