//! `seaway synth`.

use camino::Utf8PathBuf;
use clap::Args;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;

/// Compile the Compose file to CloudFormation templates
///
/// Offline and deterministic: the same input gives the same bytes. Without `--out` one JSON
/// document with all stacks goes to stdout.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway synth -e production --out build/templates")]
pub(crate) struct SynthArgs {
    /// Folder to write `<environment>/<stack>.template.json`, `<stack>.parameters.json` and
    /// `stacks.json` to
    #[arg(long, value_name = "DIR")]
    out: Option<Utf8PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &SynthArgs) -> CommandResult {
    let (_, set) = context.stacks()?;
    let Some(out) = &args.out else {
        context.ui.data_json(&set.to_json());
        return Ok(exit::OK);
    };
    let folder = out.join(&set.environment);
    let failed = |path: &Utf8PathBuf, error: std::io::Error| {
        CommandError::new(exit::INTERNAL, format!("failed to write `{path}`: {error}"))
    };
    std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let files = set.files();
    // A stack that left the set must not stay behind and be deployed by hand later.
    for entry in folder.read_dir_utf8().map_err(|error| failed(&folder, error))?.flatten() {
        let name = entry.file_name();
        let ours = name.ends_with(".template.json") || name.ends_with(".parameters.json");
        if ours && !files.iter().any(|(file, _)| file == name) {
            std::fs::remove_file(entry.path()).map_err(|error| failed(&folder, error))?;
        }
    }
    for (name, text) in &files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    if context.ui.json() {
        context.ui.data_json(&files.iter().map(|(name, _)| folder.join(name)).collect::<Vec<_>>());
    } else {
        context.ui.status(&format!(
            "Wrote {} stacks of `{}` to {folder}.",
            set.stacks.len(),
            set.environment
        ));
    }
    Ok(exit::OK)
}
