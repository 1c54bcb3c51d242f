//! Facts about relational databases.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of relational databases.
pub(super) static FACTS: Facts = Facts {
    key: "x-rds",
    title: "Relational databases (Amazon RDS, Aurora)",
    id_prefix: "Database",
    resource_type: "AWS::RDS::DBCluster",
    access: &[
        level(
            "RO",
            &["rds:DescribeDBClusters", "rds:DescribeDBInstances"],
            "see how the database is set up; data is reached with the credentials",
        )
        .of("DBCluster"),
        level(
            "RW",
            &["rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:ListTagsForResource"],
            "the same with tags; data is reached with the credentials",
        )
        .of("DBCluster"),
    ],
    attributes: &[
        attribute("Endpoint", Source::Att("Endpoint.Address")),
        attribute("ReadEndpoint", Source::Att("ReadEndpoint.Address")),
        attribute("Port", Source::Att("Endpoint.Port")),
        attribute("DBClusterIdentifier", Source::Ref),
        attribute("Arn", Source::Att("DBClusterArn")),
        attribute("SecretArn", Source::ChildRef("Secret")),
        attribute("SecurityGroupId", Source::ChildAtt("SecurityGroup", "GroupId")),
    ],
    default_attribute: "Endpoint",
    arn_attribute: "Arn",
    variable_suffix: "ENDPOINT",
    macros: &[
        Property { name: "Engine", kind: Type::Text },
        Property { name: "EngineVersion", kind: Type::Text },
        Property { name: "Instances", kind: Type::Any },
        Property { name: "ParameterGroup", kind: Type::Any },
    ],
    settings: &[
        Property { name: "Retain", kind: Type::Truth },
        Property { name: "SecretsMappings", kind: Type::Any },
    ],
    edge_keys: &["SecretsMappings"],
    defaults: &[("StorageEncrypted", "true"), ("BackupRetentionPeriod", "7")],
    lasting: Lasting::Snapshot,
    networked: true,
    example: "\
x-rds:
  shop:
    MacroParameters: { Engine: aurora-postgresql, EngineVersion: '17.9' }
    Services:
      api:
        Access: { DBCluster: RO }
        SecretsMappings:
          PrefixWithDbName: true
          Mappings:
            - { SecretKey: host, VarName: HOST }
            - { SecretKey: username, VarName: USER }
            - { SecretKey: password, VarName: PASSWORD }
",
    ..Facts::NONE
};
