//! Top-level `secrets` and their `x-secrets`.

use indexmap::IndexMap;
use seaway_compose::FileObject;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Spanned;

use crate::Secret;
use crate::SecretOrigin;
use crate::codes;
use crate::section::Section;

/// Returns the secrets by Compose name; their values are never read here.
pub(crate) fn read(project: &Project, environment: &str, sink: &mut Sink) -> IndexMap<String, Secret> {
    let app = &project.name.value;
    project
        .secrets
        .iter()
        .filter_map(|(name, object)| Some((name.clone(), read_one(app, environment, name, object, sink)?)))
        .collect()
}

fn read_one(
    app: &str,
    environment: &str,
    name: &str,
    object: &FileObject,
    sink: &mut Sink,
) -> Option<Secret> {
    let origin = match (&object.file, &object.environment) {
        (Some(file), _) => SecretOrigin::File(file.value.clone()),
        (None, Some(variable)) => SecretOrigin::Variable(variable.value.clone()),
        (None, None) => SecretOrigin::External,
    };
    let mut store_name = format!("/{app}/{environment}/{name}");
    let mut secrets_manager = false;
    let mut variables = IndexMap::new();
    let mut readable = false;
    // `external` with a name of its own is Compose's way to say how the store calls it.
    if object.external
        && let Some(given) = &object.name
        && given.value != name
        && let Some(text) = expand(given, app, environment, sink)
    {
        secrets_manager = !text.starts_with('/');
        store_name = text;
    }
    if let Some(extension) = object.extensions.get("x-secrets") {
        let keys = ["parameter", "name", "var_name", "json_keys", "links_to"];
        let section = Section::open(&extension.node, format!("`x-secrets` of secret `{name}`"), &keys, sink)?;
        match (section.text("parameter", sink), section.text("name", sink)) {
            (Some(parameter), Some(other)) => sink.push(
                Diagnostic::error(codes::BAD_SECRET, format!("secret `{name}` names two stores"))
                    .label(other.span, "a Secrets Manager secret")
                    .context(parameter.span, "an SSM parameter")
                    .help("keep the one that holds the value"),
            ),
            (Some(parameter), None) => {
                let text = expand(&parameter, app, environment, sink)?;
                if !text.starts_with('/') {
                    sink.push(
                        Diagnostic::error(
                            codes::BAD_SECRET,
                            format!("the parameter of secret `{name}` must begin with `/`"),
                        )
                        .label(parameter.span, "this name")
                        .help(format!("write `/{text}`"))
                        .fix(parameter.span, format!("\"/{}\"", parameter.value)),
                    );
                }
                store_name = text;
            }
            (None, Some(given)) => {
                store_name = expand(&given, app, environment, sink)?;
                secrets_manager = true;
            }
            (None, None) => {}
        }
        variables = read_variables(name, &section, secrets_manager, sink);
        for role in section.texts("links_to", sink) {
            match role.value.as_str() {
                "EcsTaskRole" => readable = true,
                // ECS itself always reads it.
                "EcsExecutionRole" => {}
                other => sink.push(
                    Diagnostic::error(codes::BAD_SECRET, format!("`{other}` is no role of a task"))
                        .label(role.span, "this role")
                        .help("there are EcsExecutionRole and EcsTaskRole"),
                ),
            }
        }
    }
    let fits = |byte: u8| {
        byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte) || (secrets_manager && b"+=@".contains(&byte))
    };
    if !store_name.bytes().all(fits) {
        sink.push(
            Diagnostic::error(codes::BAD_SECRET, format!("`{store_name}` cannot name a secret in the store"))
                .label(object.span, "this secret")
                .note("letters, digits and `/ _ . -` are allowed")
                .help("rename it, or give a name with `x-secrets: { parameter: /… }`"),
        );
    }
    Some(Secret {
        span: object.span,
        name: name.to_owned(),
        store_name,
        secrets_manager,
        variables,
        readable,
        origin,
    })
}

/// Reads `VarName` and `JsonKeys`.
fn read_variables(
    name: &str,
    section: &Section<'_>,
    secrets_manager: bool,
    sink: &mut Sink,
) -> IndexMap<String, Option<String>> {
    let mut variables = IndexMap::new();
    if let Some(variable) = section.text("var_name", sink) {
        variables.insert(variable.value, None);
    }
    let Some(node) = section.get("json_keys") else { return variables };
    if !secrets_manager {
        sink.push(
            Diagnostic::error(
                codes::BAD_SECRET,
                format!("secret `{name}` is a parameter, which has no keys"),
            )
            .label(node.span, "only a secret of Secrets Manager is taken apart")
            .help("name one with `x-secrets: { name: … }`"),
        );
        return variables;
    }
    for item in node.as_seq().unwrap_or_default() {
        let keys = ["secret_key", "var_name", "transform"];
        let what = format!("a JSON key of secret `{name}`");
        let Some(entry) = Section::open(item, what, &keys, sink) else { continue };
        let Some(key) = entry.text("secret_key", sink) else {
            sink.push(
                Diagnostic::error(
                    codes::BAD_SECRET,
                    format!("a JSON key of secret `{name}` has no `SecretKey`"),
                )
                .label(item.span, "which key of the JSON?")
                .help("write `{ SecretKey: password, VarName: DB_PASSWORD }`"),
            );
            continue;
        };
        let variable = match (entry.text("var_name", sink), entry.word("transform", TRANSFORMS, sink)) {
            (Some(variable), _) => variable.value,
            (None, Some(word)) if word.value == "lower" => key.value.to_lowercase(),
            (None, Some(word)) if word.value == "upper" => key.value.to_uppercase(),
            (None, Some(word)) if word.value == "capitalize" || word.value == "title" => capital(&key.value),
            (None, _) => key.value.clone(),
        };
        if variables.insert(variable.clone(), Some(key.value)).is_some() {
            sink.push(
                Diagnostic::error(
                    codes::VARIABLE_TWICE,
                    format!("`{variable}` of secret `{name}` is set twice"),
                )
                .label(key.span, "set again here")
                .help("give one of them another `VarName`"),
            );
        }
    }
    variables
}

/// How a key becomes a variable when none is named.
const TRANSFORMS: &[&str] = &["lower", "upper", "capitalize", "title"];

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// Returns the text with `{app}` and `{env}` filled in.
fn expand(text: &Spanned<String>, app: &str, environment: &str, sink: &mut Sink) -> Option<String> {
    let filled = text.value.replace("{app}", app).replace("{env}", environment);
    if let Some(from) = filled.find('{') {
        let unknown = filled.get(from..).unwrap_or_default();
        sink.push(
            Diagnostic::error(codes::BAD_SECRET, format!("`{unknown}` is not filled in"))
                .label(text.span, "only `{app}` and `{env}` are")
                .help("use `{app}` and `{env}`, or write the name out"),
        );
        return None;
    }
    Some(filled)
}
