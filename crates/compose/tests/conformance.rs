//! The Compose Specification, section by section: YAML in, a fragment of the normalised project out.
//!
//! Each file in `tests/conformance` names its `section` and has `cases`. A case is
//! - a row `[attribute, written, normalised]`: the attribute of a service, compared whole; or
//! - a mapping with `name`, `doc` (the file as data) or `yaml` (as text), and optionally `over` (a
//!   second file), `env` (the file `.env`), `files`, `vars` (of the shell), `profiles`, `project`;
//!   then either `expect`, of which every key must be as stated (`null`: absent or empty), or
//!   `error`, a code that must be found. `warning` is a code that may and must be found as well.

use std::collections::BTreeMap;
use std::path::Path;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_compose::Files;
use seaway_compose::LoadOptions;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use serde_json::Value;
use serde_json::json;

/// What rows can name.
const AROUND: &str = "
  db: {image: x, healthcheck: {test: [CMD, ok]}}
  cache: {image: x}
networks: {front: , back: }
volumes: {data: }
secrets: {token: {environment: T}, key: {environment: K}}
configs: {conf: {content: c}}
models: {llm: {model: ai/m}}
";

struct Memory(BTreeMap<Utf8PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        Ok(self.0.get(path).cloned())
    }

    /// Folders (names without a point) are all there.
    fn exists(&self, path: &Utf8Path) -> bool {
        self.0.contains_key(path) || !path.file_name().unwrap_or_default().contains('.')
    }
}

struct Outcome {
    value: Option<Value>,
    findings: Vec<(Severity, String)>,
    text: String,
}

fn load(files: BTreeMap<Utf8PathBuf, String>, options: &LoadOptions) -> Outcome {
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    let project = seaway_compose::load(options, &Memory(files), &mut sources, &mut sink);
    Outcome {
        value: project.as_ref().map(seaway_compose::to_value),
        findings: sink.all().iter().map(|found| (found.severity, found.code.to_owned())).collect(),
        text: seaway_diag::render::text(sink.all(), &sources, false),
    }
}

fn options() -> LoadOptions {
    let mut options = LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() };
    options.variables.insert("HOME".to_owned(), "/home/test".to_owned());
    options.variables.insert("HOME_OF_TEST".to_owned(), "/home/test".to_owned());
    options
}

fn row(row: &[Value]) -> Result<(), String> {
    let [attribute, written, normalised] = row else {
        return Err("a row has three items".to_owned());
    };
    let attribute = attribute.as_str().ok_or("the attribute is a text")?;
    let mut service = json!({ attribute: written });
    if !matches!(attribute, "image" | "build" | "provider") {
        service["image"] = json!("x");
    }
    let text = format!("services:\n  web: {service}{AROUND}");
    let outcome = load([("/p/compose.yaml".into(), text)].into(), &options());
    let value = outcome.value.ok_or(outcome.text)?;
    let found = &value["services"]["web"][attribute];
    if found == normalised { Ok(()) } else { Err(format!("found {found}, expected {normalised}")) }
}

fn case(case: &Value) -> Result<(), String> {
    let text = |key: &str| case[key].as_str().map(ToOwned::to_owned);
    let mut files = BTreeMap::new();
    files.insert("/p/compose.yaml".into(), text("yaml").unwrap_or_else(|| case["doc"].to_string()));
    let mut options = options();
    if let Some(over) = text("over") {
        files.insert("/p/over.yaml".into(), over);
        options.files = vec!["compose.yaml".into(), "over.yaml".into()];
    }
    if let Some(env) = text("env") {
        files.insert("/p/.env".into(), env);
    }
    let pairs = |key: &str| case[key].as_object().cloned().unwrap_or_default();
    for (name, content) in pairs("files") {
        files.insert(Utf8Path::new("/p").join(name), content.as_str().unwrap_or_default().to_owned());
    }
    for (name, value) in pairs("vars") {
        options.variables.insert(name, value.as_str().unwrap_or_default().to_owned());
    }
    let list = case["profiles"].as_array().cloned().unwrap_or_default();
    options.profiles = list.iter().filter_map(|name| name.as_str().map(ToOwned::to_owned)).collect();
    options.project_name = text("project");
    let outcome = load(files, &options);
    if let Some(code) = text("error") {
        let found = outcome.findings.contains(&(Severity::Error, code.clone()));
        return if found && outcome.value.is_none() {
            Ok(())
        } else {
            Err(format!("no {code}: {}", outcome.text))
        };
    }
    let expected = case.get("expect").ok_or("neither `expect` nor `error`")?;
    if let Some(code) = text("warning")
        && !outcome.findings.contains(&(Severity::Warning, code.clone()))
    {
        return Err(format!("no {code}: {}", outcome.text));
    }
    if case.get("warning").is_none()
        && outcome.findings.iter().any(|(severity, _)| *severity != Severity::Info)
    {
        return Err(outcome.text);
    }
    agrees(&outcome.value.ok_or(outcome.text)?, expected, "")
}

fn agrees(found: &Value, expected: &Value, path: &str) -> Result<(), String> {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (key, expected) in expected {
                agrees(found.get(key).unwrap_or(&Value::Null), expected, &format!("{path}.{key}"))?;
            }
            Ok(())
        }
        (Value::Object(found), Value::Null) if found.is_empty() => Ok(()),
        _ if found == expected => Ok(()),
        _ => Err(format!("{path}: found {found}, expected {expected}")),
    }
}

#[test]
fn the_specification_is_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let (mut count, mut faults) = (0, Vec::new());
    for path in names {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
        let file = sources.add(name.clone(), std::fs::read_to_string(&path).unwrap());
        let root = seaway_yaml::parse(file, &sources, &mut sink);
        assert!(!sink.has_errors(), "{}", seaway_diag::render::text(sink.all(), &sources, false));
        let root = root.unwrap();
        assert!(root.to_json()["section"].is_string(), "{name} names no section");
        let cases = root.as_map().unwrap().get("cases").unwrap();
        for node in cases.as_seq().unwrap() {
            count += 1;
            let value = node.to_json();
            let outcome = match value.as_array() {
                Some(items) => row(items),
                None => case(&value),
            };
            if let Err(fault) = outcome {
                faults.push(format!("{}: {}\n  {fault}", sources.location(node.span), value["name"]));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {count} cases fail:\n{}", faults.len(), faults.join("\n"));
    assert!(count >= 400, "only {count} cases");
}
