//! Facts about document databases.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

const GROUP: &[Property] = &[
    Property { name: "Description", kind: Type::Text },
    Property { name: "Family", kind: Type::Text },
    Property { name: "Name", kind: Type::Text },
    Property { name: "Parameters", kind: Type::Any },
];

/// What is known of document databases.
pub(super) static FACTS: Facts = Facts {
    key: "x-docdb",
    title: "Document databases (Amazon DocumentDB)",
    id_prefix: "Docdb",
    resource_type: "AWS::DocDB::DBCluster",
    access: &[level(
        "RO",
        &["rds:DescribeDBClusters"],
        "see how the cluster is set up; data is reached with the credentials",
    )
    .of("DBCluster")],
    attributes: &[
        attribute("Endpoint", Source::Att("Endpoint")),
        attribute("ReadEndpoint", Source::Att("ReadEndpoint")),
        attribute("Port", Source::Att("Port")),
        attribute("DBClusterName", Source::Ref),
        attribute("DBClusterIdentifier", Source::Ref),
        attribute(
            "Arn",
            Source::Text("arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster:${{id}}"),
        ),
        attribute("SecretArn", Source::ChildRef("Secret")),
        attribute("SecurityGroupId", Source::ChildAtt("SecurityGroup", "GroupId")),
    ],
    default_attribute: "Endpoint",
    arn_attribute: "Arn",
    variable_suffix: "ENDPOINT",
    macros: &[
        Property { name: "Instances", kind: Type::Any },
        Property { name: "DBClusterParameterGroup", kind: Type::Object(GROUP) },
    ],
    settings: &[
        Property { name: "Retain", kind: Type::Truth },
        Property { name: "SecretsMappings", kind: Type::Any },
    ],
    edge_keys: &["SecretsMappings"],
    defaults: &[("StorageEncrypted", "true"), ("BackupRetentionPeriod", "7"), ("CopyTagsToSnapshot", "true")],
    lasting: Lasting::Snapshot,
    networked: true,
    without_access: true,
    example: "\
x-docdb:
  catalog:
    MacroParameters:
      Instances: [{ DBInstanceClass: db.t4g.medium }]
    Services:
      api:
        SecretsMappings:
          Mappings:
            - { SecretKey: username, VarName: CATALOG_USER }
            - { SecretKey: password, VarName: CATALOG_PASSWORD }
",
    ..Facts::NONE
};
