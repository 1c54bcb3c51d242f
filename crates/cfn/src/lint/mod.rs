//! Checks a template as deep as can be done offline.
//!
//! All findings come at once, in file order, with codes of [`codes`]. What the registry's schemas
//! say ([`crate::schema`]) is checked for every AWS type; rules of their own add what no schema says:
//! the relations between resources that make a deployment fail or hang.
//!
//! ```
//! use seaway_cfn::source::Node;
//! let template = serde_json::json!({"Resources": {"Jobs": {
//!     "Type": "AWS::SQS::Queue",
//!     "Properties": {"VisibiltyTimeout": 30},
//! }}});
//! let mut sink = seaway_diag::Sink::default();
//! seaway_cfn::lint::lint(&Node::from(&template), &mut sink);
//! let finding = sink.all().iter().find(|finding| finding.code == "SW0610").unwrap();
//! assert_eq!(finding.message, "AWS::SQS::Queue has no property `VisibiltyTimeout`");
//! assert_eq!(finding.help, ["did you mean `VisibilityTimeout`?"]);
//! ```

pub mod codes;
mod document;
mod functions;
mod iam;
mod linter;
mod model;
mod parameters;
mod patterns;
mod place;
mod properties;
mod references;
mod rules;
mod scalars;
mod usage;

#[cfg(test)]
#[path = "tests/clean.rs"]
mod clean;
#[cfg(test)]
mod seeded;

pub use linter::lint;
