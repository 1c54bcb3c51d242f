//! What all kinds in the network have: a security group in front, subnets behind, credentials.

use seaway_cfn::Value;
use seaway_model::AccessEdge;
use seaway_model::Resource;
use seaway_yaml::Map;
use seaway_yaml::Node;

use crate::SecretVariable;
use crate::Synth;
use crate::common;
use crate::kind::upper_snake;

/// Returns the security group in front: closed until a workload opens its port for itself.
pub(crate) fn security_group(input: &Synth<'_>) -> seaway_cfn::Resource {
    let vpc = input.network.map_or(Value::Null, |network| network.vpc.clone());
    let name = format!("{}-{}-{}", input.app.name, input.app.environment.name, input.resource.name.value);
    let mut tags: Vec<Value> = input.tags.as_list().unwrap_or_default().to_vec();
    tags.push(common::object([("Key", Value::from("Name")), ("Value", Value::from(name))]));
    seaway_cfn::Resource::new("AWS::EC2::SecurityGroup")
        .with(
            "GroupDescription",
            format!("In front of {} {}", input.resource.module, input.resource.name.value),
        )
        .with("VpcId", vpc)
        // Answers go back by themselves; it calls nobody. An empty list would open everything.
        .with(
            "SecurityGroupEgress",
            Value::list([common::object([
                ("IpProtocol", Value::from("icmp")),
                ("FromPort", Value::Int(252)),
                ("ToPort", Value::Int(86)),
                ("CidrIp", Value::from("255.255.255.255/32")),
                ("Description", Value::from("Nothing")),
            ])]),
        )
        .with("Tags", Value::List(tags))
}

/// Returns the reference to that security group, in a list.
pub(crate) fn groups(input: &Synth<'_>) -> Value {
    Value::list([Value::get_att(format!("{}SecurityGroup", input.id), "GroupId")])
}

/// Returns a subnet group of a type.
pub(crate) fn subnet_group(
    input: &Synth<'_>,
    resource_type: &str,
    description: &str,
) -> seaway_cfn::Resource {
    let subnets = input.network.map_or(Value::Null, |network| network.subnets.clone());
    let text = format!("Subnets of {} {}", input.resource.module, input.resource.name.value);
    seaway_cfn::Resource::new(resource_type)
        .with(description, text)
        .with("SubnetIds", subnets)
        .with("Tags", input.tags.clone())
}

/// Returns a secret with a user name and a generated password.
pub(crate) fn secret(input: &Synth<'_>, user: &str, excluded: &str) -> seaway_cfn::Resource {
    let generate = common::object([
        ("SecretStringTemplate", Value::from(serde_json::json!({ "username": user }).to_string())),
        ("GenerateStringKey", Value::from("password")),
        ("PasswordLength", Value::Int(32)),
        ("ExcludeCharacters", Value::from(excluded)),
    ]);
    let policy = if common::retained(input) { "Retain" } else { "Delete" };
    seaway_cfn::Resource::new("AWS::SecretsManager::Secret")
        .with(
            "Description",
            format!("Credentials of {} {}", input.resource.module, input.resource.name.value),
        )
        .with("GenerateSecretString", generate)
        .with("Tags", input.tags.clone())
        .retained(policy)
}

/// Returns a dynamic reference to a key of the resource's secret.
pub(crate) fn secret_key(id: &str, key: &str) -> Value {
    Value::sub(format!("{{{{resolve:secretsmanager:${{{id}Secret}}::{key}}}}}"))
}

/// Returns the variables that `SecretsMappings` asks for; without it the whole secret goes into
/// one variable.
pub(crate) fn variables(resource: &Resource, edge: &AccessEdge) -> Vec<SecretVariable> {
    let name = upper_snake(&resource.name.value);
    let of_edge = edge.extra.get("SecretsMappings").map(|extension| &extension.node);
    let Some(map) = of_edge.or_else(|| common::setting(resource, "SecretsMappings")).and_then(Node::as_map)
    else {
        return vec![SecretVariable { variable: format!("{name}_SECRET"), json_key: None }];
    };
    let prefix = prefix(map, &name);
    let mappings = map.get("Mappings").and_then(Node::as_seq).unwrap_or_default();
    mappings
        .iter()
        .filter_map(|item| {
            let item = item.as_map()?;
            let key = item.get("SecretKey")?.as_str()?;
            let variable = item
                .get("VarName")
                .and_then(Node::as_str)
                .map_or_else(|| upper_snake(key), ToOwned::to_owned);
            Some(SecretVariable { variable: format!("{prefix}{variable}"), json_key: Some(key.to_owned()) })
        })
        .collect()
}

fn prefix(map: &Map, name: &str) -> String {
    match map.get("PrefixWithDbName").and_then(Node::as_str) {
        Some(text) if text.eq_ignore_ascii_case("true") => format!("{name}_"),
        Some(text) if !text.eq_ignore_ascii_case("false") => format!("{text}_"),
        _ => String::new(),
    }
}

/// Returns the written port, else the usual one.
pub(crate) fn port(resource: &Resource, property: &str, usual: u16) -> u16 {
    common::text(common::property(resource, property)).and_then(|text| text.parse().ok()).unwrap_or(usual)
}
