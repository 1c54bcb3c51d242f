//! What a command starts from: options, files, the environment and the cloud behind it.

use std::sync::Arc;

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_aws::AssumeRole;
use seaway_aws::AwsCloud;
use seaway_aws::Target;
use seaway_cloud::Cloud;
use seaway_compose::Disk;
use seaway_compose::LoadOptions;
use seaway_compose::Project;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::render;
use seaway_local::LocalCloud;
use seaway_local::LocalOptions;
use seaway_model::App;
use seaway_model::LOCAL;
use seaway_synth::StackSet;

use crate::args::GlobalArgs;
use crate::error::CommandError;
use crate::error::exit;
use crate::ui::Ui;

/// Everything that a command works with.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// Options of every command.
    pub(crate) global: GlobalArgs,
    /// Output.
    pub(crate) ui: Ui,
}

/// The files as they were read, and what was found in them.
pub(crate) struct Loaded {
    /// The Compose project.
    pub(crate) project: Option<Project>,
    /// The application in the environment.
    pub(crate) app: Option<App>,
    /// Its stacks.
    pub(crate) set: Option<StackSet>,
    /// Findings.
    pub(crate) sink: Sink,
    /// The files.
    pub(crate) sources: SourceMap,
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Only the Compose project.
    Project,
    /// The application model.
    App,
    /// The stacks.
    Stacks,
}

impl Context {
    /// Returns the context of these options.
    pub(crate) fn new(global: GlobalArgs) -> Self {
        let ui = Ui::new(&global);
        Context { global, ui }
    }

