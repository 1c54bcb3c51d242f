//! Which files make up the project (specification: 03-compose-file.md).

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;

use crate::Files;
use crate::LoadOptions;
use crate::codes;
use crate::interpolate::Variables;
use crate::paths;

/// Names that are looked for, the preferred first.
pub const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// The files of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Project directory, absolute.
    pub directory: Utf8PathBuf,
    /// Compose files in the order in which they are merged, absolute.
    pub files: Vec<Utf8PathBuf>,
}

/// Finds the project's files: those of `-f`, those of `COMPOSE_FILE`, or Compose's own names in the
/// working directory and its parents, with the override file beside. The overlay of the environment
/// comes last. `None` when there is nothing; the finding is in `sink`.
pub fn find(options: &LoadOptions, files: &dyn Files, sink: &mut Sink) -> Option<Location> {
    find_with(options, &options.variables, files, sink)
}

/// [`find`] with the variables of `.env` known.
pub(crate) fn find_with(
    options: &LoadOptions,
    variables: &Variables,
    files: &dyn Files,
    sink: &mut Sink,
) -> Option<Location> {
    let start = options.project_directory.as_ref().map_or_else(
        || options.working_directory.clone(),
        |directory| options.working_directory.join(directory),
    );
    let start = paths::absolute(&options.working_directory, start.as_str(), None);
    let mut named: Vec<Utf8PathBuf> = options.files.clone();
    if named.is_empty()
        && let Some(list) = variables.get("COMPOSE_FILE").filter(|list| !list.is_empty())
    {
        let separator = variables.get("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
        named = list.split(separator).filter(|name| !name.is_empty()).map(Utf8PathBuf::from).collect();
    }
    let mut list: Vec<Utf8PathBuf> =
        named.iter().map(|name| paths::absolute(&options.working_directory, name.as_str(), None)).collect();
    if list.is_empty() {
        list = discover(&start, files, sink)?;
    }
    let directory = match &options.project_directory {
        Some(_) => start,
        None => paths::folder(&list[0]),
    };
    if options.files.len() <= 1
        && let Some(environment) = &options.environment
    {
        list.extend(overlay(&list[0], environment, files));
    }
    Some(Location { directory, files: list })
}

fn discover(start: &Utf8Path, files: &dyn Files, sink: &mut Sink) -> Option<Vec<Utf8PathBuf>> {
    for folder in start.ancestors() {
        let found: Vec<_> =
            NAMES.iter().map(|name| folder.join(name)).filter(|path| files.exists(path)).collect();
        let Some(first) = found.first().cloned() else {
            continue;
        };
        if found.len() > 1 {
            let others: Vec<_> =
                found[1..].iter().map(|path| format!("`{}`", paths::shown(path, start))).collect();
            sink.push(
                Diagnostic::warning(
                    codes::NO_FILE,
                    format!(
                        "several Compose files: `{}` is used, {} is not",
                        paths::shown(&first, start),
                        others.join(", ")
                    ),
                )
                .help("name the one that is meant with `-f`, or remove the others"),
            );
        }
        let stem = first.file_stem().unwrap_or("compose");
        let overrides = ["yaml", "yml"].map(|extension| folder.join(format!("{stem}.override.{extension}")));
        let over = overrides.into_iter().find(|path| files.exists(path));
        return Some(std::iter::once(first).chain(over).collect());
    }
    sink.push(
        Diagnostic::error(
            codes::NO_FILE,
            format!("there is no Compose file in `{start}` or a folder above it"),
        )
        .note(format!("looked for {}", NAMES.join(", ")))
        .help("change to the folder of your project, or name a file with `-f`"),
    );
    None
}

/// `compose.<environment>.yaml` beside the first file, or with the stem of the first file.
fn overlay(first: &Utf8Path, environment: &str, files: &dyn Files) -> Option<Utf8PathBuf> {
    let stem = first.file_stem().unwrap_or("compose");
    ["compose", stem]
        .iter()
        .flat_map(|stem| ["yaml", "yml"].map(|extension| format!("{stem}.{environment}.{extension}")))
        .map(|name| first.with_file_name(name))
        .find(|path| files.exists(path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    struct Tree(BTreeSet<&'static str>);

    impl Files for Tree {
        fn read(&self, _: &Utf8Path) -> Result<Option<String>, String> {
            Ok(None)
        }

        fn exists(&self, path: &Utf8Path) -> bool {
            self.0.contains(path.as_str())
        }
    }

    fn run(tree: &[&'static str], change: impl FnOnce(&mut LoadOptions)) -> (Option<Location>, usize) {
        let mut options = LoadOptions { working_directory: "/p/sub".into(), ..LoadOptions::default() };
        change(&mut options);
        let mut sink = Sink::default();
        let found = find(&options, &Tree(tree.iter().copied().collect()), &mut sink);
        (found, sink.all().len())
    }

    #[test]
    fn files_are_found() {
        let at = |directory: &str, files: &[&str]| {
            Some(Location { directory: directory.into(), files: files.iter().map(Into::into).collect() })
        };
        assert_eq!(run(&["/p/sub/compose.yaml"], |_| {}), (at("/p/sub", &["/p/sub/compose.yaml"]), 0));
        assert_eq!(run(&["/p/compose.yml"], |_| {}), (at("/p", &["/p/compose.yml"]), 0));
        assert_eq!(
            run(&["/p/compose.yaml", "/p/compose.override.yaml"], |_| {}),
            (at("/p", &["/p/compose.yaml", "/p/compose.override.yaml"]), 0)
        );
        assert_eq!(
            run(&["/p/docker-compose.yml", "/p/compose.yaml"], |_| {}),
            (at("/p", &["/p/compose.yaml"]), 1)
        );
        assert_eq!(
            run(&["/p/compose.yaml", "/p/compose.prod.yaml"], |o| o.environment = Some("prod".into())),
            (at("/p", &["/p/compose.yaml", "/p/compose.prod.yaml"]), 0)
        );
        assert_eq!(
            run(&[], |o| o.files = vec!["../a.yaml".into(), "b.yaml".into()]),
            (at("/p", &["/p/a.yaml", "/p/sub/b.yaml"]), 0)
        );
        assert_eq!(
            run(&[], |o| {
                o.variables.insert("COMPOSE_FILE".into(), "a.yaml:b.yaml".into());
                o.project_directory = Some("/other".into());
            }),
            (at("/other", &["/p/sub/a.yaml", "/p/sub/b.yaml"]), 0)
        );
        assert_eq!(run(&[], |_| {}), (None, 1));
    }
}
