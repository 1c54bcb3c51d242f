//! Rules, and what they say of a ref.

use crate::Action;
use crate::GitRef;
use crate::GitRefKind;
use crate::glob;

/// What happens for refs that match a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Kind of ref.
    pub kind: GitRefKind,
    /// Pattern of its name ([`glob::matches`]).
    pub pattern: String,
    /// What to do.
    pub actions: Vec<Action>,
}

/// A pattern that is not one: reads as "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There is no kind before the colon.
    #[error("read the pattern `{0}`: write `branch:NAME`, `tag:NAME` or `pull_request`")]
    Kind(
        /// The pattern.
        String,
    ),
    /// There is no name after the colon.
    #[error("read the pattern `{0}`: the name after the colon is missing")]
    Name(
        /// The pattern.
        String,
    ),
}

impl Rule {
    /// Returns a rule for a pattern such as `branch:main`, `tag:v*` or `pull_request` (all of them).
    ///
    /// # Errors
    /// A pattern without a known kind, or without a name.
    pub fn parse(pattern: &str, actions: impl IntoIterator<Item = Action>) -> Result<Rule, PatternError> {
        let (kind, name) = pattern.split_once(':').unwrap_or((pattern, ""));
        let kind = [GitRefKind::Branch, GitRefKind::Tag, GitRefKind::PullRequest]
            .into_iter()
            .find(|candidate| candidate.as_str() == kind)
            .ok_or_else(|| PatternError::Kind(pattern.to_owned()))?;
        let name = match (kind, name) {
            (GitRefKind::PullRequest, "") => "*",
            (_, "") => return Err(PatternError::Name(pattern.to_owned())),
            (_, name) => name,
        };
        Ok(Rule { kind, pattern: name.to_owned(), actions: actions.into_iter().collect() })
    }

    /// Returns true when the rule speaks of a ref.
    pub fn speaks_of(&self, git_ref: &GitRef) -> bool {
        self.kind == git_ref.kind && glob::matches(&self.pattern, &git_ref.name)
    }
}

/// Returns the actions of every rule that speaks of the ref, in the order of the rules; one that
/// is there already is not added again.
pub fn actions_for(rules: &[Rule], git_ref: &GitRef) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for action in rules.iter().filter(|rule| rule.speaks_of(git_ref)).flat_map(|rule| &rule.actions) {
        if !actions.contains(action) {
            actions.push(action.clone());
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deploy(environment: &str) -> Action {
        Action::Deploy { environment: environment.to_owned() }
    }

    #[test]
    fn a_flow() {
        let promote = Action::Promote { from: "staging".to_owned(), to: "production".to_owned() };
        let rules = [
            Rule::parse("pull_request", [Action::Test]).unwrap(),
            Rule::parse("branch:**", [Action::Test, Action::Build]).unwrap(),
            Rule::parse("branch:main", [Action::Build, Action::Push, deploy("staging")]).unwrap(),
            Rule::parse("branch:preview/*", [Action::Push, deploy("preview")]).unwrap(),
            Rule::parse("tag:v*", [promote.clone()]).unwrap(),
        ];
        for (git_ref, expected) in [
            ("refs/pull/4/merge", vec![Action::Test]),
            ("refs/heads/main", vec![Action::Test, Action::Build, Action::Push, deploy("staging")]),
            ("refs/heads/preview/x", vec![Action::Test, Action::Build, Action::Push, deploy("preview")]),
            ("refs/heads/other", vec![Action::Test, Action::Build]),
            ("refs/tags/v1", vec![promote]),
            ("refs/tags/nightly", vec![]),
            // A tag called `main` is no branch.
            ("refs/tags/main", vec![]),
        ] {
            assert_eq!(actions_for(&rules, &git_ref.parse().unwrap()), expected, "{git_ref}");
        }
    }

    #[test]
    fn patterns_that_are_none() {
        for pattern in ["", "main", "head:main", ":x"] {
            assert_eq!(Rule::parse(pattern, []), Err(PatternError::Kind(pattern.to_owned())));
        }
        for pattern in ["branch", "tag:"] {
            assert_eq!(Rule::parse(pattern, []), Err(PatternError::Name(pattern.to_owned())));
        }
    }
}
