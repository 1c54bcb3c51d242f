//! Search domains as a kind.

use indexmap::IndexMap;
use seaway_cfn::Intrinsic;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_model::App;
use seaway_model::Resource;
use seaway_yaml::Node;

use super::data;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::codes;
use crate::common;
use crate::networked;

/// The kind `x-opensearch`.
pub(crate) struct Opensearch;

impl Kind for Opensearch {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn port(&self, _: &Resource) -> Option<u16> {
        Some(443)
    }

    fn check(&self, resource: &Resource, _: &App, sink: &mut Sink) {
        if let Some(node) = common::property(resource, "EngineVersion")
            && node.as_str().is_none_or(|version| !data::VERSIONS.contains(&version))
        {
            let version = node.as_str().unwrap_or_default();
            let finding = Diagnostic::error(
                codes::BAD_PROPERTY,
                format!("`{version}` is no version of OpenSearch Service"),
            )
            .label(node.span, "this version");
            sink.push(match nearest(version, data::VERSIONS.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("there are {}", data::VERSIONS.join(", "))),
            });
        }
        if let Some(node) = common::property(resource, "VPCOptions") {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("domain `{}` names its own network", resource.name.value),
                )
                .label(node.span, "it stands in the subnets of the tasks")
                .help("take `VPCOptions` out"),
            );
        }
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let id = input.id;
        let mut made = IndexMap::new();
        made.insert(format!("{id}SecurityGroup"), networked::security_group(input));
        let mut main = common::main(self, input);
        let count = common::property(input.resource, "ClusterConfig")
            .and_then(Node::as_map)
            .and_then(|map| map.get("ZoneAwarenessEnabled"));
        // Without zone awareness a domain stands in exactly one subnet, with it in two.
        let wanted = if common::truth(count) == Some(true) { 2 } else { 1 };
        let all = input.network.map_or(Value::Null, |network| network.subnets.clone());
        let subnets = (0..wanted).map(|index| -> Value {
            Intrinsic::Select { index: Value::Int(index), list: all.clone() }.into()
        });
        let network = common::object([
            ("SubnetIds", Value::List(subnets.collect())),
            ("SecurityGroupIds", networked::groups(input)),
        ]);
        main.properties.insert("VPCOptions".to_owned(), network);
        made.insert(id.to_owned(), main);
        made
    }
}
