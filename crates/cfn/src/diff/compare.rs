//! Old and new template to changes.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::Change;
use super::PropertyChange;
use super::ResourceChange;
use super::TemplateDiff;
use super::Verdict;
use super::cascade;
use super::cascade::Replaced;
use super::mask::masks;
use super::policy;
use super::properties;
use super::properties::Place;
use super::table::type_info;
use crate::Output;
use crate::Resource;
use crate::Template;
use crate::Value;
use crate::describe::describe;
use crate::evaluate::Path;
use crate::evaluate::Scope;

/// A resource that exists on one side, with its properties folded.
struct Side<'a> {
    resource: &'a Resource,
    properties: IndexMap<String, Value>,
}

/// Returns what an update from `old` to `new` does, parameters substituted on both sides. A
/// resource whose condition is false is not there; one whose condition cannot be told offline is.
/// Values of `NoEcho` parameters are compared but
/// not shown.
pub fn diff(
    old: &Template,
    old_parameters: &IndexMap<String, String>,
    new: &Template,
    new_parameters: &IndexMap<String, String>,
) -> TemplateDiff {
    let masks = masks([(old, old_parameters), (new, new_parameters)]);
    let old_scope = masks.scope(old, old_parameters);
    let new_scope = masks.scope(new, new_parameters);
    let old_side = side(&old_scope);
    let new_side = side(&new_scope);
    let mut changes = own_changes(&old_side, &new_side);
    let replaced = follow_replacements(&old_side, &new_side, &mut changes);

    let mut resources = Vec::new();
    for (id, after) in &new_side {
        match old_side.get(id) {
            None => resources.push(added(id, after)),
            Some(before) => {
                let properties = changes.shift_remove(id).unwrap_or_default();
                if !properties.is_empty() {
                    resources.push(changed(id, before, after, properties));
                }
            }
        }
    }
    for (id, before) in old_side.iter().filter(|(id, _)| !new_side.contains_key(*id)) {
        resources.push(removed(id, before));
    }
    let outputs = changed_outputs(&old_scope, &new_scope, &replaced);
    let other =
        resources.is_empty() && outputs.is_empty() && (old != new || old_parameters != new_parameters);
    TemplateDiff { resources, outputs, other }
}

/// Returns the resources that exist, with folded properties.
fn side<'a>(scope: &Scope<'a>) -> IndexMap<&'a str, Side<'a>> {
    let mut side = IndexMap::new();
    for (id, resource) in &scope.template.resources {
        let root = Path::Root(id);
        if let Some(condition) = &resource.condition
            && matches!(scope.condition(&root, condition), Ok(Some(false)))
        {
            continue;
        }
        let mut properties = IndexMap::new();
        for (name, value) in &resource.properties {
            // What cannot be folded (a mapping without the key) is compared as it stands.
            let folded = scope.fold(&root.key(name), value).unwrap_or_else(|_| Some(value.clone()));
            if let Some(value) = folded {
                properties.insert(name.clone(), value);
            }
        }
        side.insert(id.as_str(), Side { resource, properties });
    }
    side
}

/// Returns the changes that a resource has by itself.
fn own_changes<'a>(
    old: &IndexMap<&'a str, Side<'a>>,
    new: &IndexMap<&'a str, Side<'a>>,
) -> IndexMap<&'a str, Vec<PropertyChange>> {
    let mut all = IndexMap::new();
    for (id, after) in new {
        let Some(before) = old.get(id) else { continue };
        let mut changes = Vec::new();
        if before.resource.kind != after.resource.kind {
            changes.push(PropertyChange {
                path: "Type".to_owned(),
                before: Some(Json::from(before.resource.kind.as_str())),
                after: Some(Json::from(after.resource.kind.as_str())),
                verdict: Verdict::Replaces,
                because_of: None,
            });
        } else {
            let info = &type_info(&after.resource.kind);
            for (name, value) in &after.properties {
                let before = before.properties.get(name);
                properties::compare(info, &Place::root(name), before, Some(value), &mut changes);
            }
            for (name, value) in &before.properties {
                if !after.properties.contains_key(name) {
                    properties::compare(info, &Place::root(name), Some(value), None, &mut changes);
                }
            }
        }
        all.insert(*id, changes);
    }
    all
}

/// Adds what follows from replacements, until nothing more follows.
fn follow_replacements<'a>(
    old: &IndexMap<&'a str, Side<'a>>,
    new: &IndexMap<&'a str, Side<'a>>,
    changes: &mut IndexMap<&'a str, Vec<PropertyChange>>,
) -> Replaced {
    let mut replaced = Replaced::new();
    loop {
        for (id, list) in changes.iter() {
            let worst = list.iter().map(|change| change.verdict).max();
            match worst {
                Some(Verdict::Replaces) => {
                    replaced.insert((*id).to_owned(), true);
                }
                Some(Verdict::MayReplace) => {
                    replaced.insert((*id).to_owned(), false);
                }
                _ => {}
            }
        }
        let mut added = false;
        for (id, after) in new {
            if !old.contains_key(id) {
                continue;
            }
            let info = &type_info(&after.resource.kind);
            let list = changes.entry(id).or_default();
            for (name, value) in &after.properties {
                added |= cascade::follow(info, &Place::root(name), value, &replaced, list);
            }
        }
        if !added {
            return replaced;
        }
    }
}

