//! Facts about caches.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of caches.
pub(super) static FACTS: Facts = Facts {
    key: "x-elasticache",
    title: "Caches (Amazon ElastiCache)",
    id_prefix: "Cache",
    resource_type: "AWS::ElastiCache::ReplicationGroup",
    access: &[],
    attributes: &[
        attribute("Endpoint", Source::Att("PrimaryEndPoint.Address")),
        attribute("Port", Source::Att("PrimaryEndPoint.Port")),
        attribute("Name", Source::Ref),
        attribute(
            "Arn",
            Source::Text(
                "arn:${AWS::Partition}:elasticache:${AWS::Region}:${AWS::AccountId}:replicationgroup:${{id}}",
            ),
        ),
        attribute("SecurityGroupId", Source::ChildAtt("SecurityGroup", "GroupId")),
    ],
    default_attribute: "Endpoint",
    arn_attribute: "Arn",
    variable_suffix: "ENDPOINT",
    macros: &[
        Property { name: "Engine", kind: Type::Word(&["memcached", "redis", "valkey"]) },
        Property { name: "EngineVersion", kind: Type::Text },
        Property { name: "CacheNodeType", kind: Type::Text },
        Property { name: "NumCacheNodes", kind: Type::Number(1, 40) },
    ],
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    lasting: Lasting::Snapshot,
    networked: true,
    without_access: true,
    example: "\
x-elasticache:
  sessions:
    MacroParameters: { Engine: valkey, EngineVersion: '8.0', CacheNodeType: cache.t4g.small }
    Services:
      api: {}
",
    ..Facts::NONE
};
