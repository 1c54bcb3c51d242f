//! What AWS' resource schemas say about a type.
//!
//! `data/types.json` holds the types that Seaway emits, made from the CloudFormation registry's
//! schemas as cfn-lint ships them (MIT-0) and the AWS CDK's service specification (Apache-2.0);
//! where the two disagree a property counts as `may_replace`. A repository's images are data, so
//! ECR repositories are stateful here although neither source says so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value as Json;

use super::Verdict;

/// A resource type.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeInfo {
    /// Properties whose change replaces the resource.
    create_only: Vec<String>,
    /// Properties whose change replaces it in some cases.
    #[serde(default)]
    may_replace: Vec<String>,
    /// Lists whose order means nothing.
    #[serde(default)]
    unordered: Vec<String>,
    /// Data goes when it goes.
    #[serde(default)]
    pub(crate) stateful: bool,
    /// A change makes a new version by design.
    #[serde(default)]
    pub(crate) versioned: bool,
}

#[expect(clippy::expect_used, reason = "the data is part of the crate and a test reads it")]
static TYPES: LazyLock<BTreeMap<String, TypeInfo>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/types.json")).expect("data/types.json is valid")
});

static UNKNOWN: TypeInfo = TypeInfo {
    create_only: Vec::new(),
    may_replace: Vec::new(),
    unordered: Vec::new(),
    stateful: false,
    versioned: false,
};

/// Returns what is known of a type; of an unknown one nothing is create-only.
pub(crate) fn type_info(resource_type: &str) -> &'static TypeInfo {
    TYPES.get(resource_type).unwrap_or(&UNKNOWN)
}

impl TypeInfo {
    /// Returns true for a list whose order means nothing; the path has dots and no indices.
    pub(crate) fn is_unordered(&self, path: &str) -> bool {
        self.unordered.iter().any(|unordered| unordered == path)
    }

    /// Returns what a change of the value at a path means. `before` and `after` matter where the
    /// path is outside of a create-only one.
    pub(crate) fn verdict(&self, path: &str, before: Option<&Json>, after: Option<&Json>) -> Verdict {
        let concerned = |listed: &String| {
            if let Some(inner) = listed.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')) {
                return at(before, inner) != at(after, inner);
            }
            path == listed || path.strip_prefix(listed.as_str()).is_some_and(|r| r.starts_with('.'))
        };
        if self.create_only.iter().any(concerned) {
            Verdict::Replaces
        } else if self.may_replace.iter().any(concerned) {
            Verdict::MayReplace
        } else {
            Verdict::InPlace
        }
    }
}

fn at<'a>(value: Option<&'a Json>, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(value?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::TYPES;

    #[test]
    fn the_table_is_read_and_every_type_is_described() {
        assert!(TYPES.len() >= 35, "{}", TYPES.len());
        for kind in TYPES.keys() {
            assert_ne!(crate::describe::describe(kind), kind, "describe.rs lacks {kind}");
        }
        let stateful: Vec<&str> =
            TYPES.iter().filter(|(_, info)| info.stateful).map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(
            stateful,
            [
                "AWS::ECR::Repository",
                "AWS::EFS::FileSystem",
                "AWS::Logs::LogGroup",
                "AWS::S3::Bucket",
                "AWS::SQS::Queue"
            ]
        );
    }
}
