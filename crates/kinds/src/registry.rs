//! The list of kinds: a new one is a folder and a line here.

use crate::Kind;
use crate::alarms::Alarms;
use crate::aps::FACTS as APS;
use crate::codeguru_profiler::FACTS as CODEGURU_PROFILER;
use crate::cognito_userpool::FACTS as COGNITO_USERPOOL;
use crate::docdb::Docdb;
use crate::dynamodb::Dynamodb;
use crate::ecr::FACTS as ECR;
use crate::elasticache::Elasticache;
use crate::kind::Plain;
use crate::kinesis::Kinesis;
use crate::kms::Kms;
use crate::neptune::Neptune;
use crate::opensearch::Opensearch;
use crate::rds::Rds;
use crate::s3::S3;
use crate::sns::Sns;
use crate::sqs::Sqs;
use crate::ssm_parameter::SsmParameter;

/// Every kind, in the order in which resources are placed: what sends to a queue, and so stands in
/// its policy, comes after the queue.
pub const KINDS: &[&dyn Kind] = &[
    &Kms,
    &Sqs,
    &Sns,
    &S3,
    &Dynamodb,
    &SsmParameter,
    &Kinesis,
    &Rds,
    &Docdb,
    &Neptune,
    &Elasticache,
    &Opensearch,
    &Plain(&COGNITO_USERPOOL),
    &Plain(&APS),
    &Plain(&CODEGURU_PROFILER),
    &Plain(&ECR),
    &Alarms,
];

/// Returns the kind of a module key such as `x-sqs`.
pub fn find(key: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.key() == key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_registry_and_the_model_agree() {
        let ours: Vec<&str> = KINDS.iter().map(|kind| kind.key()).collect();
        assert_eq!(ours, seaway_model::MODULES);
    }

    #[test]
    fn access_levels_name_exact_actions_that_there_are() {
        let actions: BTreeMap<String, Vec<String>> =
            serde_json::from_str(include_str!("../data/actions.json")).unwrap();
        for kind in KINDS {
            let names: BTreeSet<&str> = kind.access_levels().iter().map(|level| level.name).collect();
            assert_eq!(names.len(), kind.access_levels().len(), "{}", kind.key());
            for level in kind.access_levels() {
                assert!(!level.actions.is_empty() && !level.on.is_empty(), "{} {}", kind.key(), level.name);
                for action in level.actions {
                    let (service, name) = action.split_once(':').unwrap();
                    assert!(
                        actions[service].contains(&name.to_ascii_lowercase()),
                        "{} {}: there is no action {action}",
                        kind.key(),
                        level.name
                    );
                }
                let mut sorted = level.actions.to_vec();
                sorted.sort_unstable();
                sorted.dedup();
                assert_eq!(sorted, level.actions, "{} {}", kind.key(), level.name);
            }
        }
    }

    #[test]
    fn defaults_are_json_of_known_properties() {
        for kind in KINDS {
            for (name, json) in kind.facts().defaults {
                serde_json::from_str::<serde_json::Value>(json).unwrap();
                let known = crate::property_names(kind.facts().resource_type);
                assert!(known.contains(name), "{} {name}", kind.key());
            }
        }
    }

    #[test]
    fn every_attribute_has_a_value_and_the_default_is_one() {
        for kind in KINDS {
            let facts = kind.facts();
            let names: Vec<&str> = facts.attributes.iter().map(|attribute| attribute.name).collect();
            assert!(names.contains(&facts.default_attribute), "{}", kind.key());
            assert!(names.contains(&facts.arn_attribute), "{}", kind.key());
            assert!(facts.example.contains(facts.key), "{}", kind.key());
            assert_eq!(crate::common::attribute(facts, "Id", "NoSuchThing"), None);
        }
    }
}
