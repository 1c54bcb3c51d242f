//! Facts about streams.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of streams.
pub(super) static FACTS: Facts = Facts {
    key: "x-kinesis",
    title: "Data streams (Amazon Kinesis)",
    id_prefix: "Stream",
    resource_type: "AWS::Kinesis::Stream",
    access: &[
        level(
            "Producer",
            &[
                "kinesis:DescribeStreamSummary",
                "kinesis:ListShards",
                "kinesis:PutRecord",
                "kinesis:PutRecords",
            ],
            "put records",
        ),
        level(
            "Consumer",
            &[
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            "get records",
        ),
        level(
            "PowerUser",
            &[
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
                "kinesis:PutRecord",
                "kinesis:PutRecords",
            ],
            "put and get records",
        ),
        level(
            "KinesisStreamReadPolicy",
            &[
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            "as the SAM policy template of that name",
        ),
        level(
            "KinesisCrudPolicy",
            &[
                "kinesis:AddTagsToStream",
                "kinesis:DecreaseStreamRetentionPeriod",
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:IncreaseStreamRetentionPeriod",
                "kinesis:ListShards",
                "kinesis:ListTagsForStream",
                "kinesis:MergeShards",
                "kinesis:PutRecord",
                "kinesis:PutRecords",
                "kinesis:RemoveTagsFromStream",
                "kinesis:SplitShard",
                "kinesis:UpdateShardCount",
            ],
            "as the SAM policy template of that name",
        ),
    ],
    attributes: &[
        attribute("StreamName", Source::Ref),
        attribute("StreamId", Source::Ref),
        attribute("Arn", Source::Att("Arn")),
        attribute("StreamArn", Source::Att("Arn")),
    ],
    default_attribute: "StreamName",
    arn_attribute: "Arn",
    variable_suffix: "STREAM",
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    defaults: &[
        ("RetentionPeriodHours", "24"),
        ("StreamEncryption", r#"{"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}"#),
    ],
    lasting: Lasting::Retain,
    example: "\
x-kinesis:
  clicks:
    Properties: { RetentionPeriodHours: 72 }
    Services:
      web: { Access: Producer }
      report: { Access: Consumer }
",
    ..Facts::NONE
};
