//! The template as a whole.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::bucket;
use super::github;
use super::github::GitHub;
use super::roles;

/// What an account and region is prepared for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bootstrap {
    /// Applications whose stacks, buckets and repositories the roles may touch: names begin so.
    pub apps: Vec<String>,
    /// Encrypt the artifact bucket with a key of one's own: needed where other accounts read it.
    pub kms_key: bool,
    /// Repositories of GitHub that may deploy without stored credentials.
    pub github: Vec<GitHub>,
    /// ARN of GitHub's OIDC provider where the account has one: there can be only one.
    pub github_provider: Option<String>,
    /// Other principals (ARNs of roles or users) that may take the deploy role, such as the role of a
    /// pipeline in another account.
    pub trusted: Vec<String>,
    /// Whatever role CloudFormation makes must carry the permissions boundary. Templates whose roles
    /// name none are refused then.
    pub require_boundary: bool,
}

/// Returns the template as JSON text. The stack takes `CAPABILITY_NAMED_IAM`: the roles have names, so
/// that environments can be configured before they exist.
pub fn template(wishes: &Bootstrap) -> String {
    let mut resources = Map::new();
    bucket::add(wishes, &mut resources);
    roles::add(wishes, &mut resources);
    github::add(wishes, &mut resources);
    let mut outputs = json!({
        "ArtifactBucket": { "Description": "Templates, locks and release records", "Value": { "Ref": "ArtifactBucket" } },
        "DeployRoleArn": {
            "Description": "For people and pipelines that deploy",
            "Value": { "Fn::GetAtt": ["DeployRole", "Arn"] },
        },
        "CloudFormationRoleArn": {
            "Description": "CloudFormation acts with it",
            "Value": { "Fn::GetAtt": ["CloudFormationRole", "Arn"] },
        },
        "BoundaryArn": { "Description": "Permissions boundary of all roles", "Value": { "Ref": "Boundary" } },
    });
    if wishes.kms_key {
        outputs["ArtifactKeyArn"] = json!({
            "Description": "Key of the artifact bucket",
            "Value": { "Fn::GetAtt": ["ArtifactKey", "Arn"] },
        });
    }
    let document = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Seaway: what an account and region needs before the first release",
        "Resources": Value::Object(resources),
        "Outputs": outputs,
    });
    let mut text = format!("{document:#}");
    text.push('\n');
    text
}

/// Returns `text` for `Fn::Sub`, or as it is where nothing is to be put in.
pub(super) fn sub(text: impl Into<String>) -> Value {
    let text = text.into();
    if text.contains("${") { json!({ "Fn::Sub": text }) } else { json!(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes() -> Bootstrap {
        Bootstrap {
            apps: vec!["shop".into(), "blog".into()],
            kms_key: true,
            github: vec![GitHub {
                repository: "example/shop".into(),
                subjects: vec!["ref:refs/heads/main".into(), "environment:production".into()],
                repository_id: Some("123456".into()),
            }],
            github_provider: None,
            trusted: vec!["arn:aws:iam::111122223333:role/pipeline".into()],
            require_boundary: true,
        }
    }

    #[test]
    fn the_same_wishes_give_the_same_bytes() {
        assert_eq!(template(&wishes()), template(&wishes()));
    }

    #[test]
    fn nothing_of_others_is_opened() {
        let document: Value = serde_json::from_str(&template(&wishes())).unwrap();
        let statements =
            document.pointer("/Resources/DeployRole/Properties/Policies/0/PolicyDocument/Statement");
        for statement in statements.and_then(Value::as_array).unwrap() {
            let actions: Vec<&str> =
                statement["Action"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(actions.iter().all(|action| !action.ends_with(":*")), "{actions:?}");
            let everywhere = statement["Resource"] == json!("*");
            let reads = |action: &&str| {
                let name = action.split(':').nth(1).unwrap_or_default();
                ["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb))
            };
            assert!(!everywhere || actions.iter().all(reads), "{actions:?}");
        }
    }

    #[test]
    fn only_what_is_wished() {
        let plain: Value =
            serde_json::from_str(&template(&Bootstrap { apps: vec!["shop".into()], ..Bootstrap::default() }))
                .unwrap();
        let resources = plain["Resources"].as_object().unwrap();
        let names: Vec<&str> = resources.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["ArtifactBucket", "ArtifactBucketPolicy", "Boundary", "CloudFormationRole", "DeployRole"]
        );
        assert!(!plain.to_string().contains("token.actions.githubusercontent.com"));
    }

    /// cfn-lint finds nothing, not even a hint. It is required: see CONTRIBUTING for its installation.
    #[test]
    fn cfn_lint_finds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let plain = Bootstrap { apps: vec!["shop".into()], ..Bootstrap::default() };
        let existing = Bootstrap {
            github_provider: Some(
                "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com".into(),
            ),
            ..wishes()
        };
        let mut command = std::process::Command::new(cfn_lint());
        command.args(["--regions", "eu-west-1", "us-east-1", "--include-checks", "I", "W", "--"]);
        for (name, wishes) in [("plain", plain), ("full", wishes()), ("existing", existing)] {
            let path = dir.path().join(format!("{name}.template.json"));
            std::fs::write(&path, template(&wishes)).unwrap();
            command.arg(path);
        }
        let output = command.output().expect("cfn-lint must be installed: `./test` installs it");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }

    fn cfn_lint() -> std::path::PathBuf {
        let venv = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/venv/bin/cfn-lint");
        std::env::var_os("SEAWAY_CFN_LINT").map_or_else(|| venv.into(), std::path::PathBuf::from)
    }
}