fn added(id: &str, after: &Side<'_>) -> ResourceChange {
    let kind = &after.resource.kind;
    ResourceChange {
        logical_id: id.to_owned(),
        resource_type: kind.clone(),
        description: describe(kind).to_owned(),
        change: Change::Added,
        verdict: Verdict::Benign,
        replaced: false,
        retained: false,
        iam_widening: policy::is_policy(kind)
            && policy::widens(&policy::Properties::new(), &json(&after.properties)),
        interrupts: false,
        name_clash: None,
        properties: Vec::new(),
    }
}

fn removed(id: &str, before: &Side<'_>) -> ResourceChange {
    let kind = &before.resource.kind;
    let retained = keeps(before.resource.deletion_policy.as_deref());
    let loses = type_info(kind).stateful && !retained;
    ResourceChange {
        logical_id: id.to_owned(),
        resource_type: kind.clone(),
        description: describe(kind).to_owned(),
        change: Change::Removed,
        verdict: if loses { Verdict::DataLoss } else { Verdict::Benign },
        replaced: false,
        retained,
        iam_widening: policy::is_policy(kind)
            && policy::widens(&json(&before.properties), &policy::Properties::new()),
        interrupts: false,
        name_clash: None,
        properties: Vec::new(),
    }
}

fn changed(
    id: &str,
    before: &Side<'_>,
    after: &Side<'_>,
    mut properties: Vec<PropertyChange>,
) -> ResourceChange {
    let kind = &after.resource.kind;
    let info = &type_info(kind);
    let worst = properties.iter().map(|change| change.verdict).max().unwrap_or(Verdict::InPlace);
    let replaced = worst == Verdict::Replaces;
    // The policy of the new template decides what happens to the replaced resource. A type that
    // changes under the same logical id takes the old type's data with it.
    let name_clash = (replaced && before.resource.kind == *kind)
        .then(|| info.name_property(kind))
        .flatten()
        .filter(|name| {
            after.properties.get(*name).is_some_and(|value| before.properties.get(*name) == Some(value))
        })
        .map(str::to_owned);
    let interrupts = properties.iter().any(|change| info.interrupts(&change.path));
    let retained = replaced && keeps(after.resource.update_replace_policy.as_deref());
    let stateful = info.stateful || type_info(&before.resource.kind).stateful;
    let verdict = match worst {
        Verdict::Replaces | Verdict::MayReplace if info.versioned => {
            for change in &mut properties {
                if change.verdict != Verdict::InPlace {
                    change.verdict = Verdict::Benign;
                }
            }
            Verdict::Benign
        }
        Verdict::Replaces if stateful && !retained => Verdict::DataLoss,
        worst => worst,
    };
    ResourceChange {
        logical_id: id.to_owned(),
        resource_type: kind.clone(),
        description: describe(kind).to_owned(),
        change: Change::Changed,
        verdict,
        replaced,
        retained,
        iam_widening: policy::widens(&json(&before.properties), &json(&after.properties)),
        interrupts,
        name_clash,
        properties,
    }
}

/// Returns true when a policy keeps the data of a resource that goes.
fn keeps(policy: Option<&str>) -> bool {
    matches!(policy, Some("Retain" | "Snapshot" | "RetainExceptOnCreate"))
}

fn json(properties: &IndexMap<String, Value>) -> policy::Properties {
    properties.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
}

fn changed_outputs(old: &Scope<'_>, new: &Scope<'_>, replaced: &Replaced) -> Vec<String> {
    let folded = |scope: &Scope<'_>| {
        let mut folded = IndexMap::new();
        for (name, output) in &scope.template.outputs {
            let root = Path::Root(name);
            let condition = output.condition.as_ref().map(|name| scope.condition(&root, name));
            if matches!(condition, Some(Ok(Some(false)))) {
                continue;
            }
            let fold = |value: &Value| scope.fold(&root, value).unwrap_or_else(|_| Some(value.clone()));
            let Output { value, export, .. } = output;
            folded.insert(name.clone(), (fold(value), export.as_ref().and_then(fold)));
        }
        folded
    };
    let (old, new) = (folded(old), folded(new));
    let moved =
        |value: &Option<Value>| value.as_ref().is_some_and(|value| cascade::names_replaced(value, replaced));
    let mut changed: Vec<String> = new
        .iter()
        .filter(|(name, output)| old.get(*name) != Some(*output) || moved(&output.0))
        .map(|(name, _)| name.clone())
        .collect();
    changed.extend(old.into_keys().filter(|name| !new.contains_key(name)));
    changed
}
