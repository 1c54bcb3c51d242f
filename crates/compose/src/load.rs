//! The steps of a load, in the order of the specification.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Diagnostic;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Node;

use crate::EnvFile;
use crate::EnvFormat;
use crate::Files;
use crate::LoadOptions;
use crate::Project;
use crate::codes;
use crate::conflicts;
use crate::interpolate;
use crate::interpolate::Unset;
use crate::interpolate::Variables;
use crate::loader::Loader;
use crate::loader::default_name;
use crate::locate;
use crate::merge;
use crate::paths;
use crate::profiles;
use crate::read;
use crate::validate;
use crate::variables::VariableUses;

/// The file beside the Compose file whose text is handed on in [`Project::beside`].
pub const LOOKUPS: &str = "seaway.lookups.json";

/// What a load gives.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The project; `None` when a finding is an error, or when nothing was to be interpolated.
    pub project: Option<Project>,
    /// The merged tree before normalisation: all files, included and extended, resets applied.
    pub merged: Option<Node>,
    /// Variables that the files use.
    pub variables: VariableUses,
}

/// Loads a project. Every finding of every file goes to `sink`; `None` when one is an error.
///
/// Values of secrets are never read: of a secret only the name, the path or the variable's name.
pub fn load(
    options: &LoadOptions,
    files: &dyn Files,
    sources: &mut SourceMap,
    sink: &mut Sink,
) -> Option<Project> {
    load_all(options, files, sources, sink).project
}

/// Loads a project like [`load`], and returns what its files say before they are normalised too.
/// With [`LoadOptions::no_interpolate`] there is no project: a number may still be `${REPLICAS}`.
pub fn load_all(
    options: &LoadOptions,
    files: &dyn Files,
    sources: &mut SourceMap,
    sink: &mut Sink,
) -> Loaded {
    let errors = sink.count(Severity::Error);
    let mut loader = Loader {
        options,
        files,
        sources,
        sink,
        unset: Unset::new(),
        uses: VariableUses::new(),
        bases: BTreeMap::new(),
        names: Vec::new(),
        extended: BTreeMap::new(),
    };
    let (project, merged) = match steps(&mut loader) {
        Some((project, merged)) => (project, Some(merged)),
        None => (None, None),
    };
    let unset = std::mem::take(&mut loader.unset);
    let variables = std::mem::take(&mut loader.uses);
    interpolate::warn_unset(&unset, sink);
    let good = sink.count(Severity::Error) == errors;
    Loaded { project: project.filter(|_| good), merged: merged.filter(|_| good), variables }
}

fn steps(loader: &mut Loader<'_>) -> Option<(Option<Project>, Node)> {
    let options = loader.options;
    // `.env` may name the files themselves, so that of the starting folder comes first.
    let start = options.project_directory.clone().unwrap_or_else(|| options.working_directory.clone());
    let start = paths::absolute(&options.working_directory, start.as_str(), None);
    let mut before = options.variables.clone();
    if options.files.is_empty() && !before.contains_key("COMPOSE_FILE") {
        before = loader.env_variables(&start.join(".env"), &before, None);
    }
    let location = locate::find_with(options, &before, loader.files, loader.sink)?;
    let directory = location.directory;
    let variables = if directory == start && before.len() > options.variables.len() {
        before
    } else {
        loader.env_variables(&directory.join(".env"), &options.variables, None)
    };

    let wanted: Vec<_> = location.files.into_iter().map(|path| (path, None)).collect();
    let mut root = loader.merged(&wanted, &directory, &variables, &mut Vec::new())?;
    let more: Vec<_> = environment_files(&root, options.environment.as_deref())
        .into_iter()
        .map(|file| (loader.path(&file.value, file.span), Some(file.span)))
        .collect();
    if !more.is_empty()
        && let Some(over) = loader.merged(&more, &directory, &variables, &mut Vec::new())
    {
        root = merge::files(root, over);
    }
    merge::clean(&mut root);

    let name = project_name(&root, loader, &variables, &directory);
    obsolete(&root, loader.sink);
    if options.no_interpolate {
        return Some((None, root));
    }
    let mut project = read::read(&root, name, directory, &variables, loader);
    for (name, value) in &variables {
        if !options.variables.contains_key(name) {
            project.dotenv.insert(name.clone(), value.clone());
        }
    }
    conflicts::check(&root, loader.sink);
    validate::families(&mut project, loader.sink);
    validate::references(&project, loader.sources, loader.sink);
    profiles::apply(&mut project, &active_profiles(options, &variables), loader.sink);
    for service in project.services.values_mut() {
        let below = env_file_values(loader, &service.env_file, &variables);
        if !below.is_empty() {
            read::below(service, below);
        }
        let below = label_file_values(loader, &service.label_file);
        if !below.is_empty() {
            read::labels_below(service, below);
        }
    }
    validate::project(&project, &validate::broken(&root), loader);
    project.files.clone_from(&loader.names);
    let lookups = project.directory.join(LOOKUPS);
    if loader.files.exists(&lookups)
        && let Ok(Some(text)) = loader.files.read(&lookups)
    {
        project.beside.insert(LOOKUPS.to_owned(), text);
    }
    let mut wanted = Vec::new();
    project.extensions.values().for_each(|extension| from_files(&extension.node, &mut wanted));
    for name in wanted {
        let path = paths::absolute(&project.directory, &name, None);
        // Whoever uses it says that it is missing, and what for it is.
        if let Ok(Some(text)) = loader.files.read(&path) {
            project.beside.insert(name, text);
        }
    }
    Some((Some(project), root))
}

