//! `include` (specification: 14-include.md), and the merging of several files.

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_diag::Diagnostic;
use seaway_diag::Span;
use seaway_yaml::Key;
use seaway_yaml::Map;
use seaway_yaml::Node;
use seaway_yaml::Value;

use crate::codes;
use crate::interpolate::Variables;
use crate::loader::Loader;
use crate::merge;
use crate::paths;

/// Sections whose entries an included file may define, but not anew.
const SECTIONS: [&str; 6] = ["services", "networks", "volumes", "secrets", "configs", "models"];

/// A file to be read, with the place that names it.
pub(crate) type Wanted = (Utf8PathBuf, Option<Span>);

impl Loader<'_> {
    /// Reads files and merges them in order, each with what it includes and extends.
    /// `open` are the files that are being read, for circles.
    pub(crate) fn merged(
        &mut self,
        files: &[Wanted],
        base: &Utf8Path,
        variables: &Variables,
        open: &mut Vec<Utf8PathBuf>,
    ) -> Option<Node> {
        let mut merged: Option<Node> = None;
        for (path, wanted) in files {
            let Some(mut tree) = self.tree(path, base, variables, *wanted, codes::NO_FILE) else {
                continue;
            };
            open.push(path.clone());
            self.include(&mut tree, base, variables, open);
            open.pop();
            self.extend(&mut tree, path, variables, merged.as_ref());
            merged = Some(match merged {
                Some(before) => merge::files(before, tree),
                None => tree,
            });
        }
        merged
    }

    fn include(
        &mut self,
        tree: &mut Node,
        base: &Utf8Path,
        variables: &Variables,
        open: &mut Vec<Utf8PathBuf>,
    ) {
        let Value::Map(map) = &mut tree.value else {
            return;
        };
        let Some(entry) = map.remove("include") else {
            return;
        };
        for item in entry.value.as_seq().unwrap_or_default() {
            let field = |key| item.as_map().and_then(|map| map.get(key));
            let list = |node: Option<&Node>| -> Vec<(String, Span)> {
                let Some(node) = node else {
                    return Vec::new();
                };
                let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
                items.iter().filter_map(|one| Some((one.as_str()?.to_owned(), one.span))).collect()
            };
            let named = if item.as_str().is_some() { list(Some(item)) } else { list(field("path")) };
            let files: Vec<Wanted> =
                named.iter().map(|(name, span)| (paths::absolute(base, name, None), Some(*span))).collect();
            let Some((first, _)) = files.first() else {
                continue;
            };
            if let Some((path, span)) = files.iter().find(|(path, _)| open.contains(path)) {
                let chain: Vec<_> = open
                    .iter()
                    .skip_while(|open| *open != path)
                    .chain(std::iter::once(path))
                    .map(|path| paths::shown(path, &self.options.working_directory))
                    .collect();
                let finding = Diagnostic::error(codes::INCLUDE_CYCLE, "files include each other in a circle")
                    .note(chain.join(" → "))
                    .help("remove one of these includes");
                self.sink.push(match span {
                    Some(span) => finding.label(*span, "this file is being read already"),
                    None => finding,
                });
                continue;
            }
            let folder = match field("project_directory").and_then(Node::as_str) {
                Some(folder) => paths::absolute(base, folder, None),
                None => paths::folder(first),
            };
            let env_files = list(field("env_file"));
            let mut own = variables.clone();
            if env_files.is_empty() {
                own = self.env_variables(&folder.join(".env"), &own, None);
            }
            for (name, span) in env_files {
                own = self.env_variables(&paths::absolute(base, &name, None), &own, Some(span));
            }
            if let Some(included) = self.merged(&files, &folder, &own, open) {
                self.import(map, included);
            }
        }
    }

    /// Adds what an included file defines; `x-…` keys are merged below those of the including file.
    fn import(&mut self, map: &mut Map, included: Node) {
        let Value::Map(included) = included.value else {
            return;
        };
        for entry in included.into_entries() {
            let name = entry.key.text.as_str();
            if name.starts_with("x-") {
                let own = map.get(name).cloned();
                let value = match own {
                    Some(own) => merge::extension(entry.value, own),
                    None => entry.value,
                };
                map.insert(entry.key, value);
            } else if SECTIONS.contains(&name) {
                self.import_section(map, entry.key, entry.value);
            }
        }
    }

    fn import_section(&mut self, map: &mut Map, section: Key, value: Node) {
        if map.get(&section.text).is_none_or(Node::is_null) {
            map.insert(section, value);
            return;
        }
        let (Value::Map(more), Some(Node { value: Value::Map(own), .. })) =
            (value.value, map.get_mut(&section.text))
        else {
            return;
        };
        for entry in more.into_entries() {
            match own.entry(&entry.key.text) {
                Some(here) if here.value.same(&entry.value) => {}
                Some(here) => self.sink.push(
                    Diagnostic::error(
                        codes::INCLUDE_CONFLICT,
                        format!(
                            "`{}` in `{}` is defined here and in an included file",
                            entry.key.text, section.text
                        ),
                    )
                    .label(here.key.span, "defined here")
                    .context(entry.key.span, "and in the included file")
                    .note("which of the two is meant cannot be told")
                    .help("rename one, or change the included one in an override file"),
                ),
                None => {
                    own.insert(entry.key, entry.value);
                }
            }
        }
    }
}
