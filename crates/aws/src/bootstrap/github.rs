//! GitHub Actions without stored credentials.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::template::Bootstrap;

/// Host of GitHub's tokens.
pub(super) const HOST: &str = "token.actions.githubusercontent.com";

/// A repository that may deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHub {
    /// `owner/name`.
    pub repository: String,
    /// What a token's subject says after the repository: `ref:refs/heads/main`,
    /// `environment:production`. Exact; none at all lets nobody in.
    pub subjects: Vec<String>,
    /// The repository's number: unlike a name it is never given to somebody else.
    pub repository_id: Option<String>,
}

/// Adds the identity provider, unless the account has it or nobody needs it.
pub(super) fn add(wishes: &Bootstrap, resources: &mut Map<String, Value>) {
    if wishes.github.is_empty() || wishes.github_provider.is_some() {
        return;
    }
    resources.insert(
        "GitHubProvider".to_owned(),
        json!({
            "Type": "AWS::IAM::OIDCProvider",
            "Properties": {
                "Url": format!("https://{HOST}"),
                "ClientIdList": ["sts.amazonaws.com"],
                "Tags": [{ "Key": "seaway:bootstrap", "Value": "1" }],
            },
        }),
    );
}

/// Returns the statements of the deploy role's trust policy, one for each repository.
pub(super) fn trust(wishes: &Bootstrap) -> Vec<Value> {
    let provider = match &wishes.github_provider {
        Some(arn) => json!(arn),
        None => json!({ "Ref": "GitHubProvider" }),
    };
    let statement = |one: &GitHub| {
        let subjects: Vec<String> =
            one.subjects.iter().map(|subject| format!("repo:{}:{subject}", one.repository)).collect();
        let mut equals = Map::new();
        equals.insert(format!("{HOST}:aud"), json!("sts.amazonaws.com"));
        equals.insert(format!("{HOST}:sub"), json!(subjects));
        if let Some(id) = &one.repository_id {
            equals.insert(format!("{HOST}:repository_id"), json!(id));
        }
        json!({
            "Effect": "Allow",
            "Principal": { "Federated": provider },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": equals },
        })
    };
    // A condition without values would be met by nothing, and CloudFormation refuses it.
    wishes.github.iter().filter(|one| !one.subjects.is_empty()).map(statement).collect()
}
