//! Compose files with any resources and edges.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Kinds whose resources need nothing but a name, and the properties of the others.
pub(crate) const SIMPLE: &[(&str, &str)] = &[
    ("x-kms", "{}"),
    ("x-sqs", "{}"),
    ("x-sns", "{}"),
    ("x-s3", "{}"),
    ("x-kinesis", "{}"),
    ("x-ssm_parameter", "{ Value: x }"),
    (
        "x-dynamodb",
        "{ AttributeDefinitions: [{ AttributeName: id, AttributeType: S }], KeySchema: [{ AttributeName: id, KeyType: HASH }] }",
    ),
    ("x-rds", "{ Engine: postgres, EngineVersion: '17.9' }"),
    ("x-neptune", "{}"),
    ("x-opensearch", "{}"),
    ("x-cognito_userpool", "{}"),
    ("x-aps", "{}"),
    ("x-ecr", "{}"),
];

/// An edge: resource (index into [`SIMPLE`]), service, access level (index, taken round).
pub(crate) type Edge = (usize, usize, usize);

/// Returns a Compose file with these edges, and what they grant.
#[allow(clippy::unwrap_used, reason = "a helper of tests")]
pub(crate) fn file(edges: &[Edge]) -> (String, BTreeMap<(usize, usize), &'static seaway_kinds::AccessLevel>) {
    let mut granted = BTreeMap::new();
    for (resource, service, level) in edges {
        let levels = seaway_kinds::find(SIMPLE[*resource].0).unwrap().access_levels();
        granted.insert((*resource, *service), &levels[level % levels.len()]);
    }
    let mut text =
        "name: edges\nservices: { s0: { image: a }, s1: { image: b }, s2: { image: c } }\n".to_owned();
    for (index, (module, properties)) in SIMPLE.iter().enumerate() {
        let mine = granted.iter().filter(|((resource, _), _)| *resource == index);
        let services: Vec<String> =
            mine.map(|((_, service), level)| format!("s{service}: {{ Access: {} }}", level.name)).collect();
        if !services.is_empty() {
            let _ = writeln!(
                text,
                "{module}: {{ r{index}: {{ Properties: {properties}, Services: {{ {} }} }} }}",
                services.join(", ")
            );
        }
    }
    (text, granted)
}
