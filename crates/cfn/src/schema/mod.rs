//! Schemas of all AWS resource types and all IAM actions, embedded.
//!
//! `data/schemas.bin` and `data/actions.bin` are made by `tools/schemas/generate.py`. They stay
//! compressed until a type is asked for: a program that asks for none pays nothing.
//!
//! ```
//! let queue = seaway_cfn::schema::resource_type("AWS::SQS::Queue").unwrap();
//! assert!(queue.replaces("QueueName"));
//! assert!(queue.attributes.contains_key("Arn"));
//! assert_eq!(seaway_cfn::schema::nearest_type("AWS::SQS::Que"), Some("AWS::SQS::Queue"));
//! ```

mod actions;
mod archive;
mod property;
mod resource_type;

pub use actions::ActionFault;
pub use actions::check_action;
pub use actions::matching_actions;
pub use archive::Sources;
pub use archive::sources;
pub use property::Kinds;
pub use property::Property;
pub use resource_type::ResourceType;
pub use resource_type::nearest_type;
pub use resource_type::resource_type;
pub use resource_type::type_names;
