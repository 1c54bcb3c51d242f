//! Parameters as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;

use super::content;
use super::data;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::codes;
use crate::common;

/// The kind `x-ssm_parameter`.
pub(crate) struct SsmParameter;

fn given_name(resource: &Resource) -> Option<&str> {
    common::text(common::property(resource, "Name"))
}

/// Returns true when another one before it has the same name in the store.
fn taken(resource: &Resource, app: &App) -> bool {
    let name = given_name(resource);
    name.is_some()
        && app
            .resources
            .iter()
            .filter(|other| other.module == resource.module)
            .take_while(|other| other.name.value != resource.name.value)
            .any(|other| given_name(other) == name)
}

/// Returns the name in the store: as given, else below the application and the environment.
fn name(resource: &Resource, app: &App) -> String {
    let own = || format!("/{}/{}/{}", app.name, app.environment.name, resource.name.value);
    match given_name(resource) {
        Some(text) if !taken(resource, app) => text.to_owned(),
        _ => own(),
    }
}

impl Kind for SsmParameter {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn attribute(&self, resource: &Resource, id: &str, name: &str) -> Option<Value> {
        // Only a name that begins with `/` brings its own.
        let slash = given_name(resource).is_some_and(|text| !text.starts_with('/'));
        match (name, slash) {
            ("Arn", true) => Some(Value::sub(format!(
                "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/${{{id}}}"
            ))),
            _ => common::attribute(&data::FACTS, id, name),
        }
    }

    fn check(&self, resource: &Resource, app: &App, sink: &mut Sink) {
        let what = &resource.name.value;
        if resource.lookup.is_some() {
            return;
        }
        if common::text(common::property(resource, "Type")) == Some("SecureString") {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("parameter `{what}` cannot be a `SecureString`"),
                )
                .label(
                    resource.name.span,
                    "CloudFormation makes none, and a secret never stands in a template",
                )
                .help("use `secrets` with `x-secrets: { parameter: /… }`"),
            );
        }
        if taken(resource, app) {
            sink.push(
                Diagnostic::warning(
                    codes::BAD_PROPERTY,
                    format!("parameter `{what}` gets a name of its own"),
                )
                .label(resource.name.span, "another one of this file has the same `Name`")
                .note(format!("it is `{}`", name(resource, app)))
                .help("give each a `Name` of its own, or leave `Name` out"),
            );
        }
        let span = common::macro_parameter(resource, "FromFile").map_or(resource.name.span, |node| node.span);
        let problem = match content::content(resource, app) {
            Err(problem) => Some(problem),
            Ok(None) => Some("it has neither `Value` nor `FromFile`".to_owned()),
            Ok(Some(text)) if text.is_empty() => Some("it is empty".to_owned()),
            Ok(Some(text)) if text.len() > content::ADVANCED => {
                Some(format!("it has {} bytes, {} are allowed", text.len(), content::ADVANCED))
            }
            Ok(Some(_)) => None,
        };
        if let Some(problem) = problem {
            sink.push(
                Diagnostic::error(codes::BAD_PROPERTY, format!("the value of parameter `{what}` cannot be used"))
                    .label(span, problem)
                    .help("write `Properties: { Value: … }`, or name a file with `MacroParameters: { FromFile: … }`"),
            );
        }
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let mut parameter = common::main(self, input);
        let text = content::content(input.resource, input.app).ok().flatten().unwrap_or_default();
        // A value may also be an attribute of another resource.
        let written = parameter.properties.get("Value").filter(|value| value.as_str().is_none()).cloned();
        if text.len() > content::STANDARD {
            parameter.properties.insert("Tier".to_owned(), Value::from("Advanced"));
        }
        parameter.properties.insert("Value".to_owned(), written.unwrap_or_else(|| Value::from(text)));
        parameter.properties.insert("Name".to_owned(), Value::from(name(input.resource, input.app)));
        IndexMap::from([(input.id.to_owned(), parameter)])
    }
}
