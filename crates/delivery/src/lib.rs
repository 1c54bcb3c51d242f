//! Git refs to delivery actions.
//!
//! `x-flow` says what a branch, a tag or a pull request does; [`actions_for`] answers it for one
//! git ref. Pure: the ref comes in as text, nothing is run. A later issue adds the reader of the
//! `x-flow` key, generators for CI systems (a file each) and the simulation of a flow.
//!
//! This crate must not know an SDK.
//!
//! ```
//! use seaway_delivery::{Action, GitRef, Rule, actions_for};
//! let rules = [Rule::parse("branch:main", [Action::Deploy { environment: "staging".to_owned() }]).unwrap()];
//! let main: GitRef = "refs/heads/main".parse().unwrap();
//! assert_eq!(actions_for(&rules, &main).len(), 1);
//! ```

mod action;
mod git_ref;
mod glob;
mod rule;

pub use action::Action;
pub use git_ref::GitRef;
pub use git_ref::GitRefError;
pub use git_ref::GitRefKind;
pub use glob::matches;
pub use rule::PatternError;
pub use rule::Rule;
pub use rule::actions_for;
