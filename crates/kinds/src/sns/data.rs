//! Facts about topics.

use crate::Facts;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;

/// What is known of topics.
pub(super) static FACTS: Facts = Facts {
    key: "x-sns",
    title: "Topics (Amazon SNS)",
    id_prefix: "Topic",
    resource_type: "AWS::SNS::Topic",
    access: &[
        level("Publish", &["sns:GetTopicAttributes", "sns:Publish"], "publish messages"),
        level("SNSPublishMessagePolicy", &["sns:Publish"], "as the SAM policy template of that name"),
    ],
    attributes: &[
        attribute("TopicArn", Source::Ref),
        attribute("Arn", Source::Ref),
        attribute("TopicName", Source::Att("TopicName")),
    ],
    default_attribute: "TopicArn",
    arn_attribute: "TopicArn",
    variable_suffix: "TOPIC_ARN",
    key_property: Some("KmsMasterKeyId"),
    example: "\
x-sns:
  ordered:
    Properties:
      Subscription:
        - { Protocol: sqs, Endpoint: x-sqs::orders::Arn }
    Services:
      api: { Access: Publish }
x-sqs:
  orders:
    Services:
      worker: { Access: Consume }
",
    ..Facts::NONE
};
