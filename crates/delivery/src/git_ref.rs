//! Git refs.

use std::fmt;
use std::str::FromStr;

/// What kind of ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GitRefKind {
    /// `refs/heads/…`.
    Branch,
    /// `refs/tags/…`.
    Tag,
    /// `refs/pull/N/merge` (GitHub) or `refs/merge-requests/N/head` (GitLab); named by its number.
    PullRequest,
}

impl GitRefKind {
    /// Returns the word that begins a pattern: `branch`, `tag` or `pull_request`.
    pub fn as_str(self) -> &'static str {
        match self {
            GitRefKind::Branch => "branch",
            GitRefKind::Tag => "tag",
            GitRefKind::PullRequest => "pull_request",
        }
    }
}

/// A ref: `main`, `v1.2.3`, `17`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitRef {
    /// What kind of ref.
    pub kind: GitRefKind,
    /// Its short name.
    pub name: String,
}

/// A text that is not a full ref name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read `{0}` as a git ref: it must begin with `refs/heads/`, `refs/tags/`, `refs/pull/` or `refs/merge-requests/`"
)]
pub struct GitRefError(
    /// The text.
    pub String,
);

impl FromStr for GitRef {
    type Err = GitRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || GitRefError(text.to_owned());
        let numbered = |rest: &str| rest.split('/').next().map(str::to_owned);
        let (kind, name) = if let Some(name) = text.strip_prefix("refs/heads/") {
            (GitRefKind::Branch, Some(name.to_owned()))
        } else if let Some(name) = text.strip_prefix("refs/tags/") {
            (GitRefKind::Tag, Some(name.to_owned()))
        } else if let Some(rest) = text.strip_prefix("refs/pull/") {
            (GitRefKind::PullRequest, numbered(rest))
        } else if let Some(rest) = text.strip_prefix("refs/merge-requests/") {
            (GitRefKind::PullRequest, numbered(rest))
        } else {
            return Err(error());
        };
        let name = name.filter(|name| !name.is_empty()).ok_or_else(error)?;
        Ok(GitRef { kind, name })
    }
}

impl fmt::Display for GitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::GitRef;

    #[test]
    fn full_names() {
        for (text, expected) in [
            ("refs/heads/main", Some("branch:main")),
            ("refs/heads/feature/cart", Some("branch:feature/cart")),
            ("refs/tags/v1.2.3", Some("tag:v1.2.3")),
            ("refs/pull/17/merge", Some("pull_request:17")),
            ("refs/merge-requests/9/head", Some("pull_request:9")),
            ("refs/heads/", None),
            ("refs/pull/", None),
            ("main", None),
            ("", None),
            ("refs/remotes/origin/main", None),
        ] {
            let read = text.parse::<GitRef>().ok().map(|git_ref| git_ref.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
