//! The execution role (what ECS needs to start the task) and the task role (what the application
//! may do), each with exact resources.

use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_model::Image;
use seaway_model::Secret;

use super::logs::LOG_GROUP;
use super::policy::allow;
use super::policy::inline;
use super::policy::own_arn;
use super::policy::own_arn_text;
use super::policy::trust;
use super::stack::Parts;
use crate::builder::Builder;

/// Logical id of the execution role.
pub(super) const EXECUTION_ROLE: &str = "ExecutionRole";
/// Logical id of the task role.
pub(super) const TASK_ROLE: &str = "TaskRole";

/// Adds both roles.
pub(super) fn synth(parts: &Parts<'_, '_>, builder: &mut Builder) {
    let mut policies = vec![inline(
        "logs",
        vec![allow(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![Value::get_att(LOG_GROUP, "Arn")])],
    )];
    policies.extend(images(parts));
    policies.extend(secrets(parts));
    builder.resource(EXECUTION_ROLE, role(parts, "Starts the tasks", policies));

    let mut policies = Vec::new();
    if parts.exec() {
        policies.push(exec(parts));
    }
    if !parts.access.is_empty() {
        let statements =
            parts.access.iter().map(|grant| allow(grant.actions, grant.resources.clone())).collect();
        policies.push(inline("resources", statements));
    }
    policies.extend(readable_secrets(parts));
    for (name, document) in &parts.workload.iam.policies {
        // What the user wrote is JSON; functions in it stand for themselves.
        let document = Value::from_json(document).unwrap_or(Value::Null);
        policies.push(Value::map([("PolicyName", Value::from(name.as_str())), ("PolicyDocument", document)]));
    }
    let managed = &parts.workload.iam.managed;
    let managed = (!managed.is_empty()).then(|| Value::list(managed.iter().map(String::as_str)));
    let role = role(parts, "Rights of the application", policies).with("ManagedPolicyArns", managed);
    builder.resource(TASK_ROLE, role);
}

fn role(parts: &Parts<'_, '_>, what: &str, policies: Vec<Value>) -> Resource {
    let description = format!("{what} of {} of {}", parts.workload.name, parts.context.names.of_what());
    let policies = if policies.is_empty() { Value::Null } else { Value::List(policies) };
    Resource::new("AWS::IAM::Role")
        .with("Description", description)
        // The cluster's ARN is not what ECS sends; any ECS source of this account and region is.
        .with("AssumeRolePolicyDocument", trust("ecs-tasks.amazonaws.com", &own_arn_text("ecs", "*")))
        .with("Policies", policies)
        .with("PermissionsBoundary", boundary(parts))
        .with("Tags", parts.tags.clone())
}

/// Returns the permissions boundary: an ARN as it is, a name as a policy of the account.
fn boundary(parts: &Parts<'_, '_>) -> Value {
    match parts.workload.iam.boundary.as_deref() {
        None => Value::Null,
        Some(text) if text.starts_with("arn:") => Value::from(text),
        Some(name) => Value::sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{name}")),
    }
}

/// Rights to pull from the registries of ECR; public registries need none.
fn images(parts: &Parts<'_, '_>) -> Option<Value> {
    let mut repositories: Vec<Value> = Vec::new();
    for container in &parts.workload.containers {
        let arn = match &container.image {
            Image::Build(build) => match build.repository.as_deref().and_then(ecr_repository) {
                Some(arn) => arn,
                None => {
                    let name = parts.context.names.repository(&container.name);
                    own_arn("ecr", &format!("repository/{name}"))
                }
            },
            Image::Reference(reference) => match ecr_repository(reference) {
                Some(arn) => arn,
                None => continue,
            },
        };
        if !repositories.contains(&arn) {
            repositories.push(arn);
        }
    }
    if repositories.is_empty() {
        return None;
    }
    let pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    // The token is for the whole registry: this action knows no resource.
    Some(inline(
        "images",
        vec![allow(&pull, repositories), allow(&["ecr:GetAuthorizationToken"], vec![Value::from("*")])],
    ))
}

/// Returns the ARN of the ECR repository of an image; nothing for other registries.
fn ecr_repository(reference: &str) -> Option<Value> {
    let (host, path) = reference.split_once('/')?;
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let (region, _) = rest.split_once('.')?;
    let path = path.split_once('@').map_or(path, |(path, _)| path);
    let repository = path.split_once(':').map_or(path, |(path, _)| path);
    Some(Value::sub(format!("arn:${{AWS::Partition}}:ecr:{region}:{account}:repository/{repository}")))
}

/// What ECS must read to start the tasks.
fn secrets(parts: &Parts<'_, '_>) -> Option<Value> {
    reading(parts, &["ssm:GetParameters"], |_| true, &parts.secret_arns)
}

/// What the application itself may read, too.
fn readable_secrets(parts: &Parts<'_, '_>) -> Option<Value> {
    reading(parts, &["ssm:GetParameter", "ssm:GetParameters"], |secret| secret.readable, &[])
}

fn reading(
    parts: &Parts<'_, '_>,
    parameter_actions: &[&str],
    wanted: impl Fn(&Secret) -> bool,
    further: &[Value],
) -> Option<Value> {
    let mut parameters: Vec<Value> = Vec::new();
    let mut others: Vec<Value> = Vec::new();
    for name in parts.workload.containers.iter().flat_map(|container| container.secrets.values()) {
        let Some(secret) = parts.context.app.secrets.get(name).filter(|secret| wanted(secret)) else {
            continue;
        };
        if secret.secrets_manager {
            // Secrets Manager appends six random characters to the name.
            let arn = own_arn("secretsmanager", &format!("secret:{}-??????", secret.store_name));
            if !others.contains(&arn) {
                others.push(arn);
            }
        } else {
            let arn = parameter_arn(&secret.store_name);
            if !parameters.contains(&arn) {
                parameters.push(arn);
            }
        }
    }
    others.extend(further.iter().cloned());
    let mut statements = Vec::new();
    if !parameters.is_empty() {
        statements.push(allow(parameter_actions, parameters));
    }
    if !others.is_empty() {
        statements.push(allow(&["secretsmanager:GetSecretValue"], others));
    }
    (!statements.is_empty()).then(|| inline("secrets", statements))
}

/// Returns the ARN of an SSM parameter whose name begins with `/`.
pub(super) fn parameter_arn(name: &str) -> Value {
    own_arn("ssm", &format!("parameter{name}"))
}

fn exec(parts: &Parts<'_, '_>) -> Value {
    let channel = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ];
    let group = format!("log-group:{}", parts.context.names.exec_log_group());
    inline(
        "exec",
        vec![
            // These actions know no resource.
            allow(&channel, vec![Value::from("*")]),
            allow(&["logs:DescribeLogGroups"], vec![own_arn("logs", "log-group:*")]),
            allow(
                &["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                vec![own_arn("logs", &format!("{group}:*"))],
            ),
        ],
    )
}