/// Collects the files that extensions name with `FromFile`.
fn from_files(node: &Node, found: &mut Vec<String>) {
    if let Some(map) = node.as_map() {
        for entry in map.iter() {
            match entry.value.as_str() {
                Some(name) if entry.key.text == "FromFile" => found.push(name.to_owned()),
                _ => from_files(&entry.value, found),
            }
        }
    }
    node.as_seq().unwrap_or_default().iter().for_each(|item| from_files(item, found));
}

/// The files that `x-environments.<name>.Files` (or `files`) lists.
fn environment_files(root: &Node, environment: Option<&str>) -> Vec<Spanned<String>> {
    let entry = || {
        let all = root.as_map()?.get("x-environments")?.as_map()?;
        let own = all.get(environment?)?.as_map()?;
        own.get("Files").or_else(|| own.get("files"))
    };
    let items = entry().and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter_map(|item| Some(Spanned::new(item.as_str()?.to_owned(), item.span))).collect()
}

/// By precedence: `--project-name`, `COMPOSE_PROJECT_NAME`, `name`, the folder.
fn project_name(
    root: &Node,
    loader: &mut Loader<'_>,
    variables: &Variables,
    directory: &Utf8PathBuf,
) -> Spanned<String> {
    let written = root.as_map().and_then(|map| map.get("name")).filter(|node| node.as_str().is_some());
    let (given, span): (Option<String>, Option<Span>) = match (
        loader.options.project_name.as_ref().or_else(|| variables.get("COMPOSE_PROJECT_NAME")),
        written,
    ) {
        (Some(name), _) => (Some(name.clone()), None),
        (None, Some(node)) => (node.as_str().map(ToOwned::to_owned), Some(node.span)),
        (None, None) => (None, None),
    };
    let name = given.unwrap_or_else(|| default_name(directory));
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(good) || name.starts_with(['-', '_']) {
        let finding = Diagnostic::error(codes::NAME_INVALID, format!("`{name}` cannot be a project name"))
            .note("the name becomes part of the names of stacks, repositories and logs")
            .help("use lower-case letters, digits, `-` and `_`, and start with a letter or digit");
        let repaired: String = name.to_lowercase().chars().map(|c| if good(c) { c } else { '-' }).collect();
        let repaired = repaired.trim_matches(['-', '_']).to_owned();
        loader.sink.push(match span {
            Some(span) if repaired.is_empty() => finding.label(span, "this name"),
            Some(span) => finding.label(span, "this name").fix(span, repaired),
            None => finding,
        });
    }
    Spanned::new(name, span.unwrap_or(Span { end: root.span.start, ..root.span }))
}

