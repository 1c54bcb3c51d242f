//! Mappings or lists of `NAME=value`.

use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Node;

use super::value;
use crate::interpolate::Variables;
use crate::merge;

/// Values by name; of a name alone the value is that of `variables`, if it is set there.
pub(crate) fn variables(
    node: Option<&Node>,
    variables: &Variables,
) -> IndexMap<String, Spanned<Option<String>>> {
    let Some(node) = node else {
        return IndexMap::new();
    };
    let node = merge::pairs(node.clone());
    let Some(map) = node.as_map() else {
        return IndexMap::new();
    };
    map.iter()
        .map(|entry| {
            let name = entry.key.text.clone();
            let value = match entry.value.as_str() {
                Some(text) => Some(text.to_owned()),
                None => variables.get(&name).cloned(),
            };
            (name, Spanned::new(value, entry.value.span))
        })
        .collect()
}

/// Labels; one without a value is an empty text.
pub(crate) fn labels(node: Option<&Node>) -> IndexMap<String, Spanned<String>> {
    variables(node, &Variables::new())
        .into_iter()
        .map(|(name, value)| (name, value.map(Option::unwrap_or_default)))
        .collect()
}

/// `extra_hosts`: name → addresses. Of a list `name=address` and `name:address` are read; one name
/// can stand several times.
pub(crate) fn hosts(node: Option<&Node>) -> IndexMap<String, Vec<Spanned<String>>> {
    let mut out: IndexMap<String, Vec<Spanned<String>>> = IndexMap::new();
    let Some(node) = node else {
        return out;
    };
    if let Some(map) = node.as_map() {
        for entry in map {
            out.entry(entry.key.text.clone()).or_default().extend(value::texts(&entry.value));
        }
    }
    for item in node.as_seq().unwrap_or_default() {
        let text = item.as_str().unwrap_or_default();
        if let Some((name, address)) = text.split_once('=').or_else(|| text.split_once(':')) {
            let address = address.trim_start_matches('[').trim_end_matches(']');
            out.entry(name.to_owned()).or_default().push(Spanned::new(address.to_owned(), item.span));
        }
    }
    out
}
