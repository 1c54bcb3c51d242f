//! User pools of Amazon Cognito.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::Tagging;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of user pools.
pub(crate) static FACTS: Facts = Facts {
    key: "x-cognito_userpool",
    title: "User pools (Amazon Cognito)",
    id_prefix: "UserPool",
    resource_type: "AWS::Cognito::UserPool",
    access: &[
        level(
            "RO",
            &[
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminListGroupsForUser",
                "cognito-idp:DescribeUserPool",
                "cognito-idp:ListGroups",
                "cognito-idp:ListUsers",
                "cognito-idp:ListUsersInGroup",
            ],
            "see users and groups",
        ),
        level(
            "RW",
            &[
                "cognito-idp:AdminAddUserToGroup",
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminDisableUser",
                "cognito-idp:AdminEnableUser",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminListGroupsForUser",
                "cognito-idp:AdminRemoveUserFromGroup",
                "cognito-idp:AdminUpdateUserAttributes",
                "cognito-idp:DescribeUserPool",
                "cognito-idp:ListGroups",
                "cognito-idp:ListUsers",
                "cognito-idp:ListUsersInGroup",
            ],
            "see and change users and groups",
        ),
    ],
    attributes: &[
        attribute("UserPoolId", Source::Ref),
        attribute("Arn", Source::Att("Arn")),
        attribute("ProviderName", Source::Att("ProviderName")),
        attribute("ProviderURL", Source::Att("ProviderURL")),
    ],
    default_attribute: "UserPoolId",
    arn_attribute: "Arn",
    variable_suffix: "USER_POOL_ID",
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    defaults: &[
        ("AdminCreateUserConfig", r#"{"AllowAdminCreateUserOnly":true}"#),
        (
            "Policies",
            r#"{"PasswordPolicy":{"MinimumLength":14,"RequireLowercase":true,"RequireNumbers":true,"RequireSymbols":true,"RequireUppercase":true}}"#,
        ),
    ],
    tagging: Tagging::Map("UserPoolTags"),
    lasting: Lasting::Retain,
    example: "\
x-cognito_userpool:
  customers:
    Services:
      api: { Access: RO }
",
    ..Facts::NONE
};
