//! The capabilities that a template needs: those and no more.

use serde_json::Value;

/// Types that ask for `CAPABILITY_IAM` (CloudFormation API reference, `CreateChangeSet`,
/// `Capabilities`), and the property that gives a resource its own name.
const IAM: [(&str, Option<&str>); 8] = [
    ("AWS::IAM::AccessKey", None),
    ("AWS::IAM::Group", Some("GroupName")),
    ("AWS::IAM::InstanceProfile", Some("InstanceProfileName")),
    ("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName")),
    ("AWS::IAM::Policy", None),
    ("AWS::IAM::Role", Some("RoleName")),
    ("AWS::IAM::User", Some("UserName")),
    ("AWS::IAM::UserToGroupAddition", None),
];

/// Returns the names of the capabilities, in order. A template that is no JSON object needs none:
/// CloudFormation says itself what is wrong with it.
pub(super) fn capabilities(template: &Value) -> Vec<&'static str> {
    let resources = template.get("Resources").and_then(Value::as_object);
    let mut iam = false;
    let mut named = false;
    for resource in resources.into_iter().flat_map(serde_json::Map::values) {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, name)) = IAM.iter().find(|(listed, _)| *listed == kind) {
            iam = true;
            named |= name.is_some_and(|name| resource.pointer(&format!("/Properties/{name}")).is_some());
        }
    }
    let mut needed = Vec::new();
    if named {
        needed.push("CAPABILITY_NAMED_IAM");
    } else if iam {
        needed.push("CAPABILITY_IAM");
    }
    if template.get("Transform").is_some() || holds_key(template, "Fn::Transform") {
        needed.push("CAPABILITY_AUTO_EXPAND");
    }
    needed
}

fn holds_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(name, value)| name == key || holds_key(value, key)),
        Value::Array(list) => list.iter().any(|value| holds_key(value, key)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_needed() {
        let role = json!({"Type": "AWS::IAM::Role", "Properties": {}});
        let named = json!({"Type": "AWS::IAM::Role", "Properties": {"RoleName": "web"}});
        let policy = json!({"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "web"}});
        let queue = json!({"Type": "AWS::SQS::Queue"});
        for (template, expected) in [
            (json!({"Resources": {"Q": queue}}), vec![]),
            (json!({"Resources": {"Q": queue, "R": role}}), vec!["CAPABILITY_IAM"]),
            (json!({"Resources": {"R": role, "N": named}}), vec!["CAPABILITY_NAMED_IAM"]),
            (json!({"Resources": {"P": policy}}), vec!["CAPABILITY_IAM"]),
            (json!({"Transform": "AWS::LanguageExtensions"}), vec!["CAPABILITY_AUTO_EXPAND"]),
            (
                json!({"Resources": {"R": role}, "X": [{"Fn::Transform": {}}]}),
                vec!["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            ),
            (json!("no template"), vec![]),
        ] {
            assert_eq!(capabilities(&template), expected, "{template}");
        }
    }
}
