//! Facts about buckets.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

const OBJECTS: &[&str] = &["/*"];
const BOTH: &[&str] = &["", "/*"];

const READ: &[&str] = &["s3:GetObject", "s3:GetObjectVersion"];
const WRITE: &[&str] = &["s3:AbortMultipartUpload", "s3:PutObject"];

const NAMING: &[Property] = &[
    Property { name: "ExpandRegionToBucket", kind: Type::Truth },
    Property { name: "ExpandAccountIdToBucket", kind: Type::Truth },
    Property { name: "NameSeparator", kind: Type::Text },
    Property { name: "BucketPolicy", kind: Type::Any },
];

/// What is known of buckets.
pub(super) static FACTS: Facts = Facts {
    key: "x-s3",
    title: "Buckets (Amazon S3)",
    id_prefix: "Bucket",
    resource_type: "AWS::S3::Bucket",
    access: &[
        level(
            "CRUD",
            &[
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
            ],
            "read, write and delete objects",
        )
        .of("objects")
        .on(OBJECTS),
        level(
            "RW",
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            "read and write objects",
        )
        .of("objects")
        .on(OBJECTS),
        level("StrictRW", &["s3:GetObject", "s3:PutObject"], "read and write objects, nothing else")
            .of("objects")
            .on(OBJECTS),
        level(
            "RWDelete",
            &[
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
            ],
            "read, write and delete objects and their versions",
        )
        .of("objects")
        .on(OBJECTS),
        level("ReadOnly", READ, "read objects").of("objects").on(OBJECTS),
        level("StrictReadOnly", &["s3:GetObject"], "read objects, not their old versions")
            .of("objects")
            .on(OBJECTS),
        level("WriteOnly", WRITE, "write objects").of("objects").on(OBJECTS),
        level("StrictWriteOnly", &["s3:PutObject"], "write objects, nothing else").of("objects").on(OBJECTS),
        level("ListOnly", &["s3:GetBucketLocation", "s3:ListBucket"], "list objects").of("bucket"),
        level(
            "PowerUser",
            &[
                "s3:GetBucketLocation",
                "s3:GetBucketNotification",
                "s3:GetBucketTagging",
                "s3:GetBucketVersioning",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
                "s3:ListBucketVersions",
            ],
            "list objects, versions and uploads, and read how the bucket is set up",
        )
        .of("bucket"),
        level(
            "S3ReadPolicy",
            &[
                "s3:GetBucketLocation",
                "s3:GetLifecycleConfiguration",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
            ],
            "as the SAM policy template of that name",
        )
        .on(BOTH),
        level(
            "S3WritePolicy",
            &["s3:PutLifecycleConfiguration", "s3:PutObject", "s3:PutObjectAcl"],
            "as the SAM policy template of that name",
        )
        .on(BOTH),
        level(
            "S3CrudPolicy",
            &[
                "s3:DeleteObject",
                "s3:GetBucketLocation",
                "s3:GetLifecycleConfiguration",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:PutLifecycleConfiguration",
                "s3:PutObject",
                "s3:PutObjectAcl",
            ],
            "as the SAM policy template of that name",
        )
        .on(BOTH),
    ],
    attributes: &[
        attribute("BucketName", Source::Ref),
        attribute("Arn", Source::Att("Arn")),
        attribute("BucketArn", Source::Att("Arn")),
        attribute("DomainName", Source::Att("DomainName")),
        attribute("RegionalDomainName", Source::Att("RegionalDomainName")),
    ],
    default_attribute: "BucketName",
    arn_attribute: "Arn",
    variable_suffix: "BUCKET",
    macros: NAMING,
    settings: &[
        Property { name: "Retain", kind: Type::Truth },
        Property { name: "ExpandRegionToBucket", kind: Type::Truth },
        Property { name: "ExpandAccountIdToBucket", kind: Type::Truth },
        Property { name: "NameSeparator", kind: Type::Text },
        Property { name: "EnableEncryption", kind: Type::Text },
        Property { name: "EnableAcceleration", kind: Type::Truth },
    ],
    defaults: &[
        (
            "BucketEncryption",
            r#"{"ServerSideEncryptionConfiguration":[{"ServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}"#,
        ),
        ("OwnershipControls", r#"{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}"#),
        (
            "PublicAccessBlockConfiguration",
            r#"{"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}"#,
        ),
        ("VersioningConfiguration", r#"{"Status":"Enabled"}"#),
    ],
    lasting: Lasting::Retain,
    example: "\
x-s3:
  uploads:
    Properties:
      LifecycleConfiguration:
        Rules: [{ Id: old, Status: Enabled, ExpirationInDays: 365 }]
    Services:
      api:
        Access: { bucket: ListOnly, objects: RW }
        ReturnValues: { BucketName: UPLOADS }
",
    ..Facts::NONE
};
