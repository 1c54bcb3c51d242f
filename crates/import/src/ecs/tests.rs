//! A described task definition, snapshots read by eye.

use serde_json::Value;
use serde_json::json;

use super::import;
use crate::ImportError;

/// As `aws ecs describe-task-definition` prints it: two containers, one of them a helper.
const DESCRIBED: &str = include_str!("../../fixtures/described.json");

#[test]
fn a_described_task_definition() {
    let imported = import(DESCRIBED).unwrap();
    insta::assert_json_snapshot!(imported.compose);
}

#[test]
fn what_is_left_is_said() {
    let imported = import(DESCRIBED).unwrap();
    let left: Vec<String> =
        imported.left.iter().map(|left| format!("{}: {}", left.path, left.reason)).collect();
    insta::assert_snapshot!(left.join("\n"));
}

#[test]
fn the_size_of_a_task_of_one_container_is_the_container_s() {
    for (cpu, expected) in [("256", "0.25"), ("1024", "1"), ("2560", "2.5"), ("128", "0.125")] {
        let task = json!({"cpu": cpu, "memory": "512", "containerDefinitions": [{"name": "a", "image": "a", "cpu": 0}]});
        let imported = import(&task.to_string()).unwrap();
        assert_eq!(
            imported.compose["services"]["a"]["deploy"],
            json!({"resources": {"limits": {"cpus": expected, "memory": "512M"}}})
        );
        assert_eq!(imported.left, []);
    }
}

#[test]
fn where_secrets_are_kept() {
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret";
    for (source, expected, left) in [
        ("db-url", json!({"parameter": "/db-url"}), 0),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db", json!({"parameter": "/shop/db"}), 0),
        (&format!("{arn}:shop/db-AbC123"), json!({"name": "shop/db"}), 0),
        (&format!("{arn}:shop-long"), json!({"name": "shop-long"}), 0),
        (&format!("{arn}:shop/db-AbC123:password::"), json!({"name": "shop/db"}), 1),
    ] {
        let task = json!({"containerDefinitions": [{"name": "a", "secrets": [{"name": "DB", "valueFrom": source}]}]});
        let imported = import(&task.to_string()).unwrap();
        assert_eq!(imported.compose["secrets"]["db"]["x-secrets"], expected, "{source}");
        assert_eq!(imported.left.len(), left, "{source}");
    }
}

#[test]
fn two_containers_with_different_secrets_of_one_name() {
    let secret = |source: &str| json!([{"name": "KEY", "valueFrom": source}]);
    let task = json!({"containerDefinitions": [
        {"name": "a", "secrets": secret("one")}, {"name": "b", "secrets": secret("two")}, {"name": "c", "secrets": secret("one")}
    ]});
    let compose = import(&task.to_string()).unwrap().compose;
    let source = |name: &str| compose["services"][name]["secrets"][0]["source"].clone();
    assert_eq!([source("a"), source("b"), source("c")], ["key", "b_key", "key"].map(Value::from));
    assert_eq!(compose["secrets"]["b_key"]["x-secrets"]["parameter"], "/two");
}

#[test]
fn other_documents_are_refused() {
    assert!(matches!(import("not json"), Err(ImportError::Json(_))));
    for text in ["{}", "[]", "null", r#"{"containerDefinitions": {}}"#] {
        assert!(matches!(import(text), Err(ImportError::NotThis { .. })), "{text}");
    }
    // Odd shapes inside are left out or reported, never a panic.
    let imported =
        import(r#"{"containerDefinitions": [7, {"name": "a", "portMappings": {}, "secrets": 1}]}"#).unwrap();
    assert_eq!(imported.left.len(), 1);
}