fn obsolete(root: &Node, sink: &mut Sink) {
    if let Some(entry) = root.as_map().and_then(|map| map.entry("version")) {
        sink.push(
            Diagnostic::info(codes::OBSOLETE_KEY, "`version` has no effect")
                .label(entry.key.span, "the specification has no versions any more")
                .help("remove the line"),
        );
    }
}

fn active_profiles(options: &LoadOptions, variables: &Variables) -> Vec<String> {
    if !options.profiles.is_empty() {
        return options.profiles.clone();
    }
    let list = variables.get("COMPOSE_PROFILES").map_or("", String::as_str);
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
}

fn env_file_values(
    loader: &mut Loader<'_>,
    files: &[EnvFile],
    variables: &Variables,
) -> IndexMap<String, Spanned<Option<String>>> {
    let mut out = IndexMap::new();
    for file in files {
        if !file.required && !loader.files.exists(&file.path) {
            continue;
        }
        for assignment in loader.env_file(&file.path, variables, Some(file.span), file.format) {
            out.insert(assignment.name, Spanned::new(assignment.value, assignment.span));
        }
    }
    out
}

fn label_file_values(
    loader: &mut Loader<'_>,
    files: &[Spanned<Utf8PathBuf>],
) -> IndexMap<String, Spanned<String>> {
    let mut out = IndexMap::new();
    for file in files {
        for label in loader.env_file(&file.value, &Variables::new(), Some(file.span), EnvFormat::Compose) {
            out.insert(label.name, Spanned::new(label.value.unwrap_or_default(), label.span));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use proptest::prelude::*;

    use super::*;
    use crate::schema::SERVICE;

    struct One(String);

    impl Files for One {
        fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
            Ok((path == "/p/compose.yaml").then(|| self.0.clone()))
        }

        fn exists(&self, path: &Utf8Path) -> bool {
            path == "/p/compose.yaml"
        }
    }

    /// Loads; a project comes exactly when there is no error, and all findings can be shown.
    fn run(text: &str) -> bool {
        let options = LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() };
        let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
        let project = load(&options, &One(text.to_owned()), &mut sources, &mut sink);
        let _ = seaway_diag::render::text(sink.all(), &sources, false);
        assert_eq!(project.is_none(), sink.has_errors(), "{text}");
        if let Some(project) = &project {
            let printed = crate::to_yaml(project);
            let mut sink = Sink::default();
            let again = load(&options, &One(printed.clone()), &mut sources, &mut sink);
            assert!(again.is_some(), "{text}\n{printed}\n{:?}", sink.all());
        }
        project.is_some()
    }

    fn value() -> impl Strategy<Value = String> {
        let scalar = proptest::sample::select(vec![
            "", "a", "1", "-1", "0.5", "true", "5s", "1g", "80:80", "a:/b", "A=1", "${X}", "${X:?y}",
            "\"a b\"", "./x", "!reset x", "b",
        ]);
        let leaf = scalar.prop_map(ToOwned::to_owned);
        let keys = proptest::sample::select(vec![
            "a",
            "target",
            "type",
            "source",
            "context",
            "test",
            "resources",
            "limits",
            "cpus",
            "condition",
            "service",
            "path",
            "replicas",
            "x-y",
            "name",
        ]);
        leaf.prop_recursive(3, 12, 3, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::btree_map(keys.clone(), inner, 0..3).prop_map(|map| {
                    let pairs: Vec<_> = map.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                    format!("{{{}}}", pairs.join(", "))
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn any_service_is_read(fields in prop::collection::btree_map(0..SERVICE.len(), value(), 0..3)) {
            let mut text = "services:\n  a:\n    image: x\n".to_owned();
            for (index, value) in fields {
                if SERVICE[index].0 != "image" {
                    text += &format!("    {}: {value}\n", SERVICE[index].0);
                }
            }
            run(&text);
        }

        #[test]
        fn any_section_is_read(section in proptest::sample::select(vec!["name", "include", "services", "networks", "volumes", "secrets", "configs", "x-environments", "wat"]), value in value()) {
            run(&format!("{section}: {value}\nx-a: 1\n"));
        }
    }

    #[test]
    fn a_plain_service_is_read() {
        assert!(run("services: {a: {image: x}}\n"));
    }
}
