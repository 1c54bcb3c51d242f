//! Facts about tables.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

const WITH_INDEXES: &[&str] = &["", "/index/*"];

/// What is known of tables.
pub(super) static FACTS: Facts = Facts {
    key: "x-dynamodb",
    title: "Tables (Amazon DynamoDB)",
    id_prefix: "Table",
    resource_type: "AWS::DynamoDB::Table",
    access: &[
        level(
            "RW",
            &[
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ],
            "read, write and delete items",
        )
        .on(WITH_INDEXES),
        level(
            "RO",
            &[
                "dynamodb:BatchGetItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:Query",
                "dynamodb:Scan",
            ],
            "read items",
        )
        .on(WITH_INDEXES),
        level(
            "PowerUser",
            &[
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeTimeToLive",
                "dynamodb:GetItem",
                "dynamodb:ListTagsOfResource",
                "dynamodb:PartiQLDelete",
                "dynamodb:PartiQLInsert",
                "dynamodb:PartiQLSelect",
                "dynamodb:PartiQLUpdate",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ],
            "everything with items, PartiQL included",
        )
        .on(WITH_INDEXES),
        level(
            "DynamoDBCrudPolicy",
            &[
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ],
            "as the SAM policy template of that name",
        )
        .on(WITH_INDEXES),
        level(
            "DynamoDBReadPolicy",
            &[
                "dynamodb:BatchGetItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:Query",
                "dynamodb:Scan",
            ],
            "as the SAM policy template of that name",
        )
        .on(WITH_INDEXES),
        level(
            "DynamoDBWritePolicy",
            &["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            "as the SAM policy template of that name",
        )
        .on(WITH_INDEXES),
    ],
    attributes: &[
        attribute("TableName", Source::Ref),
        attribute("Arn", Source::Att("Arn")),
        attribute("StreamArn", Source::Att("StreamArn")),
    ],
    default_attribute: "TableName",
    arn_attribute: "Arn",
    variable_suffix: "TABLE",
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    keys: &["Scaling"],
    defaults: &[
        ("PointInTimeRecoverySpecification", r#"{"PointInTimeRecoveryEnabled":true}"#),
        ("SSESpecification", r#"{"SSEEnabled":true}"#),
    ],
    lasting: Lasting::Retain,
    example: "\
x-dynamodb:
  sessions:
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: expires, Enabled: true }
    Services:
      api: { Access: RW }
",
    ..Facts::NONE
};
