//! Tables as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;

use super::data;
use super::scaling;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::codes;
use crate::common;

/// The kind `x-dynamodb`.
pub(crate) struct Dynamodb;

impl Kind for Dynamodb {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn check(&self, resource: &Resource, _: &App, sink: &mut Sink) {
        let name = &resource.name;
        for key in ["AttributeDefinitions", "KeySchema"] {
            if resource.lookup.is_none() && common::property(resource, key).is_none() {
                sink.push(
                    Diagnostic::error(codes::BAD_PROPERTY, format!("table `{}` has no `{key}`", name.value))
                        .label(name.span, "a table needs a key")
                        .help("write `AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]` and `KeySchema: [{ AttributeName: id, KeyType: HASH }]`"),
                );
            }
        }
        scaling::check(resource, sink);
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let mut table = common::main(self, input);
        if !table.properties.contains_key("BillingMode")
            && !table.properties.contains_key("ProvisionedThroughput")
        {
            table.properties.insert("BillingMode".to_owned(), Value::from("PAY_PER_REQUEST"));
        }
        let mut made = IndexMap::from([(input.id.to_owned(), table)]);
        made.extend(scaling::synth(input));
        made
    }
}
