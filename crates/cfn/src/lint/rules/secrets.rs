//! Passwords that stand in the template.

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::help;
use super::select::report;
use super::select::values;

/// Type and path of passwords.
const PASSWORDS: &[(&str, &str)] = &[
    ("AWS::AmazonMQ::Broker", "Users.Password"),
    ("AWS::DMS::Endpoint", "Password"),
    ("AWS::DirectoryService::MicrosoftAD", "Password"),
    ("AWS::DocDB::DBCluster", "MasterUserPassword"),
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
    ("AWS::ElastiCache::User", "Passwords"),
    ("AWS::IAM::User", "LoginProfile.Password"),
    ("AWS::MemoryDB::User", "AuthenticationMode.Passwords"),
    ("AWS::OpenSearchService::Domain", "AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword"),
    ("AWS::RDS::DBCluster", "MasterUserPassword"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
    ("AWS::Redshift::Cluster", "MasterUserPassword"),
    ("AWS::SecretsManager::Secret", "SecretString"),
];

pub(super) fn check(linter: &mut Linter<'_>) {
    for resource in linter.model.all() {
        for (_, path) in PASSWORDS.iter().filter(|row| row.0 == resource.kind) {
            for node in values(&resource, path) {
                let literal = node.as_str().is_some_and(|text| !text.contains("{{resolve:"));
                let shown = node.reference().and_then(|name| linter.model.parameters.get(name)).is_some_and(
                    |parameter| {
                        parameter.value.get("NoEcho").and_then(crate::source::Node::as_bool) != Some(true)
                    },
                );
                if literal || shown {
                    let message = match literal {
                        true => format!("`{path}` stands in the template for everybody to read"),
                        false => format!(
                            "the parameter of `{path}` is shown to everybody: it lacks `NoEcho: true`"
                        ),
                    };
                    let finding = report(linter, &codes::LITERAL_SECRET, &resource, Some(node), message);
                    help(finding, "use `{{resolve:secretsmanager:…}}` or let the service keep the password");
                }
            }
        }
    }
}
