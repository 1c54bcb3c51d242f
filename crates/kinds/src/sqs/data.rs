//! Facts about queues: properties (resource schema `AWS::SQS::Queue`), access levels (service
//! authorization reference, Amazon SQS), attributes.

use crate::AccessLevel;
use crate::Attribute;
use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// Seconds that messages are kept by default: SQS' own four days.
pub(super) const RETENTION: i64 = 345_600;
/// Seconds that a dead-letter queue keeps messages by default: the longest there is, because a
/// message's age counts from its first queue.
pub(super) const DEAD_LETTER_RETENTION: i64 = 1_209_600;

const REDRIVE: &[Property] = &[
    Property { name: "deadLetterTargetArn", kind: Type::Text },
    Property { name: "maxReceiveCount", kind: Type::Number(1, 1_000) },
];

const REDRIVE_ALLOW: &[Property] = &[
    Property { name: "redrivePermission", kind: Type::Word(&["allowAll", "denyAll", "byQueue"]) },
    Property { name: "sourceQueueArns", kind: Type::Texts },
];

/// Properties that may be written.
pub(super) const PROPERTIES: &[Property] = &[
    Property { name: "QueueName", kind: Type::Text },
    Property { name: "DelaySeconds", kind: Type::Number(0, 900) },
    Property { name: "MaximumMessageSize", kind: Type::Number(1_024, 1_048_576) },
    Property { name: "MessageRetentionPeriod", kind: Type::Number(60, 1_209_600) },
    Property { name: "ReceiveMessageWaitTimeSeconds", kind: Type::Number(0, 20) },
    Property { name: "VisibilityTimeout", kind: Type::Number(0, 43_200) },
    Property { name: "FifoQueue", kind: Type::Truth },
    Property { name: "ContentBasedDeduplication", kind: Type::Truth },
    Property { name: "DeduplicationScope", kind: Type::Word(&["messageGroup", "queue"]) },
    Property { name: "FifoThroughputLimit", kind: Type::Word(&["perQueue", "perMessageGroupId"]) },
    Property { name: "KmsMasterKeyId", kind: Type::Text },
    Property { name: "KmsDataKeyReusePeriodSeconds", kind: Type::Number(60, 86_400) },
    Property { name: "SqsManagedSseEnabled", kind: Type::Truth },
    Property { name: "RedrivePolicy", kind: Type::Object(REDRIVE) },
    Property { name: "RedriveAllowPolicy", kind: Type::Object(REDRIVE_ALLOW) },
];

/// Settings that may be written.
pub(super) const SETTINGS: &[Property] = &[Property { name: "Retain", kind: Type::Truth }];

/// Access levels.
pub(super) const ACCESS: &[AccessLevel] = &[
    AccessLevel {
        part: "",
        on: &[""],
        name: "RWMessages",
        actions: &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
        description: "send, receive and delete messages",
    },
    AccessLevel {
        part: "",
        on: &[""],
        name: "Publish",
        actions: &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
        description: "send messages",
    },
    AccessLevel {
        part: "",
        on: &[""],
        name: "Consume",
        actions: &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
        ],
        description: "receive and delete messages",
    },
    AccessLevel {
        part: "",
        on: &[""],
        name: "RO",
        actions: &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues"],
        description: "see how full the queue is",
    },
    AccessLevel {
        part: "",
        on: &[""],
        name: "RWPermissions",
        actions: &[
            "sqs:AddPermission",
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
            "sqs:RemovePermission",
            "sqs:SendMessage",
        ],
        description: "everything with messages, and grant others access",
    },
    AccessLevel {
        part: "",
        on: &[""],
        name: "PowerUser",
        actions: &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ListDeadLetterSourceQueues",
            "sqs:PurgeQueue",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
        description: "everything with messages, and empty the queue",
    },
    level(
        "SQSPollerPolicy",
        &["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        "as the SAM policy template of that name",
    ),
    level("SQSSendMessagePolicy", &["sqs:SendMessage"], "as the SAM policy template of that name"),
];

/// Attributes that may be returned.
const ATTRIBUTES: &[Attribute] = &[
    attribute("QueueUrl", Source::Ref),
    attribute("Arn", Source::Att("Arn")),
    attribute("QueueArn", Source::Att("Arn")),
    attribute("QueueName", Source::Att("QueueName")),
];

const PRINCIPALS: &[Property] =
    &[Property { name: "Consume", kind: Type::Texts }, Property { name: "Publish", kind: Type::Texts }];

/// What is known of queues.
pub(super) static FACTS: Facts = Facts {
    key: "x-sqs",
    title: "Queues (Amazon SQS)",
    id_prefix: "Queue",
    resource_type: "AWS::SQS::Queue",
    access: ACCESS,
    attributes: ATTRIBUTES,
    default_attribute: "QueueUrl",
    arn_attribute: "Arn",
    variable_suffix: "QUEUE_URL",
    macros: &[Property { name: "AwsPrincipalsAccess", kind: Type::Object(PRINCIPALS) }],
    settings: SETTINGS,
    lasting: Lasting::Retain,
    key_property: Some("KmsMasterKeyId"),
    example: "\
x-sqs:
  orders:
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: x-sqs::failed, maxReceiveCount: 3 }
    Services:
      api: { Access: Publish }
      worker:
        Access: Consume
        ReturnValues: { QueueUrl: ORDERS_URL }
        Scaling:
          Steps:
            - { LowerBound: 0, UpperBound: 100, Count: 1 }
            - { LowerBound: 100, Count: 5 }
  failed: {}
",
    ..Facts::NONE
};
