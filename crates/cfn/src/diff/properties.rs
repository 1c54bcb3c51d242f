//! Two values of a property to changes.

use serde_json::Value as Json;

use super::PropertyChange;
use super::table::TypeInfo;
use crate::Value;
use crate::evaluate::scalar;

/// Keys by which items of a list are known.
const NAMES: [&str; 5] = ["Name", "Key", "PolicyName", "ContainerName", "PortName"];

/// A place in the properties: as it is shown, and as schemas name it (without list items).
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) shown: String,
    pub(super) schema: String,
}

impl Place {
    pub(super) fn root(name: &str) -> Place {
        Place { shown: name.to_owned(), schema: name.to_owned() }
    }

    pub(super) fn key(&self, key: &str) -> Place {
        Place { shown: format!("{}.{key}", self.shown), schema: format!("{}.{key}", self.schema) }
    }

    pub(super) fn item(&self, item: impl std::fmt::Display) -> Place {
        Place { shown: format!("{}[{item}]", self.shown), schema: self.schema.clone() }
    }
}

/// Adds the differences of two folded values to `changes`.
pub(super) fn compare(
    info: &TypeInfo,
    place: &Place,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<PropertyChange>,
) {
    match (before, after) {
        (None, None) => {}
        (Some(Value::Map(old)), Some(Value::Map(new))) => {
            for (key, after) in new {
                compare(info, &place.key(key), old.get(key), Some(after), changes);
            }
            for (key, before) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
                compare(info, &place.key(key), Some(before), None, changes);
            }
        }
        (Some(before @ Value::List(old)), Some(after @ Value::List(new))) => {
            if !compare_lists(info, place, old, new, changes) {
                push(info, place, Some(before), Some(after), changes);
            }
        }
        (Some(old), Some(new)) if same_scalar(old, new) => {}
        _ => push(info, place, before, after, changes),
    }
}

/// Returns false where the lists are better shown whole.
fn compare_lists(
    info: &TypeInfo,
    place: &Place,
    old: &[Value],
    new: &[Value],
    changes: &mut Vec<PropertyChange>,
) -> bool {
    let unordered = info.is_unordered(&place.schema);
    if let (Some(old_names), Some(new_names)) = (item_names(old), item_names(new))
        && !(old.is_empty() && new.is_empty())
    {
        let find = |names: &[&str], name: &str| names.iter().position(|other| *other == name);
        let start = changes.len();
        for (after, name) in new.iter().zip(&new_names) {
            let before = find(&old_names, name).map(|index| &old[index]);
            compare(info, &place.item(name), before, Some(after), changes);
        }
        for (before, name) in old.iter().zip(&old_names) {
            if find(&new_names, name).is_none() {
                compare(info, &place.item(name), Some(before), None, changes);
            }
        }
        // The same items in another order are one change of the list.
        return unordered || old_names == new_names || changes.len() > start;
    }
    if unordered {
        let (gone, come) = unmatched(info, place, old, new);
        if gone.len() == come.len() {
            for (&before, &after) in gone.iter().zip(&come) {
                let place = place.item(after);
                compare(info, &place, Some(&old[before]), Some(&new[after]), changes);
            }
        } else {
            for after in come {
                push(info, &place.item(after), None, Some(&new[after]), changes);
            }
            for before in gone {
                push(info, &place.item(before), Some(&old[before]), None, changes);
            }
        }
        return true;
    }
    let plain = |item: &Value| !matches!(item, Value::Map(_) | Value::List(_));
    if old.iter().chain(new).all(plain) {
        // Such as a command: one word alone says little.
        return old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same_scalar(a, b));
    }
    for index in 0..old.len().max(new.len()) {
        compare(info, &place.item(index), old.get(index), new.get(index), changes);
    }
    true
}

/// Returns the indices of items that have no equal on the other side.
fn unmatched(info: &TypeInfo, place: &Place, old: &[Value], new: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let mut gone: Vec<usize> = (0..old.len()).collect();
    let mut come = Vec::new();
    for (index, after) in new.iter().enumerate() {
        let equal = gone.iter().position(|before| {
            let mut changes = Vec::new();
            compare(info, place, Some(&old[*before]), Some(after), &mut changes);
            changes.is_empty()
        });
        match equal {
            Some(position) => {
                gone.remove(position);
            }
            None => come.push(index),
        }
    }
    (gone, come)
}

/// Returns the names of the items, where every item has one and no two are the same.
pub(super) fn item_names(items: &[Value]) -> Option<Vec<&str>> {
    let key = match items.first() {
        None => return Some(Vec::new()),
        Some(first) => NAMES.into_iter().find(|key| first.get(key).is_some())?,
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let name = item.get(key)?.as_str()?;
        if names.contains(&name) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

/// CloudFormation converts scalars: `80` and `"80"` are the same.
fn same_scalar(old: &Value, new: &Value) -> bool {
    old == new || matches!((scalar(old), scalar(new)), (Some(old), Some(new)) if old == new)
}

fn push(
    info: &TypeInfo,
    place: &Place,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<PropertyChange>,
) {
    let before: Option<Json> = before.map(Value::to_json);
    let after: Option<Json> = after.map(Value::to_json);
    let verdict = info.verdict(&place.schema, before.as_ref(), after.as_ref());
    changes.push(PropertyChange { path: place.shown.clone(), before, after, verdict, because_of: None });
}
