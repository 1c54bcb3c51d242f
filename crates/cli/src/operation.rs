//! Running the engine: its events to a renderer, its outcome to words and an exit code.

use std::sync::Arc;

use jiff::Timestamp;
use seaway_cloud::Cloud;
use seaway_cloud::Outcome;
use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use seaway_cloud::event::Event;
use seaway_engine::Engine;
use seaway_engine::EngineError;
use seaway_engine::EventSink;
use seaway_engine::Finished;
use seaway_engine::Options;
use seaway_engine::SystemClock;
use seaway_model::App;
use seaway_model::SecretOrigin;
use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::args::MutatingArgs;
use crate::commands::plan;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::render;
use crate::ui::Tone;
use crate::ui::paint;

/// Returns an engine that only reads: its events go nowhere.
pub(crate) async fn reader(context: &Context) -> Result<Engine, CommandError> {
    let cloud = context.cloud().await?;
    let events = EventSink::new(Arc::new(SystemClock), |_| {});
    Ok(Engine::new(cloud, events, Options::default()))
}

/// Turns an engine's error into a command's.
pub(crate) fn failed(error: EngineError) -> CommandError {
    CommandError { code: error.exit_code(), message: Some(error.to_string()), hint: error.hint() }
}

/// An operation under way: events are rendered by a task of their own.
pub(crate) struct Operation {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// Where events of the command itself go.
    pub(crate) events: EventSink,
    renderer: tokio::task::JoinHandle<()>,
}

impl Operation {
    /// Starts rendering and returns the engine.
    pub(crate) fn start(
        context: &Context,
        cloud: Arc<dyn Cloud>,
        args: &MutatingArgs,
        allow: &[String],
    ) -> Self {
        let (events, receiver) = EventSink::channel();
        let options = Options {
            lock_wait: args.lock_wait,
            timeout: Some(args.timeout),
            allow_replace: allow.to_vec(),
            who: who(),
            commit: commit(),
            run_url: run_url(),
            // A second Ctrl-C within this time cancels and goes back.
            detach_grace: std::time::Duration::from_secs(2),
            dry_run: args.dry_run,
            pid: std::process::id(),
            run_id: format!("{}-{}", std::process::id(), Timestamp::now().as_nanosecond()),
            ..Options::default()
        };
        let renderer =
            if args.dry_run { render::silent() } else { render::renderer(&context.ui, args.events) };
        let renderer = tokio::spawn(render_all(renderer, receiver));
        let engine = Arc::new(Engine::new(cloud, events.clone(), options));
        Operation { engine, events, renderer }
    }

    /// Waits for the work while watching for Ctrl-C: the first detaches, the second rolls back.
    pub(crate) async fn drive(&self, work: impl Future<Output = Finished>) -> Finished {
        tokio::pin!(work);
        let mut presses = 0;
        loop {
            tokio::select! {
                finished = &mut work => return finished,
                _ = tokio::signal::ctrl_c() => {
                    presses += 1;
                    let interrupt = self.engine.interrupt();
                    if presses == 1 { interrupt.detach() } else { interrupt.cancel() }
                }
            }
        }
    }

    /// Waits until all events are shown.
    pub(crate) async fn end(self) {
        let Operation { engine, events, renderer } = self;
        // The renderer stops when the last sender is gone.
        drop(engine);
        drop(events);
        let _ = renderer.await;
    }
}

async fn render_all(mut renderer: Box<dyn render::Renderer>, mut events: mpsc::UnboundedReceiver<Event>) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => renderer.event(&event),
                None => break,
            },
            _ = ticks.tick() => renderer.tick(),
        }
    }
    renderer.finish();
}

