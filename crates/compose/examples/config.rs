//! Loads the project of a folder, or the files given, and prints it with all findings.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example is there to print")]

use seaway_compose::Disk;
use seaway_compose::LoadOptions;
use seaway_diag::Sink;
use seaway_diag::SourceMap;

fn main() {
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    let here = std::env::current_dir().ok().and_then(|path| path.try_into().ok()).unwrap_or_default();
    let mut options = LoadOptions { working_directory: here, ..LoadOptions::default() };
    options.variables = std::env::vars().collect();
    options.environment = options.variables.get("SEAWAY_ENV").cloned();
    options.files = std::env::args().skip(1).map(Into::into).collect();
    let project = seaway_compose::load(&options, &Disk, &mut sources, &mut sink);
    eprint!("{}", seaway_diag::render::text(sink.all(), &sources, false));
    match project {
        Some(project) => print!("{}", seaway_compose::to_yaml(&project)),
        None => std::process::exit(2),
    }
}
