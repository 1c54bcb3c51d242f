//! Facts about search domains.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

const BELOW: &[&str] = &["/*"];

/// Versions of engines (OpenSearch Service developer guide, "Supported versions").
pub(super) const VERSIONS: &[&str] = &[
    "OpenSearch_1.0",
    "OpenSearch_1.1",
    "OpenSearch_1.2",
    "OpenSearch_1.3",
    "OpenSearch_2.3",
    "OpenSearch_2.5",
    "OpenSearch_2.7",
    "OpenSearch_2.9",
    "OpenSearch_2.11",
    "OpenSearch_2.13",
    "OpenSearch_2.15",
    "OpenSearch_2.17",
    "OpenSearch_2.19",
    "OpenSearch_3.1",
    "Elasticsearch_6.8",
    "Elasticsearch_7.1",
    "Elasticsearch_7.4",
    "Elasticsearch_7.7",
    "Elasticsearch_7.8",
    "Elasticsearch_7.9",
    "Elasticsearch_7.10",
];

/// What is known of search domains.
pub(super) static FACTS: Facts = Facts {
    key: "x-opensearch",
    title: "Search domains (Amazon OpenSearch Service)",
    id_prefix: "Domain",
    resource_type: "AWS::OpenSearchService::Domain",
    access: &[
        level(
            "RW",
            &[
                "es:ESHttpDelete",
                "es:ESHttpGet",
                "es:ESHttpHead",
                "es:ESHttpPatch",
                "es:ESHttpPost",
                "es:ESHttpPut",
            ],
            "search, index and delete",
        )
        .of("Http")
        .on(BELOW),
        level("RO", &["es:ESHttpGet", "es:ESHttpHead"], "search with GET").of("Http").on(BELOW),
        level(
            "Describe",
            &["es:DescribeDomain", "es:DescribeDomainConfig", "es:ListTags"],
            "see how the domain is set up",
        )
        .of("DBCluster"),
    ],
    attributes: &[
        attribute("DomainEndpoint", Source::Att("DomainEndpoint")),
        attribute("DomainName", Source::Ref),
        attribute("Arn", Source::Att("Arn")),
        attribute("SecurityGroupId", Source::ChildAtt("SecurityGroup", "GroupId")),
    ],
    default_attribute: "DomainEndpoint",
    arn_attribute: "Arn",
    variable_suffix: "ENDPOINT",
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    defaults: &[
        ("EngineVersion", r#""OpenSearch_2.19""#),
        ("ClusterConfig", r#"{"InstanceType":"t3.small.search","InstanceCount":1}"#),
        ("EBSOptions", r#"{"EBSEnabled":true,"VolumeType":"gp3","VolumeSize":20}"#),
        ("EncryptionAtRestOptions", r#"{"Enabled":true}"#),
        ("NodeToNodeEncryptionOptions", r#"{"Enabled":true}"#),
        (
            "DomainEndpointOptions",
            r#"{"EnforceHTTPS":true,"TLSSecurityPolicy":"Policy-Min-TLS-1-2-PFS-2023-10"}"#,
        ),
    ],
    lasting: Lasting::Retain,
    networked: true,
    example: "\
x-opensearch:
  catalog:
    Properties:
      ClusterConfig: { InstanceType: r7g.large.search, InstanceCount: 1 }
    Services:
      api: { Access: { Http: RW } }
",
    ..Facts::NONE
};
