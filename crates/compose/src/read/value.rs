//! Single values.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Map;
use seaway_yaml::Node;

use crate::Extension;
use crate::Extensions;
use crate::loader::Loader;
use crate::scalar;

pub(crate) fn text(map: &Map, key: &str) -> Option<Spanned<String>> {
    let node = map.get(key)?;
    Some(Spanned::new(node.as_str()?.to_owned(), node.span))
}

fn parsed<T>(map: &Map, key: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Spanned<T>> {
    let node = map.get(key)?;
    Some(Spanned::new(parse(node.as_str()?)?, node.span))
}

pub(crate) fn boolean(map: &Map, key: &str) -> Option<Spanned<bool>> {
    parsed(map, key, scalar::boolean)
}

pub(crate) fn duration(map: &Map, key: &str) -> Option<Spanned<f64>> {
    parsed(map, key, scalar::duration)
}

pub(crate) fn bytes(map: &Map, key: &str) -> Option<Spanned<u64>> {
    parsed(map, key, scalar::bytes)
}

pub(crate) fn whole(map: &Map, key: &str) -> Option<Spanned<u32>> {
    parsed(map, key, scalar::whole)
}

pub(crate) fn amount(map: &Map, key: &str) -> Option<Spanned<f64>> {
    parsed(map, key, scalar::amount)
}

pub(crate) fn number(map: &Map, key: &str) -> Option<Spanned<f64>> {
    parsed(map, key, |text| text.parse().ok().filter(|number: &f64| number.is_finite()))
}

/// A value that is kept as it was written.
pub(crate) fn plain(map: &Map, key: &str) -> Option<String> {
    text(map, key).map(|text| text.value)
}

/// Paths, absolute.
pub(crate) fn paths(node: Option<&Node>, loader: &Loader<'_>) -> Vec<Spanned<Utf8PathBuf>> {
    let texts = node.map(texts).unwrap_or_default();
    texts.into_iter().map(|text| Spanned::new(loader.path(&text.value, text.span), text.span)).collect()
}

/// The words of a command; a text is split as a shell would.
pub(crate) fn command(node: Option<&Node>) -> Option<Spanned<Vec<String>>> {
    let node = node.filter(|node| !node.is_null())?;
    let words = match node.as_str() {
        Some(text) => scalar::words(text).ok()?,
        None => texts(node).into_iter().map(|text| text.value).collect(),
    };
    Some(Spanned::new(words, node.span))
}

/// The texts of a text or a list of texts.
pub(crate) fn texts(node: &Node) -> Vec<Spanned<String>> {
    let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
    items.iter().filter_map(|item| Some(Spanned::new(item.as_str()?.to_owned(), item.span))).collect()
}

/// The `x-…` keys.
pub(crate) fn extensions(map: &Map) -> Extensions {
    kept(map, |key| key.starts_with("x-"))
}

/// The keys for which `keep` returns true, with their nodes.
pub(crate) fn kept(map: &Map, keep: impl Fn(&str) -> bool) -> IndexMap<String, Extension> {
    map.iter()
        .filter(|entry| keep(&entry.key.text))
        .map(|entry| {
            (entry.key.text.clone(), Extension { key_span: entry.key.span, node: entry.value.clone() })
        })
        .collect()
}
