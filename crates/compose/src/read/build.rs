//! `build` and `develop`.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Map;
use seaway_yaml::Node;

use super::container;
use super::lists;
use super::pairs;
use super::value;
use crate::Build;
use crate::Develop;
use crate::Watch;
use crate::interpolate::Variables;
use crate::loader::Loader;

/// Reads `build`.
pub(crate) fn build(node: &Node, variables: &Variables, loader: &Loader<'_>) -> Option<Build> {
    let empty = Map::default();
    let map = node.as_map().unwrap_or(&empty);
    let list = |key| map.get(key).map(value::texts).unwrap_or_default();
    let context = match node.as_str() {
        Some(text) => Spanned::new(text.to_owned(), node.span),
        None => value::text(map, "context").unwrap_or_else(|| Spanned::new(".".to_owned(), node.span)),
    };
    let path = if is_remote(&context.value) {
        Utf8PathBuf::from(&context.value)
    } else {
        loader.path(&context.value, context.span)
    };
    Some(Build {
        span: node.span,
        context: Spanned::new(path, context.span),
        dockerfile: value::text(map, "dockerfile"),
        dockerfile_inline: value::text(map, "dockerfile_inline"),
        args: pairs::variables(map.get("args"), variables),
        target: value::text(map, "target"),
        additional_contexts: contexts(map, loader),
        cache_from: list("cache_from"),
        cache_to: list("cache_to"),
        entitlements: list("entitlements"),
        extra_hosts: pairs::hosts(map.get("extra_hosts")),
        isolation: value::text(map, "isolation"),
        labels: pairs::labels(map.get("labels")),
        network: value::text(map, "network"),
        no_cache: value::boolean(map, "no_cache"),
        no_cache_filter: list("no_cache_filter"),
        platforms: list("platforms"),
        privileged: value::boolean(map, "privileged"),
        provenance: value::text(map, "provenance"),
        pull: value::boolean(map, "pull"),
        sbom: value::text(map, "sbom"),
        secrets: lists::grants(map, "secrets"),
        shm_size: value::bytes(map, "shm_size"),
        ssh: ssh(map.get("ssh")),
        tags: list("tags"),
        ulimits: container::ulimits(map.get("ulimits")),
        extensions: value::extensions(map),
    })
}

/// Further contexts: folders are made absolute, all else (`https://…`, `docker-image://…`,
/// `service:…`) stays.
fn contexts(map: &Map, loader: &Loader<'_>) -> IndexMap<String, Spanned<String>> {
    let mut contexts = pairs::labels(map.get("additional_contexts"));
    for context in contexts.values_mut() {
        let text = &context.value;
        if !is_remote(text) && !text.starts_with("service:") && !text.starts_with("target:") {
            context.value = loader.path(text, context.span).into_string();
        }
    }
    contexts
}

/// `ssh`: `default`, a list of `id` or `id=path`, or a mapping.
fn ssh(node: Option<&Node>) -> IndexMap<String, Spanned<Option<String>>> {
    let Some(node) = node else {
        return IndexMap::new();
    };
    match node.as_str() {
        Some(text) => {
            let (id, path) = text.split_once('=').map_or((text, None), |(id, path)| (id, Some(path)));
            let value = Spanned::new(path.map(ToOwned::to_owned), node.span);
            std::iter::once((id.to_owned(), value)).collect()
        }
        None => pairs::variables(Some(node), &Variables::new()),
    }
}

/// Whether a build context is a repository or an archive elsewhere.
pub(crate) fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}

/// Reads `develop`.
pub(crate) fn develop(node: &Node, variables: &Variables, loader: &Loader<'_>) -> Option<Develop> {
    let map = node.as_map()?;
    let one = |item: &Node| {
        let map = item.as_map()?;
        let list = |key| map.get(key).map(value::texts).unwrap_or_default();
        Some(Watch {
            span: item.span,
            path: value::text(map, "path")
                .map(|path| Spanned::new(loader.path(&path.value, path.span), path.span)),
            action: value::text(map, "action"),
            target: value::text(map, "target"),
            exec: map.get("exec").and_then(|node| container::hook(node, variables)),
            include: list("include"),
            ignore: list("ignore"),
            initial_sync: value::boolean(map, "initial_sync").is_some_and(|sync| sync.value),
            extensions: value::extensions(map),
        })
    };
    let watch = map.get("watch").and_then(Node::as_seq).unwrap_or_default();
    Some(Develop {
        span: node.span,
        watch: watch.iter().filter_map(one).collect(),
        extensions: value::extensions(map),
    })
}