/// Says how it ended and what to do next; returns the exit code.
///
/// `command` is what to type to join again what was left, without the options of every command.
pub(crate) fn conclude(
    context: &Context,
    args: &MutatingArgs,
    command: &str,
    finished: &Finished,
) -> CommandResult {
    let ui = &context.ui;
    if args.dry_run && finished.exit_code == exit::OK {
        conclude_dry(context, finished);
        return Ok(finished.exit_code);
    }
    let dossier = finished.dossier.as_ref().and_then(|dossier| {
        let path = match context.local_options() {
            Ok(options) => options.state_dir.join("dossiers"),
            Err(_) => return None,
        };
        write_dossier(&path, &dossier.to_text()).ok()
    });
    if ui.json() && !args.events {
        ui.data_json(&serde_json::json!({
            "outcome": finished.outcome,
            "exit_code": finished.exit_code,
            "summary": finished.summary,
            "release": finished.release,
            "urls": finished.urls,
            "error": finished.error,
            "plan": finished.plan,
            "dossier": finished.dossier,
            "dossier_file": dossier,
        }));
    }
    if let Some(dossier) = &finished.dossier {
        ui.prose_raw(&format!("\n{}\n", dossier.to_text()));
    }
    if let Some(path) = &dossier {
        ui.status(&format!("This report is also in {path}."));
    }
    let tone = match finished.outcome {
        Outcome::Serving => Tone::Good,
        Outcome::Detached | Outcome::TimedOut | Outcome::InProgress => Tone::Busy,
        _ => Tone::Bad,
    };
    if finished.error.is_some() {
        ui.error(&finished.summary, None);
    } else {
        ui.status(&paint(ui.color_stderr(), tone, &finished.summary));
    }
    if let Some(hint) = finished.error.as_ref().and_then(EngineError::hint) {
        ui.hint(&hint);
    }
    for (workload, url) in &finished.urls {
        ui.status(&format!("  {workload}  {}", paint(ui.color_stderr(), Tone::Strong, url)));
    }
    for next in next_steps(context, command, finished) {
        ui.status(&format!("  {next}"));
    }
    Ok(finished.exit_code)
}

/// Says what would be done: the plan is data where there is one.
fn conclude_dry(context: &Context, finished: &Finished) {
    let ui = &context.ui;
    match &finished.plan {
        Some(plan) if ui.json() => ui.data_json(plan),
        Some(plan) => ui.data(&plan::text(plan, ui.color_stdout(), false)),
        None if ui.json() => {
            ui.data_json(&serde_json::json!({ "dry_run": true, "summary": finished.summary }))
        }
        None => ui.status(&finished.summary),
    }
}

fn next_steps(context: &Context, command: &str, finished: &Finished) -> Vec<String> {
    let flags = flags(context);
    match finished.outcome {
        Outcome::Detached | Outcome::TimedOut => vec![
            format!("Watch it:      seaway status{flags} --watch"),
            format!("Join it again: seaway {command}{flags}"),
        ],
        // What never began has left no trace to look at.
        Outcome::RolledBack | Outcome::Failed if finished.dossier.is_some() => {
            let workload = finished.dossier.as_ref().and_then(|dossier| dossier.workload.as_deref());
            let workload = workload.map(|name| format!(" {name}")).unwrap_or_default();
            vec![
                format!("Its logs:      seaway logs{workload}{flags} --tail 50"),
                format!("What runs now: seaway status{flags}"),
            ]
        }
        Outcome::Serving if !finished.urls.is_empty() => {
            vec![format!("What runs: seaway status{flags}   Its logs: seaway logs{flags} --follow")]
        }
        _ => Vec::new(),
    }
}

/// Returns the user's own options as they would be typed again.
pub(crate) fn flags(context: &Context) -> String {
    let global = &context.global;
    let mut flags = String::new();
    if !context.is_local() {
        flags.push_str(&format!(" -e {}", global.env));
    }
    for file in &global.files {
        flags.push_str(&format!(" -f {file}"));
    }
    if let Some(directory) = &global.project_directory {
        flags.push_str(&format!(" --project-directory {directory}"));
    }
    if let Some(name) = &global.project_name {
        flags.push_str(&format!(" -p {name}"));
    }
    flags
}

