//! The two roles and the boundary.
//!
//! The deploy role may do little by itself: it hands templates to CloudFormation, which acts with a
//! role of its own, and watches. The boundary keeps the power of the latter from growing through roles
//! that it makes.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::github;
use super::template::Bootstrap;
use super::template::sub;

/// Adds boundary, CloudFormation role and deploy role.
pub(super) fn add(wishes: &Bootstrap, resources: &mut Map<String, Value>) {
    resources.insert("Boundary".to_owned(), boundary());
    resources.insert("CloudFormationRole".to_owned(), cloudformation_role(wishes));
    resources.insert("DeployRole".to_owned(), deploy_role(wishes));
}

fn tags() -> Value {
    json!([{ "Key": "seaway:bootstrap", "Value": "1" }])
}

/// What a role of an application may ever do, whatever its own policies say.
fn boundary() -> Value {
    json!({
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": "Roles made by Seaway can do no more than this",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "AllButIdentities",
                        "Effect": "Allow",
                        "NotAction": ["iam:*", "organizations:*", "account:*"],
                        "Resource": "*",
                    },
                    {
                        "Sid": "HandOverOwnRoles",
                        "Effect": "Allow",
                        "Action": ["iam:PassRole"],
                        "Resource": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"),
                        "Condition": { "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
                    },
                ],
            },
        },
    })
}

/// IAM actions that give or take rights: only on roles within the boundary, where it is required.
const GRANTS: [&str; 5] = [
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
];

fn cloudformation_role(wishes: &Bootstrap) -> Value {
    let roles: Vec<Value> =
        names(wishes, |app| format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{app}-*"));
    let mut grants = json!({
        "Sid": "MakeRoles",
        "Effect": "Allow",
        "Action": GRANTS,
        "Resource": roles,
    });
    if wishes.require_boundary {
        grants["Condition"] = json!({ "StringEquals": { "iam:PermissionsBoundary": { "Ref": "Boundary" } } });
    }
    json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub("seaway-cloudformation-${AWS::Region}"),
            "Description": "CloudFormation makes the stacks of applications with it",
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": "cloudformation.amazonaws.com" },
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
                        "ArnLike": { "aws:SourceArn": stacks(wishes) },
                    },
                }],
            },
            "Policies": [{
                "PolicyName": "stacks",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "AllButIdentities",
                            "Effect": "Allow",
                            "NotAction": ["iam:*", "organizations:*", "account:*", "sts:*"],
                            "Resource": "*",
                        },
                        grants,
                        {
                            "Sid": "KeepRoles",
                            "Effect": "Allow",
                            "Action": [
                                "iam:DeleteRole",
                                "iam:GetRole",
                                "iam:GetRolePolicy",
                                "iam:ListAttachedRolePolicies",
                                "iam:ListRolePolicies",
                                "iam:ListRoleTags",
                                "iam:TagRole",
                                "iam:UntagRole",
                                "iam:UpdateAssumeRolePolicy",
                                "iam:UpdateRole",
                                "iam:UpdateRoleDescription",
                            ],
                            "Resource": roles,
                        },
                        {
                            "Sid": "HandOverRoles",
                            "Effect": "Allow",
                            "Action": ["iam:PassRole"],
                            "Resource": roles,
                            "Condition": {
                                "StringEquals": {
                                    "iam:PassedToService": [
                                        "ecs-tasks.amazonaws.com",
                                        "ecs.amazonaws.com",
                                        "scheduler.amazonaws.com",
                                    ],
                                },
                            },
                        },
                        {
                            "Sid": "ServicesOwnRoles",
                            "Effect": "Allow",
                            "Action": ["iam:CreateServiceLinkedRole"],
                            "Resource": sub(
                                "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/*",
                            ),
                        },
                        {
                            "Sid": "NeverTheBoundary",
                            "Effect": "Deny",
                            "Action": [
                                "iam:CreatePolicyVersion",
                                "iam:DeletePolicy",
                                "iam:DeletePolicyVersion",
                                "iam:DeleteRolePermissionsBoundary",
                                "iam:SetDefaultPolicyVersion",
                            ],
                            "Resource": "*",
                        },
                    ],
                },
            }],
            "Tags": tags(),
        },
    })
}

fn deploy_role(wishes: &Bootstrap) -> Value {
    let mut trust = github::trust(wishes);
    if wishes.trusted.is_empty() {
        // People of the account, as far as their own rights let them.
        trust.push(json!({
            "Effect": "Allow",
            "Principal": { "AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
            "Action": "sts:AssumeRole",
        }));
    } else {
        trust.push(json!({
            "Effect": "Allow",
            "Principal": { "AWS": wishes.trusted },
            "Action": "sts:AssumeRole",
        }));
    }
    json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub("seaway-deploy-${AWS::Region}"),
            "Description": "Seaway releases with it",
            "MaxSessionDuration": 14400,
            "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": trust },
            "Policies": [{
                "PolicyName": "release",
                "PolicyDocument": { "Version": "2012-10-17", "Statement": deploy_statements(wishes) },
            }],
            "Tags": tags(),
        },
    })
}

