//! Facts about keys.

use crate::Attribute;
use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

const ATTRIBUTES: &[Attribute] = &[
    attribute("KeyId", Source::Ref),
    attribute("Arn", Source::Att("Arn")),
    attribute("KeyArn", Source::Att("Arn")),
];

/// What is known of keys.
pub(super) static FACTS: Facts = Facts {
    key: "x-kms",
    title: "Keys (AWS KMS)",
    id_prefix: "Key",
    resource_type: "AWS::KMS::Key",
    access: &[
        level(
            "EncryptDecrypt",
            &[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            "encrypt and decrypt",
        ),
        level(
            "EncryptOnly",
            &[
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptTo",
            ],
            "encrypt",
        ),
        level("DecryptOnly", &["kms:Decrypt", "kms:DescribeKey"], "decrypt"),
        level("SQS", &["kms:Decrypt", "kms:GenerateDataKey"], "what a client of an encrypted queue needs"),
        level("KMSDecryptPolicy", &["kms:Decrypt"], "as the SAM policy template of that name"),
        level("KMSEncryptPolicy", &["kms:Encrypt"], "as the SAM policy template of that name"),
    ],
    attributes: ATTRIBUTES,
    default_attribute: "KeyId",
    arn_attribute: "Arn",
    variable_suffix: "KEY_ID",
    macros: &[Property { name: "Alias", kind: Type::Text }],
    settings: &[Property { name: "Alias", kind: Type::Text }, Property { name: "Retain", kind: Type::Truth }],
    defaults: &[("EnableKeyRotation", "true")],
    lasting: Lasting::Retain,
    example: "\
x-kms:
  orders:
    MacroParameters: { Alias: shop-orders }
    Services:
      api: { Access: EncryptDecrypt }
",
    ..Facts::NONE
};
