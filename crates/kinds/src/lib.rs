//! The resource kinds of the `x-` modules, a folder each, and the registry that lists them.
//!
//! A kind knows its properties, access levels and attributes, checks what the user wrote and
//! turns it into CloudFormation resources. It must not know the network, other kinds' insides or
//! how stacks are cut.

mod alarms;
mod aps;
mod check;
mod cluster;
mod codeguru_profiler;
pub mod codes;
mod cognito_userpool;
mod common;
mod docdb;
mod dynamodb;
mod ecr;
mod elasticache;
mod kind;
mod kinesis;
mod kms;
mod lookup;
mod neptune;
mod networked;
mod opensearch;
mod properties;
mod rds;
mod reference;
mod registry;
mod s3;
mod shape;
mod sns;
mod sqs;
mod ssm_parameter;
mod steps;

pub use check::check;
pub use check::granted;
pub use check::variables;
pub use kind::AccessLevel;
pub use kind::Attribute;
pub use kind::Facts;
pub use kind::Kind;
pub use kind::Lasting;
pub use kind::Metric;
pub use kind::Network;
pub use kind::SecretVariable;
pub use kind::Source;
pub use kind::Synth;
pub use kind::Tagging;
pub use lookup::found;
pub use properties::Property;
pub use properties::Type;
pub use reference::Reference;
pub use reference::parse as parse_reference;
pub use reference::pseudo;
pub use registry::KINDS;
pub use registry::find;
pub use shape::plain;
pub use shape::property_names;
pub use steps::Step;
pub use steps::Steps;