    /// Returns true when the environment is this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.global.env == LOCAL
    }

    /// Returns what the Compose files are loaded with.
    pub(crate) fn load_options(&self) -> Result<LoadOptions, CommandError> {
        let directory = std::env::current_dir().map_err(|error| {
            CommandError::new(exit::INPUT, format!("failed to read the current folder: {error}"))
        })?;
        let working_directory = Utf8PathBuf::from_path_buf(directory).map_err(|path| {
            CommandError::new(
                exit::INPUT,
                format!("the folder `{}` has a name that is not UTF-8", path.display()),
            )
        })?;
        let absolute = |path: &Utf8PathBuf| working_directory.join(path);
        Ok(LoadOptions {
            project_directory: self.global.project_directory.as_ref().map(absolute),
            files: self.global.files.clone(),
            environment: Some(self.global.env.clone()),
            project_name: self.global.project_name.clone(),
            profiles: self.global.profiles.clone(),
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect::<std::collections::BTreeMap<_, _>>()
                .into_iter()
                .collect::<IndexMap<_, _>>(),
            no_interpolate: false,
            working_directory,
        })
    }

    /// Loads as far as asked; findings are in the sink, none is printed.
    pub(crate) fn read(&self, options: &LoadOptions, depth: Depth) -> Loaded {
        let mut sources = SourceMap::default();
        let mut sink = Sink::default();
        let project = seaway_compose::load(options, &Disk, &mut sources, &mut sink);
        let mut app = None;
        let mut set = None;
        if depth != Depth::Project {
            app = project
                .as_ref()
                .and_then(|project| seaway_model::build(project, &self.global.env, &mut sink));
        }
        if depth == Depth::Stacks {
            set = app.as_ref().and_then(|app| seaway_synth::synth(app, &mut sink));
        }
        sink.sort();
        Loaded { project, app, set, sink, sources }
    }

    /// Prints the findings to stderr. Returns an error when one of them is.
    pub(crate) fn report(&self, loaded: &Loaded) -> Result<(), CommandError> {
        // What is only worth knowing is for `check`.
        let findings: Vec<_> =
            loaded.sink.all().iter().filter(|finding| finding.severity != Severity::Info).cloned().collect();
        if !findings.is_empty() {
            self.ui.prose_raw(&render::text(&findings, &loaded.sources, self.ui.color_stderr()));
        }
        if loaded.sink.has_errors() {
            let count = loaded.sink.count(Severity::Error);
            let plural = if count == 1 { "" } else { "s" };
            return Err(CommandError::new(
                exit::INPUT,
                format!("{count} error{plural} found; nothing was touched."),
            ));
        }
        Ok(())
    }

    /// Loads the Compose project, or prints what is wrong with it.
    pub(crate) fn project(&self) -> Result<Project, CommandError> {
        let loaded = self.read(&self.load_options()?, Depth::Project);
        self.report(&loaded)?;
        loaded.project.ok_or_else(no_finding)
    }

    /// Loads the application, or prints what is wrong with it.
    pub(crate) fn app(&self) -> Result<App, CommandError> {
        let loaded = self.read(&self.load_options()?, Depth::App);
        self.report(&loaded)?;
        loaded.app.ok_or_else(no_finding)
    }

    /// Loads the application without a word; `None` when something is wrong with it.
    pub(crate) fn app_if_sound(&self) -> Option<App> {
        let loaded = self.read(&self.load_options().ok()?, Depth::App);
        if loaded.sink.has_errors() { None } else { loaded.app }
    }

    /// Loads the application and its stacks, or prints what is wrong with them.
    pub(crate) fn stacks(&self) -> Result<(App, StackSet), CommandError> {
        let loaded = self.read(&self.load_options()?, Depth::Stacks);
        self.report(&loaded)?;
        match (loaded.app, loaded.set) {
            (Some(app), Some(set)) => Ok((app, set)),
            _ => Err(no_finding()),
        }
    }

    /// Returns the application's name: from the files where they load, so that `status` and the
    /// like work on a file that `up` would refuse only for its services.
    pub(crate) fn app_name(&self) -> Result<String, CommandError> {
        if let Some(name) = &self.global.project_name {
            return Ok(name.clone());
        }
        Ok(self.project()?.name.value)
    }

    /// Returns where the local environment lives.
    pub(crate) fn local_options(&self) -> Result<LocalOptions, CommandError> {
        let state_dir = match &self.global.state_dir {
            Some(dir) => std::path::absolute(dir)
                .ok()
                .and_then(|path| Utf8PathBuf::from_path_buf(path).ok())
                .ok_or_else(|| {
                    CommandError::new(exit::INPUT, format!("`{dir}` is not a usable state folder"))
                })?,
            None => default_state_dir()?,
        };
        let program =
            std::env::current_exe().ok().and_then(|path| Utf8PathBuf::from_path_buf(path).ok()).ok_or_else(
                || CommandError::new(exit::INTERNAL, "failed to find the path of the running program"),
            )?;
        let engine_host = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        let home = std::env::var("HOME").ok().filter(|home| !home.is_empty());
        Ok(LocalOptions { state_dir, engine_host, program, home })
    }

    /// Returns the cloud of the environment.
    pub(crate) async fn cloud(&self) -> Result<Arc<dyn Cloud>, CommandError> {
        if !self.is_local() {
            return Ok(Arc::new(AwsCloud::connect(&self.target()?).await?));
        }
        let options = self.local_options()?;
        Ok(Arc::new(LocalCloud::connect(&options).await?))
    }
}

impl Context {
    /// Returns the account and region of the environment. What the file does not say comes from
    /// the SDK's standard chain.
    fn target(&self) -> Result<Target, CommandError> {
        // The findings were reported when the command loaded the files for itself.
        let loaded = self.read(&self.load_options()?, Depth::App);
        let Some(app) = loaded.app else {
            self.report(&loaded)?;
            return Err(no_finding());
        };
        let role = app.environment.role.map(|role_arn| AssumeRole { role_arn, external_id: None });
        Ok(Target {
            region: app.environment.region,
            account: app.environment.account,
            roles: role.into_iter().collect(),
            app: app.name,
            env: app.environment.name,
            ..Target::default()
        })
    }
}

fn no_finding() -> CommandError {
    CommandError::new(exit::INTERNAL, "the files were refused without a finding; this is a bug of Seaway")
}

fn default_state_dir() -> Result<Utf8PathBuf, CommandError> {
    let from =
        |name: &str| std::env::var(name).ok().filter(|value| value.starts_with('/')).map(Utf8PathBuf::from);
    from("XDG_STATE_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("seaway"))
        .ok_or_else(|| {
            CommandError::new(
                exit::INPUT,
                "neither XDG_STATE_HOME nor HOME is set, so there is no place for state",
            )
            .hint("set SEAWAY_STATE_DIR to a folder of your own")
        })
}
