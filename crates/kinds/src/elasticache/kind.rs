//! Caches as a kind: memcached is a cache cluster, Redis and Valkey are a replication group (also
//! where a single node is asked for: only that can be encrypted).

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;

use super::data;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::codes;
use crate::common;
use crate::networked;

/// The kind `x-elasticache`.
pub(crate) struct Elasticache;

const CLUSTER: &str = "AWS::ElastiCache::CacheCluster";

/// Type of a node when none is given.
const NODE: &str = "cache.t4g.small";

fn written<'a>(resource: &'a Resource, name: &str) -> Option<&'a str> {
    common::text(common::property(resource, name).or_else(|| common::macro_parameter(resource, name)))
}

/// Returns true where `Properties` are those of a cache cluster.
fn is_cluster(resource: &Resource) -> bool {
    let engine = written(resource, "Engine");
    engine == Some("memcached")
        || (engine == Some("redis") && common::property(resource, "NumCacheNodes").is_some())
}

impl Kind for Elasticache {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn resource_type(&self, resource: &Resource) -> &'static str {
        if is_cluster(resource) { CLUSTER } else { data::FACTS.resource_type }
    }

    fn attribute(&self, resource: &Resource, id: &str, name: &str) -> Option<Value> {
        if !is_cluster(resource) {
            return common::attribute(&data::FACTS, id, name);
        }
        let end = if written(resource, "Engine") == Some("memcached") {
            "ConfigurationEndpoint"
        } else {
            "RedisEndpoint"
        };
        match name {
            "Endpoint" => Some(Value::get_att(id, format!("{end}.Address"))),
            "Port" => Some(Value::get_att(id, format!("{end}.Port"))),
            "Arn" => Some(Value::sub(format!(
                "arn:${{AWS::Partition}}:elasticache:${{AWS::Region}}:${{AWS::AccountId}}:cluster:${{{id}}}"
            ))),
            _ => common::attribute(&data::FACTS, id, name),
        }
    }

    fn port(&self, resource: &Resource) -> Option<u16> {
        let usual = if written(resource, "Engine") == Some("memcached") { 11_211 } else { 6_379 };
        Some(networked::port(resource, "Port", usual))
    }

    fn check(&self, resource: &Resource, _: &App, sink: &mut Sink) {
        if resource.lookup.is_none() && written(resource, "Engine").is_none() {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("cache `{}` has no engine", resource.name.value),
                )
                .label(resource.name.span, "no `Engine`")
                .help("write `MacroParameters: { Engine: valkey, EngineVersion: '8.0' }`"),
            );
        }
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let (id, resource) = (input.id, input.resource);
        let mut made = IndexMap::new();
        made.insert(
            format!("{id}Subnets"),
            networked::subnet_group(input, "AWS::ElastiCache::SubnetGroup", "Description"),
        );
        made.insert(format!("{id}SecurityGroup"), networked::security_group(input));
        let mut main = common::main(self, input);
        let mut set = |name: &str, value: Value| {
            if !main.properties.contains_key(name) {
                main.properties.insert(name.to_owned(), value);
            }
        };
        for name in ["Engine", "EngineVersion"] {
            if let Some(text) = written(resource, name) {
                set(name, Value::from(text));
            }
        }
        set("CacheNodeType", Value::from(written(resource, "CacheNodeType").unwrap_or(NODE)));
        if is_cluster(resource) {
            let nodes = written(resource, "NumCacheNodes").and_then(|text| text.parse().ok()).unwrap_or(1);
            set("NumCacheNodes", Value::Int(nodes));
            main.properties.insert("VpcSecurityGroupIds".to_owned(), networked::groups(input));
            if written(resource, "Engine") == Some("memcached") {
                // Memcached has no snapshots.
                main = main.retained("Delete");
            }
        } else {
            let what = format!("{} {}", resource.module, resource.name.value);
            set("ReplicationGroupDescription", Value::from(what));
            set("AtRestEncryptionEnabled", Value::Bool(true));
            set("TransitEncryptionEnabled", Value::Bool(true));
            set("SnapshotRetentionLimit", Value::Int(7));
            let sized =
                ["NumCacheClusters", "NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration"];
            if !sized.iter().any(|name| main.properties.contains_key(*name)) {
                main.properties.insert("NumCacheClusters".to_owned(), Value::Int(2));
                main.properties.entry("AutomaticFailoverEnabled".to_owned()).or_insert(Value::Bool(true));
            }
            main.properties.entry("AutomaticFailoverEnabled".to_owned()).or_insert(Value::Bool(false));
            main.properties.insert("SecurityGroupIds".to_owned(), networked::groups(input));
        }
        main.properties.insert("CacheSubnetGroupName".to_owned(), Value::reference(format!("{id}Subnets")));
        made.insert(id.to_owned(), main);
        made
    }
}
