//! What the edges to resources bring: variables, rights, open ports.

use seaway_cfn::Intrinsic;
use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_kinds::AccessLevel;

use super::stack::Parts;
use crate::builder::Builder;
use crate::resources::Resources;
use crate::resources::SECRET;
use crate::resources::SECURITY_GROUP;

/// Actions that the task role allows on exact resources.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grant {
    pub(super) actions: &'static [&'static str],
    pub(super) resources: Vec<Value>,
}

/// What a client of an encrypted resource must be able to do with its key.
const USE_KEY: &[&str] = &["kms:Decrypt", "kms:GenerateDataKey"];

/// Collects variables and rights of all edges of a workload.
pub(super) fn collect(parts: &mut Parts<'_, '_>, resources: &Resources<'_>, builder: &mut Builder) {
    for placed in resources.of_workload(&parts.workload.name) {
        let Some(edge) = placed.resource.services.get(&parts.workload.name) else { continue };
        for (variable, attribute) in seaway_kinds::variables(placed.kind, placed.resource, edge) {
            let value = placed.attribute(builder, &attribute);
            parts.variables.push((variable, value));
        }
        parts.scaled |= edge.scaling.is_some();
        let levels = seaway_kinds::granted(placed.kind, edge);
        for level in &levels {
            let arn = placed.attribute(builder, placed.kind.facts().arn_attribute);
            add(&mut parts.access, grant(level, &arn));
        }
        if !levels.is_empty()
            && let Some(key) = resources.key_of(placed)
        {
            let arn = key.attribute(builder, key.kind.facts().arn_attribute);
            add(&mut parts.access, Grant { actions: USE_KEY, resources: vec![arn] });
        }
        for secret in placed.kind.secrets(placed.resource, edge) {
            let arn = placed.attribute(builder, SECRET);
            let from = match &secret.json_key {
                Some(key) => joined(&arn, &format!(":{key}::")),
                None => arn.clone(),
            };
            parts.secret_variables.push((secret.variable, from));
            if !parts.secret_arns.contains(&arn) {
                parts.secret_arns.push(arn);
            }
        }
    }
}

fn add(grants: &mut Vec<Grant>, grant: Grant) {
    if !grants.contains(&grant) {
        grants.push(grant);
    }
}

fn grant(level: &AccessLevel, arn: &Value) -> Grant {
    Grant { actions: level.actions, resources: level.on.iter().map(|end| joined(arn, end)).collect() }
}

/// Returns an ARN with an end.
fn joined(arn: &Value, end: &str) -> Value {
    match arn {
        _ if end.is_empty() => arn.clone(),
        Value::String(text) => Value::from(format!("{text}{end}")),
        Value::Fn(intrinsic) => match intrinsic.as_ref() {
            Intrinsic::Ref(name) => Value::sub(format!("${{{name}}}{end}")),
            other => Intrinsic::Join {
                delimiter: String::new(),
                values: Value::List(vec![Value::from(other.clone()), Value::from(end)]),
            }
            .into(),
        },
        other => other.clone(),
    }
}

/// Opens the ports of the resources in the network for the tasks; returns the rules' ids.
pub(super) fn open_ports(
    parts: &Parts<'_, '_>,
    resources: &Resources<'_>,
    builder: &mut Builder,
) -> Vec<String> {
    let mut rules = Vec::new();
    for placed in resources.of_workload(&parts.workload.name) {
        let Some(port) = placed.kind.port(placed.resource) else { continue };
        let id = format!("{}Ingress", placed.id());
        let group = placed.attribute(builder, SECURITY_GROUP);
        builder.resource(
            id.clone(),
            Resource::new("AWS::EC2::SecurityGroupIngress")
                .with("GroupId", group)
                .with("IpProtocol", "tcp")
                .with("FromPort", port)
                .with("ToPort", port)
                .with("SourceSecurityGroupId", Value::get_att("SecurityGroup", "GroupId"))
                .with("Description", format!("Tasks of {}", parts.workload.name)),
        );
        rules.push(id);
    }
    rules
}
