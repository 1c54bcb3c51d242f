//! Facts about graph databases.

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

/// What is known of graph databases.
pub(super) static FACTS: Facts = Facts {
    key: "x-neptune",
    title: "Graph databases (Amazon Neptune)",
    id_prefix: "Neptune",
    resource_type: "AWS::Neptune::DBCluster",
    access: &[
        level("connect", &["neptune-db:connect"], "everything with the graph, for engines before 1.2")
            .of("NeptuneDB"),
        level(
            "RO",
            &[
                "neptune-db:GetEngineStatus",
                "neptune-db:GetGraphSummary",
                "neptune-db:GetQueryStatus",
                "neptune-db:ReadDataViaQuery",
            ],
            "query the graph",
        )
        .of("NeptuneDB"),
        level(
            "RW",
            &[
                "neptune-db:CancelQuery",
                "neptune-db:DeleteDataViaQuery",
                "neptune-db:GetEngineStatus",
                "neptune-db:GetGraphSummary",
                "neptune-db:GetQueryStatus",
                "neptune-db:ReadDataViaQuery",
                "neptune-db:WriteDataViaQuery",
            ],
            "query and change the graph",
        )
        .of("NeptuneDB"),
    ],
    attributes: &[
        attribute("Endpoint", Source::Att("Endpoint")),
        attribute("ReadEndpoint", Source::Att("ReadEndpoint")),
        attribute("Port", Source::Att("Port")),
        attribute("ClusterResourceId", Source::Att("ClusterResourceId")),
        attribute("DBClusterIdentifier", Source::Ref),
        attribute(
            "Arn",
            Source::Text(
                "arn:${AWS::Partition}:neptune-db:${AWS::Region}:${AWS::AccountId}:${{id}.ClusterResourceId}/*",
            ),
        ),
        attribute("SecurityGroupId", Source::ChildAtt("SecurityGroup", "GroupId")),
    ],
    default_attribute: "Endpoint",
    arn_attribute: "Arn",
    variable_suffix: "ENDPOINT",
    macros: &[
        Property { name: "Instances", kind: Type::Any },
        Property { name: "DBClusterParameterGroup", kind: Type::Object(GROUP) },
    ],
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    defaults: &[
        ("StorageEncrypted", "true"),
        ("BackupRetentionPeriod", "7"),
        ("IamAuthEnabled", "true"),
        ("CopyTagsToSnapshot", "true"),
    ],
    lasting: Lasting::Snapshot,
    networked: true,
    example: "\
x-neptune:
  people:
    MacroParameters:
      Instances: [{ DBInstanceClass: db.t4g.medium }]
    Services:
      api: { Access: { NeptuneDB: RW } }
",
    ..Facts::NONE
};
