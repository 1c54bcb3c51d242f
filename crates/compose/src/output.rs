//! The loaded project as data.

use serde_json::Map;
use serde_json::Value;

use crate::Extension;
use crate::Project;

/// Returns the project as Compose data, long forms, with the keys that have no field and the `x-…`
/// keys put back. Times are in seconds and sizes in bytes, written so that the loader reads them.
pub fn to_value(project: &Project) -> Value {
    let mut value = serde_json::to_value(project).unwrap_or(Value::Null);
    let Value::Object(map) = &mut value else {
        return value;
    };
    for (name, service) in &project.services {
        let Some(Value::Object(out)) = map.get_mut("services").and_then(|services| services.get_mut(name))
        else {
            continue;
        };
        out.shift_remove("name");
        put_durations(out);
        put_deploy(out, &service.deploy.other);
        if let Some(Value::Object(build)) = out.get_mut("build") {
            drop_empty(build);
        }
        drop_empty(out);
        put_other(out, &service.other);
        put(out, &service.extensions);
    }
    for (section, entries) in [
        ("volumes", project.volumes.iter().map(|(name, one)| (name, &one.extensions)).collect::<Vec<_>>()),
        ("networks", project.networks.iter().map(|(name, one)| (name, &one.extensions)).collect()),
        ("secrets", project.secrets.iter().map(|(name, one)| (name, &one.extensions)).collect()),
        ("configs", project.configs.iter().map(|(name, one)| (name, &one.extensions)).collect()),
    ] {
        for (name, extensions) in entries {
            if let Some(Value::Object(out)) = map.get_mut(section).and_then(|all| all.get_mut(name)) {
                if out.get("external") == Some(&Value::Bool(false)) {
                    out.shift_remove("external");
                }
                put(out, extensions);
            }
        }
    }
    drop_empty(map);
    put(map, &project.extensions);
    value
}

/// Returns the project as YAML that the loader, and `docker compose`, read.
pub fn to_yaml(project: &Project) -> String {
    seaway_yaml::emit(&escaped(to_value(project)))
}

/// A literal `$` would be read as the start of a variable.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('$', "$$")),
        Value::Array(items) => items.into_iter().map(escaped).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, escaped(value))).collect(),
        other => other,
    }
}

fn put<'a>(out: &mut Map<String, Value>, extensions: impl IntoIterator<Item = (&'a String, &'a Extension)>) {
    for (key, extension) in extensions {
        out.insert(key.clone(), extension.node.to_json());
    }
}

/// Puts keys back where their dotted paths say.
fn put_other(out: &mut Map<String, Value>, other: &indexmap::IndexMap<String, Extension>) {
    for (path, extension) in other {
        let mut parts: Vec<&str> = path.split('.').collect();
        let value = extension.node.to_json();
        if let ["networks", ..] = parts[..] {
            // With options the list of names becomes a mapping.
            if let Some(Value::Array(names)) = out.get("networks") {
                let map = names.iter().filter_map(|name| Some((name.as_str()?.to_owned(), Value::Null)));
                let map = Value::Object(map.collect());
                out.insert("networks".to_owned(), map);
            }
            parts = path.splitn(2, '.').collect();
        }
        let Some((last, above)) = parts.split_last() else {
            continue;
        };
        let mut place = Some(&mut *out);
        for part in above {
            place = place.and_then(|map| map.get_mut(*part)).and_then(Value::as_object_mut);
        }
        if let Some(map) = place {
            map.insert((*last).to_owned(), value);
        }
    }
}

fn put_deploy(out: &mut Map<String, Value>, other: &indexmap::IndexMap<String, Extension>) {
    let Some(Value::Object(deploy)) = out.get_mut("deploy") else {
        return;
    };
    let mut limits = Map::new();
    let mut reservations = Map::new();
    for key in ["cpus", "memory"] {
        if let Some(value) = deploy.shift_remove(key) {
            limits.insert(key.to_owned(), text(value));
        }
    }
    for (from, key) in [("reserved_cpus", "cpus"), ("reserved_memory", "memory")] {
        if let Some(value) = deploy.shift_remove(from) {
            reservations.insert(key.to_owned(), text(value));
        }
    }
    for (path, extension) in other {
        let value = extension.node.to_json();
        if let Some(key) = path.strip_prefix("resources.limits.") {
            limits.insert(key.to_owned(), value);
        } else if let Some(key) = path.strip_prefix("resources.reservations.") {
            reservations.insert(key.to_owned(), value);
        } else if let Some(key) = path.strip_prefix("update_config.") {
            if let Some(Value::Object(update)) = deploy.get_mut("update_config") {
                update.insert(key.to_owned(), value);
            }
        } else {
            deploy.insert(path.clone(), value);
        }
    }
    let mut resources = Map::new();
    for (key, map) in [("limits", limits), ("reservations", reservations)] {
        if !map.is_empty() {
            resources.insert(key.to_owned(), Value::Object(map));
        }
    }
    if !resources.is_empty() {
        deploy.insert("resources".to_owned(), Value::Object(resources));
    }
    if let Some(Value::Object(update)) = deploy.get_mut("update_config") {
        seconds(update, &["monitor"]);
    }
    drop_empty(deploy);
}

fn put_durations(out: &mut Map<String, Value>) {
    seconds(out, &["stop_grace_period"]);
    if let Some(Value::Object(health)) = out.get_mut("healthcheck") {
        seconds(health, &["interval", "timeout", "start_period"]);
        if health.get("disable") == Some(&Value::Bool(false)) {
            health.shift_remove("disable");
        }
        drop_empty(health);
    }
}

fn seconds(out: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = out.get_mut(*key) {
            *value = Value::String(format!("{}s", value.as_f64().unwrap_or_default()));
        }
    }
}

fn text(value: Value) -> Value {
    Value::String(value.to_string())
}

fn drop_empty(out: &mut Map<String, Value>) {
    out.retain(|key, value| match value {
        // An empty command replaces that of the image.
        Value::Array(items) => !items.is_empty() || matches!(key.as_str(), "command" | "entrypoint"),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    });
}
