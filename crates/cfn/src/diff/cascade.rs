//! What follows from a replacement: every reference to the replaced resource has a new value.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::PropertyChange;
use super::Verdict;
use super::properties::Place;
use super::properties::item_names;
use super::table::TypeInfo;
use crate::Intrinsic;
use crate::Value;
use crate::evaluate::Piece;
use crate::evaluate::pieces;

/// Resources that get a new physical id: certain (`true`) or possible (`false`).
pub(super) type Replaced = IndexMap<String, bool>;

/// Adds a change for every value in `value` that names a replaced resource, unless the value
/// changes by itself already. Returns true when something was added.
pub(super) fn follow(
    info: &TypeInfo,
    place: &Place,
    value: &Value,
    replaced: &Replaced,
    changes: &mut Vec<PropertyChange>,
) -> bool {
    match value {
        Value::Map(map) => map.iter().fold(false, |added, (key, value)| {
            follow(info, &place.key(key), value, replaced, changes) || added
        }),
        Value::List(items) => {
            let names = item_names(items);
            items.iter().enumerate().fold(false, |added, (index, value)| {
                let place = match names.as_ref().and_then(|names| names.get(index)) {
                    Some(name) => place.item(name),
                    None => place.item(index),
                };
                follow(info, &place, value, replaced, changes) || added
            })
        }
        Value::Fn(function) => {
            let mut cause: Option<(&str, bool)> = None;
            targets(function, &mut |target| {
                if let Some((id, certain)) = replaced.get_key_value(target)
                    && cause.is_none_or(|(_, already)| *certain && !already)
                {
                    cause = Some((id, *certain));
                }
            });
            let Some((id, certain)) = cause else { return false };
            let json = value.to_json();
            let verdict = match info.verdict(&place.schema, None, Some(&Json::Null)) {
                Verdict::Replaces if !certain => Verdict::MayReplace,
                verdict => verdict,
            };
            // Met again with more certainty: only the verdict changes.
            if let Some(change) = changes.iter_mut().find(|change| change.path == place.shown) {
                if change.because_of.is_none() || change.verdict >= verdict {
                    return false;
                }
                change.verdict = verdict;
                change.because_of = Some(id.to_owned());
                return true;
            }
            if changes.iter().any(|change| contains(&change.path, &place.shown)) {
                return false;
            }
            changes.push(PropertyChange {
                path: place.shown.clone(),
                before: Some(json.clone()),
                after: Some(json),
                verdict,
                because_of: Some(id.to_owned()),
            });
            true
        }
        _ => false,
    }
}

/// Returns true when a value names a resource in the map.
pub(super) fn names_replaced(value: &Value, replaced: &Replaced) -> bool {
    let mut found = false;
    each_target(value, &mut |target| found = found || replaced.contains_key(target));
    found
}

/// Returns true when `outer` is a place around `inner`.
fn contains(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn each_target(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Map(map) => map.values().for_each(|value| each_target(value, found)),
        Value::List(items) => items.iter().for_each(|value| each_target(value, found)),
        Value::Fn(function) => targets(function, found),
        _ => {}
    }
}

/// Calls `found` with every resource or parameter that a function names.
fn targets(function: &Intrinsic, found: &mut dyn FnMut(&str)) {
    match function {
        Intrinsic::Ref(name) => found(name),
        Intrinsic::GetAtt { resource, .. } => found(resource),
        Intrinsic::Sub { template, variables } => {
            for piece in pieces(template) {
                if let Piece::Name(name) = piece
                    && !variables.contains_key(name)
                {
                    found(name.split_once('.').map_or(name, |(resource, _)| resource));
                }
            }
            variables.values().for_each(|value| each_target(value, found));
        }
        Intrinsic::Join { values: value, .. }
        | Intrinsic::Split { source: value, .. }
        | Intrinsic::GetAzs(value)
        | Intrinsic::ImportValue(value)
        | Intrinsic::Base64(value)
        | Intrinsic::Not(value)
        | Intrinsic::Other { argument: value, .. } => each_target(value, found),
        Intrinsic::Select { index: first, list: second }
        | Intrinsic::Equals(first, second)
        | Intrinsic::If { then: first, otherwise: second, .. } => {
            each_target(first, found);
            each_target(second, found);
        }
        Intrinsic::FindInMap { map: first, top: second, second: third }
        | Intrinsic::Cidr { block: first, count: second, bits: third } => {
            for value in [first, second, third] {
                each_target(value, found);
            }
        }
        Intrinsic::And(values) | Intrinsic::Or(values) => {
            values.iter().for_each(|value| each_target(value, found));
        }
        Intrinsic::Condition(_) => {}
    }
}
