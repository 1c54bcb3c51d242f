//! What the database clusters (RDS, DocumentDB, Neptune) have in common.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_yaml::Node;

use crate::Synth;
use crate::common;
use crate::networked;
use crate::shape;

/// Adds the subnet group and the security group.
pub(crate) fn surroundings(
    input: &Synth<'_>,
    subnet_group: &str,
    made: &mut IndexMap<String, seaway_cfn::Resource>,
) {
    let group = networked::subnet_group(input, subnet_group, "DBSubnetGroupDescription");
    made.insert(format!("{}Subnets", input.id), group);
    made.insert(format!("{}SecurityGroup", input.id), networked::security_group(input));
}

/// Puts a cluster or instance into its subnets and behind its security group.
pub(crate) fn place(input: &Synth<'_>, main: &mut seaway_cfn::Resource) {
    let subnets = Value::reference(format!("{}Subnets", input.id));
    main.properties.insert("DBSubnetGroupName".to_owned(), subnets);
    main.properties.insert("VpcSecurityGroupIds".to_owned(), networked::groups(input));
    if input.app.environment.protected && !main.properties.contains_key("DeletionProtection") {
        main.properties.insert("DeletionProtection".to_owned(), Value::Bool(true));
    }
}

/// Returns the parameter group that `MacroParameters.DBClusterParameterGroup` describes.
pub(crate) fn parameter_group(
    input: &Synth<'_>,
    resource_type: &str,
    family: &str,
) -> Option<seaway_cfn::Resource> {
    let map = common::macro_parameter(input.resource, "DBClusterParameterGroup")?.as_map()?;
    let text = |name: &str| map.get(name).and_then(Node::as_str);
    let what = format!("Parameters of {} {}", input.resource.module, input.resource.name.value);
    let parameters = map.get("Parameters").map(|node| shape::plain(node, input.value_of));
    Some(
        seaway_cfn::Resource::new(resource_type)
            .with("Description", text("Description").map_or(what, ToOwned::to_owned))
            .with("Family", text("Family").unwrap_or(family))
            .with("Parameters", parameters.unwrap_or_else(|| Value::Map(IndexMap::new())))
            .with("Tags", input.tags.clone()),
    )
}

/// Adds the instances of a cluster: those of `MacroParameters.Instances`, else one of a class.
pub(crate) fn instances(
    input: &Synth<'_>,
    resource_type: &str,
    class: &str,
    engine: Option<&str>,
    made: &mut IndexMap<String, seaway_cfn::Resource>,
) {
    let given =
        common::macro_parameter(input.resource, "Instances").and_then(Node::as_seq).unwrap_or_default();
    for number in 0..given.len().max(1) {
        let mut instance = seaway_cfn::Resource::new(resource_type);
        if let Some(node) = given.get(number) {
            instance.properties = shape::values(resource_type, node, input.value_of);
        }
        if !instance.properties.contains_key("DBInstanceClass") {
            instance.properties.insert("DBInstanceClass".to_owned(), Value::from(class));
        }
        instance.properties.insert("DBClusterIdentifier".to_owned(), Value::reference(input.id));
        if let Some(engine) = engine {
            instance.properties.insert("Engine".to_owned(), Value::from(engine));
            instance.properties.insert("PubliclyAccessible".to_owned(), Value::Bool(false));
        }
        instance.properties.insert("Tags".to_owned(), input.tags.clone());
        // The data is the cluster's: an instance can go and come.
        made.insert(format!("{}Instance{}", input.id, number + 1), instance.retained("Delete"));
    }
}

/// Returns what writes host and port into the secret.
pub(crate) fn attachment(id: &str, target_type: &str) -> seaway_cfn::Resource {
    seaway_cfn::Resource::new("AWS::SecretsManager::SecretTargetAttachment")
        .with("SecretId", Value::reference(format!("{id}Secret")))
        .with("TargetId", Value::reference(id))
        .with("TargetType", target_type)
}
