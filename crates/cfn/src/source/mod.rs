//! Templates as they were written: a tree of values with their places.
//!
//! This crate reads no YAML. Who has a parsed file (the command line has `seaway_yaml`) fills a
//! [`Node`] from it, tags included; [`Node::expand`] turns the short forms of intrinsic functions
//! into their long ones. From then on JSON and YAML are the same.
//!
//! ```
//! use seaway_cfn::source::Node;
//! let mut node = Node::from(&serde_json::json!("Queue.Arn"));
//! node.tag = Some("!GetAtt".to_owned());
//! node.expand(&mut Vec::new());
//! assert_eq!(node.to_json(), serde_json::json!({"Fn::GetAtt": ["Queue", "Arn"]}));
//! ```

mod node;
mod short_form;

pub use node::Content;
pub use node::Entry;
pub use node::Node;
pub use short_form::UnknownTag;
