//! What a change of a property means.
//!
//! The registry's schemas ([`crate::schema`]) say which properties replace a resource; where the
//! registry and the AWS CDK's service specification disagree, a property may replace. The lists
//! here hold what no schema says, from the "Update requires" lines of the resource reference.

use serde_json::Value as Json;

use super::Verdict;
use crate::schema::ResourceType;
use crate::schema::resource_type;

/// Types that hold data although cfn-lint's list of stateful types lacks them. A repository's
/// images are data.
const STATEFUL: &[&str] = &[
    "AWS::AmazonMQ::Broker",
    "AWS::ECR::PublicRepository",
    "AWS::ECR::Repository",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::MemoryDB::Cluster",
    "AWS::OpenSearchServerless::Collection",
    "AWS::RDS::GlobalCluster",
    "AWS::S3Tables::Table",
    "AWS::Timestream::Table",
];

/// Types whose change makes a new version by design.
const VERSIONED: &[&str] = &[
    "AWS::AppConfig::HostedConfigurationVersion",
    "AWS::ECS::DaemonTaskDefinition",
    "AWS::ECS::TaskDefinition",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
];

/// Properties whose change is made in place but interrupts the resource ("Some interruptions").
const INTERRUPTS: &[(&str, &[&str])] = &[
    ("AWS::DocDB::DBInstance", &["DBInstanceClass"]),
    ("AWS::EC2::Instance", &["InstanceType", "KernelId", "RamdiskId", "UserData"]),
    ("AWS::Neptune::DBInstance", &["DBInstanceClass"]),
    ("AWS::RDS::DBCluster", &["EngineVersion"]),
    ("AWS::RDS::DBInstance", &["DBInstanceClass", "DBParameterGroupName", "EngineVersion"]),
];

/// What is known of a resource type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypeInfo {
    schema: Option<&'static ResourceType>,
    interrupts: &'static [&'static str],
    /// Data goes when it goes.
    pub(crate) stateful: bool,
    /// A change makes a new version by design.
    pub(crate) versioned: bool,
}

/// Returns what is known of a type; of an unknown one nothing is create-only.
pub(crate) fn type_info(kind: &str) -> TypeInfo {
    let schema = resource_type(kind);
    TypeInfo {
        schema,
        interrupts: INTERRUPTS.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, names)| names),
        stateful: STATEFUL.contains(&kind) || schema.is_some_and(|schema| schema.stateful),
        versioned: VERSIONED.contains(&kind),
    }
}

impl TypeInfo {
    /// Returns true for a list whose order means nothing; the path has dots and no indices.
    pub(crate) fn is_unordered(&self, path: &str) -> bool {
        self.schema.and_then(|schema| schema.property(path)).is_some_and(|property| property.unordered)
    }

    /// Returns true when a change of the value at a path interrupts the resource.
    pub(crate) fn interrupts(&self, path: &str) -> bool {
        self.interrupts.contains(&path)
    }

    /// Returns what a change of the value at a path means. `before` and `after` matter where the
    /// path is outside of a create-only one.
    pub(crate) fn verdict(&self, path: &str, before: Option<&Json>, after: Option<&Json>) -> Verdict {
        let Some(schema) = self.schema else { return Verdict::InPlace };
        let concerned = |listed: &String| {
            if let Some(inner) = listed.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')) {
                return differs(before, after, inner);
            }
            path == listed || path.strip_prefix(listed.as_str()).is_some_and(|r| r.starts_with('.'))
        };
        if schema.create_only.iter().any(concerned) {
            Verdict::Replaces
        } else if schema.conditional_create_only.iter().chain(&schema.disputed).any(concerned) {
            Verdict::MayReplace
        } else {
            Verdict::InPlace
        }
    }

    /// Returns the property that gives the resource the name by which people know it, where a
    /// change of it replaces the resource: a replacement must not keep that name.
    pub(crate) fn name_property(&self, kind: &str) -> Option<&'static str> {
        let schema = self.schema?;
        // With this strategy the old resource goes first, so its name is free again.
        if self.versioned || schema.replacement_strategy.as_deref() == Some("delete_then_create") {
            return None;
        }
        let last = kind.rsplit("::").next()?;
        let names = [format!("{last}Name"), format!("{last}Identifier"), "Name".to_owned()];
        schema.create_only.iter().find(|path| names.contains(path)).map(String::as_str)
    }
}

fn differs(before: Option<&Json>, after: Option<&Json>, path: &str) -> bool {
    at(before, path) != at(after, path)
}

fn at<'a>(value: Option<&'a Json>, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(value?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::INTERRUPTS;
    use super::STATEFUL;
    use super::VERSIONED;
    use super::type_info;
    use crate::schema::resource_type;

    #[test]
    fn the_lists_name_what_exists_and_what_the_schemas_lack() {
        for kind in STATEFUL.iter().chain(VERSIONED) {
            let schema = resource_type(kind);
            assert!(schema.is_some_and(|schema| !schema.stateful), "{kind}");
        }
        for (kind, properties) in INTERRUPTS {
            let schema = resource_type(kind).unwrap();
            for name in *properties {
                assert!(schema.properties.contains_key(*name), "{kind} {name}");
                assert!(!schema.create_only.contains(&(*name).to_owned()), "{kind} {name}");
            }
        }
    }

    #[test]
    fn names_that_a_replacement_must_not_keep() {
        for (kind, expected) in [
            ("AWS::SQS::Queue", Some("QueueName")),
            ("AWS::ECS::Service", Some("ServiceName")),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", Some("Name")),
            ("AWS::RDS::DBInstance", Some("DBInstanceIdentifier")),
            ("AWS::ECS::TaskDefinition", None),
            ("AWS::EC2::Subnet", None),
        ] {
            assert_eq!(type_info(kind).name_property(kind), expected, "{kind}");
        }
    }
}
