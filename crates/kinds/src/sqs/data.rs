//! Facts about queues: properties (resource schema `AWS::SQS::Queue`), access levels (service
//! authorization reference, Amazon SQS), attributes.

use crate::AccessLevel;
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
        name: "Publish",
        actions: &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
        description: "send messages",
    },
    AccessLevel {
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
        name: "RO",
        actions: &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues"],
        description: "see how full the queue is",
    },
    AccessLevel {
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
];

/// Attributes that may be returned.
pub(super) const ATTRIBUTES: &[&str] = &["QueueUrl", "Arn", "QueueArn", "QueueName"];
