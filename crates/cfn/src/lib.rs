//! CloudFormation as a library: templates with typed intrinsics, canonical JSON, evaluation,
//! dependency graph, limits and diff.
//!
//! This crate must not know Compose or ECS semantics. It reads no files, no clock and no
//! environment: a template goes in, an answer comes out.
//!
//! - [`Template::to_json_string`] and [`Template::from_json`]: canonical JSON, and back;
//! - [`evaluate`]: intrinsic functions to plain JSON;
//! - [`graph`]: what must be there before what;
//! - [`diff`](mod@diff): what an update does to each resource;
//! - [`describe`]: resource types in plain words;
//! - [`limits`]: CloudFormation's quotas;
//! - [`schema`]: what AWS' registry says of every resource type, and all IAM actions.
//!
//! ```
//! use seaway_cfn::{Resource, Template, Value};
//! let mut template = Template::default();
//! template.resources.insert(
//!     "Jobs".to_owned(),
//!     Resource::new("AWS::SQS::Queue").with("VisibilityTimeout", Value::Int(30)),
//! );
//! let text = template.to_json_string(false);
//! assert_eq!(Template::from_json(&text), Ok(template));
//! ```

pub mod describe;
pub mod diff;
pub mod evaluate;
pub mod graph;
mod intrinsic;
pub mod limits;
pub mod lint;
mod read;
#[cfg(test)]
mod round_trip;
pub mod schema;
pub mod source;
mod template;
mod value;
mod write;
mod write_yaml;

pub use intrinsic::Intrinsic;
pub use read::TemplateError;
pub use read::TemplateProblem;
pub use template::Output;
pub use template::Parameter;
pub use template::Resource;
pub use template::Template;
pub use value::Value;
