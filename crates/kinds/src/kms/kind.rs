//! Keys as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;
use seaway_yaml::Node;

use super::data;
use super::policy;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::codes;
use crate::common;

/// The kind `x-kms`.
pub(crate) struct Kms;

fn alias(resource: &Resource) -> Option<&Node> {
    common::macro_parameter(resource, "Alias").or_else(|| common::setting(resource, "Alias"))
}

impl Kind for Kms {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn check(&self, resource: &Resource, _: &App, sink: &mut Sink) {
        let Some(node) = alias(resource) else { return };
        let Some(text) = node.as_str() else { return };
        let name = text.strip_prefix("alias/").unwrap_or(text);
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte));
        if !letters || name.is_empty() || name.len() > 250 || name.starts_with("aws/") {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("`{text}` cannot be the alias of key `{}`", resource.name.value),
                )
                .label(node.span, "this name")
                .help("use letters, digits, `/`, `_` and `-`; `aws/` is taken"),
            );
        }
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let mut key = common::main(self, input);
        if !key.properties.contains_key("KeyPolicy")
            && let Some(policy) = policy::synth(input)
        {
            key.properties.insert("KeyPolicy".to_owned(), policy);
        }
        let mut made = IndexMap::from([(input.id.to_owned(), key)]);
        if let Some(text) = common::text(alias(input.resource)) {
            let name = text.strip_prefix("alias/").unwrap_or(text);
            made.insert(
                format!("{}Alias", input.id),
                seaway_cfn::Resource::new("AWS::KMS::Alias")
                    .with("AliasName", format!("alias/{name}"))
                    .with("TargetKeyId", Value::reference(input.id)),
            );
        }
        made
    }
}
