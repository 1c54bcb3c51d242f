//! Reading of files: each once, with its findings and the folder that its paths start from.

use std::collections::BTreeMap;
use std::rc::Rc;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_diag::Diagnostic;
use seaway_diag::FileId;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::Span;
use seaway_yaml::Node;
use seaway_yaml::Value;

use crate::EnvFormat;
use crate::Files;
use crate::LoadOptions;
use crate::check;
use crate::codes;
use crate::dotenv;
use crate::interpolate::Interpolation;
use crate::interpolate::Unset;
use crate::interpolate::Variables;
use crate::paths;
use crate::schema;
use crate::variables;
use crate::variables::VariableUses;

/// What all steps of one load share.
pub(crate) struct Loader<'a> {
    pub(crate) options: &'a LoadOptions,
    pub(crate) files: &'a dyn Files,
    pub(crate) sources: &'a mut SourceMap,
    pub(crate) sink: &'a mut Sink,
    /// Variables that are not set, with their places.
    pub(crate) unset: Unset,
    /// Variables that the files use.
    pub(crate) uses: VariableUses,
    /// Folder that the relative paths of a file start from.
    pub(crate) bases: BTreeMap<FileId, Utf8PathBuf>,
    /// Compose files that were read, as named to the user.
    pub(crate) names: Vec<String>,
    /// Trees of files that are extended from, by path.
    pub(crate) extended: BTreeMap<Utf8PathBuf, Option<Rc<Node>>>,
}

impl Loader<'_> {
    /// Returns the text of a file; pushes a finding when it cannot be read or is not there.
    /// `wanted` is the place that names it.
    fn text(&mut self, path: &Utf8Path, wanted: Option<Span>, code: &'static str) -> Option<String> {
        let shown = paths::shown(path, &self.options.working_directory);
        let finding = match self.files.read(path) {
            Ok(Some(text)) => return Some(text),
            Ok(None) => Diagnostic::error(code, format!("the file `{shown}` is not there"))
                .note(format!("looked at `{path}`"))
                .help("correct the path, or create the file"),
            Err(message) => {
                Diagnostic::error(codes::UNREADABLE, format!("the file `{shown}` cannot be read: {message}"))
                    .note(format!("looked at `{path}`"))
                    .help("it must be a readable text file in UTF-8")
            }
        };
        self.sink.push(match wanted {
            Some(span) => finding.label(span, "named here"),
            None => finding,
        });
        None
    }

    /// Reads, interpolates and checks a Compose file whose paths start from `base`.
    pub(crate) fn tree(
        &mut self,
        path: &Utf8Path,
        base: &Utf8Path,
        variables: &Variables,
        wanted: Option<Span>,
        code: &'static str,
    ) -> Option<Node> {
        let text = self.text(path, wanted, code)?;
        let name = paths::shown(path, &self.options.working_directory);
        let file = self.sources.add(name.clone(), text);
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        self.bases.insert(file, base.to_path_buf());
        let mut root = seaway_yaml::parse(file, self.sources, self.sink)?;
        if root.is_null() {
            self.sink.push(
                Diagnostic::error(codes::NO_SERVICES, "the file is empty")
                    .label(root.span, "nothing is here")
                    .help("a Compose file starts with `services:`"),
            );
            return None;
        }
        variables::collect(&root, self.sources, &mut self.uses);
        if !self.options.no_interpolate {
            self.interpolate(&mut root, base, variables);
        }
        check::check(&root, &schema::FILE, self.options.no_interpolate, self.sources, self.sink);
        root.as_map().is_some().then_some(root)
    }

    /// Interpolates a file: `name` first, then all else, which can use `COMPOSE_PROJECT_NAME`.
    fn interpolate(&mut self, root: &mut Node, base: &Utf8Path, variables: &Variables) {
        let mut variables = variables.clone();
        let nothing = Node { span: root.span, tag: None, value: Value::Null };
        let mut name = match &mut root.value {
            Value::Map(map) => map.get_mut("name").map(|place| std::mem::replace(place, nothing)),
            _ => None,
        };
        if let Some(name) = &mut name {
            self.replace(name, &variables);
        }
        if !variables.contains_key("COMPOSE_PROJECT_NAME") {
            let given = self.options.project_name.clone();
            let written = || name.as_ref().and_then(Node::as_str).map(ToOwned::to_owned);
            let name = given.or_else(written).unwrap_or_else(|| default_name(base));
            variables.insert("COMPOSE_PROJECT_NAME".to_owned(), name);
        }
        self.replace(root, &variables);
        if let (Value::Map(map), Some(name)) = (&mut root.value, name)
            && let Some(place) = map.get_mut("name")
        {
            *place = name;
        }
    }

    fn replace(&mut self, node: &mut Node, variables: &Variables) {
        Interpolation { variables, sources: self.sources, unset: &mut self.unset, sink: self.sink }
            .apply(node, false);
    }

    /// Returns `variables` over those of an env file. A file that is not there is passed over when
    /// it is not `wanted` by name.
    pub(crate) fn env_variables(
        &mut self,
        path: &Utf8Path,
        variables: &Variables,
        wanted: Option<Span>,
    ) -> Variables {
        if wanted.is_none() && !self.files.exists(path) {
            return variables.clone();
        }
        let mut out = variables.clone();
        for assignment in self.env_file(path, variables, wanted, EnvFormat::Compose) {
            if let Some(value) = assignment.value {
                // The shell wins; of two lines in the file the last.
                if !variables.contains_key(&assignment.name) {
                    out.insert(assignment.name, value);
                }
            }
        }
        out
    }

    /// Reads an env file.
    pub(crate) fn env_file(
        &mut self,
        path: &Utf8Path,
        variables: &Variables,
        wanted: Option<Span>,
        format: EnvFormat,
    ) -> Vec<dotenv::Assignment> {
        let Some(text) = self.text(path, wanted, codes::ENV_FILE_MISSING) else {
            return Vec::new();
        };
        let name = paths::shown(path, &self.options.working_directory);
        dotenv::read(&name, &text, variables, format, self.sources, self.sink)
    }

    /// Resolves a path written at `span`.
    pub(crate) fn path(&self, text: &str, span: Span) -> Utf8PathBuf {
        let home = self.options.variables.get("HOME").map(String::as_str);
        match self.bases.get(&span.file) {
            Some(base) => paths::absolute(base, text, home),
            None => paths::absolute(&self.options.working_directory, text, home),
        }
    }
}

/// The project name that a folder gives (specification: 04-version-and-name.md).
pub(crate) fn default_name(directory: &Utf8Path) -> String {
    let name: String = directory
        .file_name()
        .unwrap_or_default()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        .collect();
    let name = name.trim_start_matches(['-', '_']);
    if name.is_empty() { "default".to_owned() } else { name.to_owned() }
}
