//! Facts about parameters.

use crate::Facts;
use crate::Source;
use crate::Tagging;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of parameters.
pub(super) static FACTS: Facts = Facts {
    key: "x-ssm_parameter",
    title: "Parameters (AWS Systems Manager)",
    id_prefix: "Parameter",
    resource_type: "AWS::SSM::Parameter",
    access: &[
        level("RO", &["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters"], "read"),
        level(
            "RW",
            &[
                "ssm:DeleteParameter",
                "ssm:DeleteParameters",
                "ssm:GetParameter",
                "ssm:GetParameterHistory",
                "ssm:GetParameters",
                "ssm:PutParameter",
            ],
            "read, write and delete",
        ),
        level("RWStrict", &["ssm:GetParameter", "ssm:GetParameters", "ssm:PutParameter"], "read and write"),
        level(
            "SSMParameterReadPolicy",
            &["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            "as the SAM policy template of that name",
        ),
    ],
    attributes: &[
        attribute("Name", Source::Ref),
        attribute(
            "Arn",
            Source::Text("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${{id}}"),
        ),
        attribute("Value", Source::Att("Value")),
    ],
    default_attribute: "Name",
    arn_attribute: "Arn",
    variable_suffix: "PARAMETER",
    macros: &[
        Property { name: "FromFile", kind: Type::Text },
        Property { name: "ValidateJson", kind: Type::Truth },
        Property { name: "ValidateYaml", kind: Type::Truth },
        Property { name: "MinimizeJson", kind: Type::Truth },
        Property { name: "RenderToJson", kind: Type::Truth },
        Property { name: "EncodeToBase64", kind: Type::Truth },
    ],
    tagging: Tagging::Map("Tags"),
    defaults: &[("Type", "\"String\"")],
    example: "\
x-ssm_parameter:
  limits:
    Properties: { Value: '{\"orders\": 100}' }
    Services:
      api: { Access: RO }
",
    ..Facts::NONE
};
