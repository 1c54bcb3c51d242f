//! The list of kinds: a new one is a folder and a line here.

use crate::Kind;
use crate::sqs::Sqs;

/// Every kind.
pub const KINDS: &[&dyn Kind] = &[&Sqs];

/// Returns the kind of a module key such as `x-sqs`.
pub fn find(key: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.key() == key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_registry_and_the_model_agree() {
        let ours: Vec<&str> = KINDS.iter().map(|kind| kind.key()).collect();
        assert_eq!(ours, seaway_model::MODULES);
    }

    #[test]
    fn access_levels_name_exact_actions() {
        for kind in KINDS {
            let names: BTreeSet<&str> = kind.access_levels().iter().map(|level| level.name).collect();
            assert_eq!(names.len(), kind.access_levels().len(), "{}", kind.key());
            for level in kind.access_levels() {
                assert!(!level.actions.is_empty(), "{} {}", kind.key(), level.name);
                assert!(
                    level.actions.iter().all(|action| !action.contains('*')),
                    "{} {}",
                    kind.key(),
                    level.name
                );
            }
        }
    }

    #[test]
    fn every_attribute_has_a_value_and_the_default_is_one() {
        for kind in KINDS {
            for attribute in kind.attributes() {
                assert!(kind.attribute("Id", attribute).is_some(), "{} {attribute}", kind.key());
            }
            assert!(kind.attributes().contains(&kind.default_attribute()));
            assert!(kind.attributes().contains(&kind.arn_attribute()));
            assert_eq!(kind.attribute("Id", "NoSuchThing"), None);
        }
    }
}
