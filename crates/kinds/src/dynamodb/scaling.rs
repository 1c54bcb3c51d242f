//! Scaling of provisioned capacity: a target and a policy per dimension of table and indexes.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::Resource;
use seaway_yaml::Map;
use seaway_yaml::Node;

use crate::Synth;
use crate::codes;
use crate::common;
use crate::properties;
use crate::properties::Property;
use crate::properties::Type;

const DIMENSION: &[Property] = &[
    Property { name: "MinCapacity", kind: Type::Number(1, 40_000) },
    Property { name: "MaxCapacity", kind: Type::Number(1, 40_000) },
    Property { name: "TargetValue", kind: Type::Text },
    Property { name: "ScaleInCooldown", kind: Type::Number(0, 86_400) },
    Property { name: "ScaleOutCooldown", kind: Type::Number(0, 86_400) },
    Property { name: "DisableScaleIn", kind: Type::Truth },
];
const DIMENSIONS: &[Property] = &[
    Property { name: "ReadCapacityUnits", kind: Type::Object(DIMENSION) },
    Property { name: "WriteCapacityUnits", kind: Type::Object(DIMENSION) },
];
const SCALING: &[Property] = &[
    Property { name: "Table", kind: Type::Object(DIMENSIONS) },
    Property { name: "Indexes", kind: Type::Any },
    Property { name: "CopyToIndexes", kind: Type::Truth },
];

fn scaling(resource: &Resource) -> Option<&Node> {
    resource.extra.get("Scaling").map(|extension| &extension.node)
}

/// Names of the global secondary indexes.
fn indexes(resource: &Resource) -> Vec<&str> {
    common::property(resource, "GlobalSecondaryIndexes")
        .and_then(Node::as_seq)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.as_map()?.get("IndexName")?.as_str())
        .collect()
}

/// Checks `Scaling`.
pub(super) fn check(resource: &Resource, sink: &mut Sink) {
    let Some(node) = scaling(resource) else { return };
    let name = &resource.name.value;
    properties::check(&format!("`Scaling` of table `{name}`"), node, SCALING, sink);
    if common::property(resource, "ProvisionedThroughput").is_none() {
        sink.push(
            Diagnostic::error(codes::BAD_PROPERTY, format!("table `{name}` scales by itself"))
                .label(node.span, "there is no provisioned capacity to scale")
                .help("take `Scaling` out, or set `ProvisionedThroughput`"),
        );
    }
    let Some(given) = node.as_map().and_then(|map| map.get("Indexes")).and_then(Node::as_map) else { return };
    let known = indexes(resource);
    for entry in given.iter() {
        properties::check(
            &format!("`Scaling` of index `{}`", entry.key.text),
            &entry.value,
            DIMENSIONS,
            sink,
        );
        if !known.contains(&entry.key.text.as_str()) {
            sink.push(
                Diagnostic::error(
                    codes::BAD_REFERENCE,
                    format!("table `{name}` has no index `{}`", entry.key.text),
                )
                .label(entry.key.span, "no such index")
                .help(format!("there are {}", known.join(", "))),
            );
        }
    }
}

/// Returns targets and policies.
pub(super) fn synth(input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
    let mut made = IndexMap::new();
    let Some(map) = scaling(input.resource).and_then(Node::as_map) else { return made };
    let table = map.get("Table").and_then(Node::as_map);
    let copy = common::truth(map.get("CopyToIndexes")) == Some(true);
    let own = map.get("Indexes").and_then(Node::as_map);
    if let Some(table) = table {
        add(input, None, table, &mut made);
    }
    for (number, name) in indexes(input.resource).into_iter().enumerate() {
        let given =
            own.and_then(|own| own.get(name)).and_then(Node::as_map).or(if copy { table } else { None });
        if let Some(given) = given {
            add(input, Some((number + 1, name)), given, &mut made);
        }
    }
    made
}

fn add(
    input: &Synth<'_>,
    index: Option<(usize, &str)>,
    dimensions: &Map,
    made: &mut IndexMap<String, seaway_cfn::Resource>,
) {
    for (short, property) in [("Read", "ReadCapacityUnits"), ("Write", "WriteCapacityUnits")] {
        let Some(given) = dimensions.get(property).and_then(Node::as_map) else { continue };
        let number = |name: &str| -> Option<i64> { given.get(name)?.as_str()?.parse().ok() };
        let (prefix, kind, resource_id) = match index {
            None => (String::new(), "table", format!("table/${{{}}}", input.id)),
            Some((number, name)) => {
                (format!("Index{number}"), "index", format!("table/${{{}}}/index/{name}", input.id))
            }
        };
        let target = format!("{}{prefix}{short}Target", input.id);
        made.insert(
            target.clone(),
            seaway_cfn::Resource::new("AWS::ApplicationAutoScaling::ScalableTarget")
                .with("ServiceNamespace", "dynamodb")
                .with("ResourceId", Value::sub(resource_id))
                .with("ScalableDimension", format!("dynamodb:{kind}:{property}"))
                .with("MinCapacity", number("MinCapacity").unwrap_or(1))
                .with("MaxCapacity", number("MaxCapacity").unwrap_or(40_000)),
        );
        let goal = given.get("TargetValue").and_then(Node::as_str).and_then(|text| text.parse::<f64>().ok());
        let metric = common::object([(
            "PredefinedMetricType",
            Value::from(format!("DynamoDB{short}CapacityUtilization")),
        )]);
        let tracking = common::object([
            ("PredefinedMetricSpecification", metric),
            ("TargetValue", Value::Float(goal.unwrap_or(70.0))),
            ("ScaleInCooldown", number("ScaleInCooldown").map_or(Value::Null, Value::Int)),
            ("ScaleOutCooldown", number("ScaleOutCooldown").map_or(Value::Null, Value::Int)),
            ("DisableScaleIn", common::truth(given.get("DisableScaleIn")).map_or(Value::Null, Value::Bool)),
        ]);
        made.insert(
            format!("{}{prefix}{short}Policy", input.id),
            seaway_cfn::Resource::new("AWS::ApplicationAutoScaling::ScalingPolicy")
                .with("PolicyName", format!("{prefix}{short}"))
                .with("PolicyType", "TargetTrackingScaling")
                .with("ScalingTargetId", Value::reference(target))
                .with("TargetTrackingScalingPolicyConfiguration", tracking),
        );
    }
}
