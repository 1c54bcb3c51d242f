//! Image repositories that the application itself uses.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of repositories.
pub(crate) static FACTS: Facts = Facts {
    key: "x-ecr",
    title: "Image repositories (Amazon ECR)",
    id_prefix: "Repository",
    resource_type: "AWS::ECR::Repository",
    access: &[
        level(
            "RO",
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:ListImages",
            ],
            "list and pull images",
        ),
        level(
            "RW",
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:ListImages",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            "list, pull and push images",
        ),
    ],
    attributes: &[
        attribute("RepositoryUri", Source::Att("RepositoryUri")),
        attribute("RepositoryName", Source::Ref),
        attribute("Arn", Source::Att("Arn")),
    ],
    default_attribute: "RepositoryUri",
    arn_attribute: "Arn",
    variable_suffix: "REPOSITORY",
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    defaults: &[
        ("ImageScanningConfiguration", r#"{"ScanOnPush":true}"#),
        ("ImageTagMutability", r#""IMMUTABLE""#),
        ("EncryptionConfiguration", r#"{"EncryptionType":"AES256"}"#),
    ],
    lasting: Lasting::Retain,
    example: "\
x-ecr:
  plugins:
    Services:
      runner: { Access: RO }
",
    ..Facts::NONE
};