fn write_dossier(folder: &camino::Utf8Path, text: &str) -> std::io::Result<camino::Utf8PathBuf> {
    use std::io::Write;
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ").to_string();
    let path = folder.join(format!("{stamp}.txt"));
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

/// Returns the secrets of an application with where their values come from on this machine.
/// None for AWS: there the values are in the account, and those of this machine must never
/// replace them by the way.
pub(crate) fn secrets(app: &App) -> Vec<SecretValue> {
    if !app.environment.is_local() {
        return Vec::new();
    }
    let value = |origin: &SecretOrigin| match origin {
        SecretOrigin::File(path) => Some(SecretSource::File(path.to_string())),
        SecretOrigin::Variable(name) => {
            std::env::var(name).ok().map(|value| SecretSource::Value(SecretString::from(value)))
        }
        SecretOrigin::External => None,
    };
    app.secrets
        .values()
        .filter_map(|secret| {
            Some(SecretValue { name: secret.store_name.clone(), source: value(&secret.origin)? })
        })
        .collect()
}

/// Hands over the values of secrets that come from this shell: a background process that was
/// started anew does not have them. A file that cannot be read any more is no hindrance here.
pub(crate) async fn put_secrets(context: &Context, cloud: &dyn Cloud) -> Result<(), CommandError> {
    if let Some(app) = context.app_if_sound() {
        cloud.put_secrets(&secrets(&app)).await?;
    }
    Ok(())
}

/// Warns of secrets of the application that have no value here.
pub(crate) fn warn_of_missing_secrets(context: &Context, app: &App, given: &[SecretValue]) {
    if !app.environment.is_local() {
        return;
    }
    for secret in app.secrets.values() {
        if given.iter().any(|value| value.name == secret.store_name) {
            continue;
        }
        let used = app.workloads.values().any(|workload| {
            workload
                .containers
                .iter()
                .any(|container| container.secrets.values().any(|name| *name == secret.name))
        });
        if !used {
            continue;
        }
        let reason = match &secret.origin {
            SecretOrigin::Variable(name) => format!("the environment variable {name} is not set"),
            SecretOrigin::File(path) => format!("the file {path} is not there"),
            SecretOrigin::External => {
                "it is `external`, and nothing on this machine gives it a value".to_owned()
            }
        };
        context.ui.warning(&format!(
            "secret `{}` has no value: {reason}; tasks that need it will not start.",
            secret.name
        ));
    }
}

fn who() -> String {
    let named = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let user = named.unwrap_or_else(|| match rustix::process::getuid().as_raw() {
        0 => "root".to_owned(),
        uid => format!("uid {uid}"),
    });
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{user}@{host}")
}

/// Returns the commit of the working folder, if it is one.
fn commit() -> Option<String> {
    let output = std::process::Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Returns the address of the CI run, from the variables of the usual systems.
fn run_url() -> Option<String> {
    let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let (Some(server), Some(repository), Some(run)) =
        (get("GITHUB_SERVER_URL"), get("GITHUB_REPOSITORY"), get("GITHUB_RUN_ID"))
    {
        return Some(format!("{server}/{repository}/actions/runs/{run}"));
    }
    get("CI_JOB_URL").or_else(|| get("CIRCLE_BUILD_URL")).or_else(|| get("BUILD_URL"))
}

/// Returns a confirmation, or the error of a declined one.
pub(crate) fn confirm(context: &Context, yes: bool, question: &str) -> Result<(), CommandError> {
    use std::io::IsTerminal;
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::new(exit::DECLINED, format!("{question} Nobody is there to ask."))
            .hint("add `--yes` where that is meant"));
    }
    if context.ui.confirm(question) {
        Ok(())
    } else {
        Err(CommandError::new(exit::DECLINED, "declined; nothing was touched."))
    }
}