/// The calls of `AwsCloud`, on what is of the applications.
fn deploy_statements(wishes: &Bootstrap) -> Vec<Value> {
    let arns = |service: &str, resource: &str| {
        let (service, resource) = (service.to_owned(), resource.to_owned());
        names(wishes, move |app| {
            let resource = resource.replace("{app}", app);
            format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")
        })
    };
    let allow = |sid: &str, actions: &[&str], resource: Value| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource });
    let mut tasks = arns("ecs", "task-definition/{app}-*");
    tasks.extend(arns("ecs", "task/{app}-*"));
    let mut services = arns("ecs", "service/{app}-*");
    services.extend(arns("ecs", "service-deployment/{app}-*"));
    let mut statements = vec![
        allow(
            "Stacks",
            &[
                "cloudformation:CancelUpdateStack",
                "cloudformation:ContinueUpdateRollback",
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteChangeSet",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeChangeSet",
                "cloudformation:DescribeEvents",
                "cloudformation:DescribeStackEvents",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:GetTemplate",
                "cloudformation:ListChangeSets",
                "cloudformation:ListStackResources",
                "cloudformation:RollbackStack",
                "cloudformation:UpdateTerminationProtection",
            ],
            stacks(wishes),
        ),
        allow(
            "Look",
            &[
                "cloudformation:DescribeStacks",
                "ecr:GetAuthorizationToken",
                "ecs:DescribeServices",
                "ecs:DescribeServiceDeployments",
                "ecs:DescribeTaskDefinition",
                "ecs:DescribeTasks",
                "ecs:ListServiceDeployments",
                "ecs:ListTasks",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            json!("*"),
        ),
        allow("Services", &["ecs:StopServiceDeployment", "ecs:UpdateService"], json!(services)),
        allow("Tasks", &["ecs:ExecuteCommand", "ecs:RunTask", "ecs:StopTask"], json!(tasks)),
        allow("Sessions", &["ecs:ExecuteCommand"], json!(arns("ecs", "cluster/{app}-*"))),
        allow(
            "Logs",
            &["logs:DescribeLogStreams", "logs:FilterLogEvents"],
            json!(arns("logs", "log-group:/seaway/{app}/*")),
        ),
        allow(
            "Schedules",
            &["scheduler:GetSchedule", "scheduler:UpdateSchedule"],
            json!(arns("scheduler", "schedule/*/{app}-*")),
        ),
        allow(
            "Images",
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            json!(arns("ecr", "repository/{app}/*")),
        ),
        allow(
            "Parameters",
            &["ssm:GetParameters", "ssm:PutParameter"],
            json!(arns("ssm", "parameter/{app}/*")),
        ),
        allow(
            "Secrets",
            &[
                "secretsmanager:CreateSecret",
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
            ],
            json!(arns("secretsmanager", "secret:{app}/*")),
        ),
        allow("Bucket", &["s3:ListBucket"], json!({ "Fn::GetAtt": ["ArtifactBucket", "Arn"] })),
        allow(
            "Artifacts",
            &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            json!(
                ["templates", "locks", "releases"]
                    .iter()
                    .flat_map(|folder| names(wishes, |app| format!(
                        "${{ArtifactBucket.Arn}}/{folder}/{app}/*"
                    )))
                    .collect::<Vec<Value>>()
            ),
        ),
        json!({
            "Sid": "HandOver",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": { "Fn::GetAtt": ["CloudFormationRole", "Arn"] },
            "Condition": { "StringEquals": { "iam:PassedToService": "cloudformation.amazonaws.com" } },
        }),
        json!({
            "Sid": "HandOverToTasks",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": names(wishes, |app| {
                format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{app}-*")
            }),
            "Condition": {
                "StringEquals": {
                    "iam:PassedToService": ["ecs-tasks.amazonaws.com", "scheduler.amazonaws.com"],
                },
            },
        }),
    ];
    if wishes.kms_key {
        statements.push(allow(
            "ArtifactKey",
            &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            json!({ "Fn::GetAtt": ["ArtifactKey", "Arn"] }),
        ));
    }
    statements
}

/// Stacks of the applications.
fn stacks(wishes: &Bootstrap) -> Value {
    json!(names(wishes, |app| {
        format!("arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{app}-*/*")
    }))
}

fn names(wishes: &Bootstrap, pattern: impl Fn(&str) -> String) -> Vec<Value> {
    wishes.apps.iter().map(|app| sub(pattern(app))).collect()
}
