//! Mappings or lists of `NAME=value`.

use indexmap::IndexMap;
use seaway_diag::Spanned;
use seaway_yaml::Node;

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
