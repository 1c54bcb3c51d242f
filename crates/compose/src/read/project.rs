//! The project.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Entry;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::service;
use super::value;
use crate::FileObject;
use crate::Network;
use crate::Project;
use crate::Service;
use crate::Volume;
use crate::interpolate::Variables;
use crate::loader::Loader;
use crate::scalar;

/// An `env_file` entry of a service.
pub(crate) struct EnvFile {
    /// Where it is.
    pub(crate) path: Utf8PathBuf,
    /// Place of the entry.
    pub(crate) span: Span,
    /// Whether it may be missing.
    pub(crate) required: bool,
}

/// What was read, before profiles and env files.
pub(crate) struct Read {
    /// The project with all services.
    pub(crate) project: Project,
    /// Env files by service.
    pub(crate) env_files: IndexMap<String, Vec<EnvFile>>,
}

/// Reads the merged tree.
pub(crate) fn read(
    root: &Node,
    name: Spanned<String>,
    directory: Utf8PathBuf,
    variables: &Variables,
    loader: &Loader<'_>,
) -> Read {
    let empty = Map::default();
    let map = root.as_map().unwrap_or(&empty);
    let mut services: IndexMap<String, Service> = IndexMap::new();
    let mut env_files = IndexMap::new();
    for entry in entries(map, "services") {
        services.insert(entry.key.text.clone(), service::service(entry, variables, loader));
        env_files.insert(entry.key.text.clone(), env_file(entry, loader));
    }
    let project = Project {
        name,
        directory,
        files: loader.names.clone(),
        services,
        volumes: section(map, "volumes", |key, map| Volume {
            span: key,
            name: given_name(map),
            external: external(map),
            extensions: value::extensions(map),
        }),
        networks: section(map, "networks", |key, map| Network {
            span: key,
            name: given_name(map),
            external: external(map),
            extensions: value::extensions(map),
        }),
        secrets: section(map, "secrets", |key, map| file_object(key, map, loader)),
        configs: section(map, "configs", |key, map| file_object(key, map, loader)),
        extensions: value::extensions(map),
    };
    Read { project, env_files }
}

fn entries<'a>(map: &'a Map, key: &str) -> impl Iterator<Item = &'a Entry> {
    map.get(key).and_then(Node::as_map).into_iter().flatten()
}

fn section<T>(map: &Map, key: &str, read: impl Fn(Span, &Map) -> T) -> IndexMap<String, T> {
    let empty = Map::default();
    entries(map, key)
        .map(|entry| {
            let map = entry.value.as_map().unwrap_or(&empty);
            (entry.key.text.clone(), read(entry.key.span, map))
        })
        .collect()
}

/// `external: true`, or the older `external: {name: x}`.
fn external(map: &Map) -> bool {
    map.get("external").is_some_and(|node| match node.as_str() {
        Some(text) => scalar::boolean(text) == Some(true),
        None => node.as_map().is_some(),
    })
}

fn given_name(map: &Map) -> Option<Spanned<String>> {
    value::text(map, "name")
        .or_else(|| map.get("external").and_then(Node::as_map).and_then(|map| value::text(map, "name")))
}

fn file_object(span: Span, map: &Map, loader: &Loader<'_>) -> FileObject {
    FileObject {
        span,
        name: given_name(map),
        file: value::text(map, "file")
            .map(|file| Spanned::new(loader.path(&file.value, file.span), file.span)),
        environment: value::text(map, "environment"),
        content: value::text(map, "content"),
        external: external(map),
        extensions: value::extensions(map),
    }
}

fn env_file(entry: &Entry, loader: &Loader<'_>) -> Vec<EnvFile> {
    let Some(node) = entry.value.as_map().and_then(|map| map.get("env_file")) else {
        return Vec::new();
    };
    let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
    let one = |item: &Node| {
        let (path, required) = match item.as_map() {
            Some(map) => (
                value::text(map, "path")?,
                value::boolean(map, "required").is_none_or(|required| required.value),
            ),
            None => (Spanned::new(item.as_str()?.to_owned(), item.span), true),
        };
        Some(EnvFile { path: loader.path(&path.value, path.span), span: path.span, required })
    };
    items.iter().filter_map(one).collect()
}
