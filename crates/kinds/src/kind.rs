//! What a kind is.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Sink;
use seaway_model::Resource;

/// A named set of IAM actions on one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessLevel {
    /// As written under `Access`.
    pub name: &'static str,
    /// Exact actions, never with a wildcard.
    pub actions: &'static [&'static str],
    /// What it allows, in words.
    pub description: &'static str,
}

/// What a kind makes resources from.
pub struct Synth<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Logical id of its main CloudFormation resource; further ones begin with it.
    pub id: &'a str,
    /// Resources of the same module that need this one ([`Kind::needs`]).
    pub needed_by: &'a [&'a Resource],
    /// ARN of a resource of the same module, by its name.
    pub arn_of: &'a dyn Fn(&str) -> Option<Value>,
    /// Data goes with the stack: the environment is `local` or ephemeral.
    pub disposable: bool,
    /// Tags.
    pub tags: &'a Value,
}

/// A kind of resource.
pub trait Kind: Sync {
    /// Returns the module key, such as `x-sqs`.
    fn key(&self) -> &'static str;
    /// Returns what its logical ids begin with, such as `Queue`.
    fn id_prefix(&self) -> &'static str;
    /// Returns what may be written under `Access`.
    fn access_levels(&self) -> &'static [AccessLevel];
    /// Returns what may be written under `ReturnValues`.
    fn attributes(&self) -> &'static [&'static str];
    /// Returns the attribute that is injected when there are no `ReturnValues`.
    fn default_attribute(&self) -> &'static str;
    /// Returns the attribute that is the ARN to which access is given.
    fn arn_attribute(&self) -> &'static str;
    /// Returns the value of an attribute of the resource with this logical id, inside its stack.
    fn attribute(&self, id: &str, name: &str) -> Option<Value>;
    /// Returns the environment variable that is set when there are no `ReturnValues`.
    fn default_variable(&self, name: &str) -> String;
    /// Returns the names of siblings whose ARN the resource needs.
    fn needs(&self, resource: &Resource) -> Vec<String>;
    /// Checks a resource; `siblings` are all resources of the same module, itself included.
    fn check(&self, resource: &Resource, siblings: &[&Resource], sink: &mut Sink);
    /// Returns the CloudFormation resources by logical id.
    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource>;
}

/// Returns a name as the begin of an environment variable: `my-queue` → `MY_QUEUE`.
pub(crate) fn upper_snake(name: &str) -> String {
    let upper: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    if upper.starts_with(|letter: char| letter.is_ascii_digit()) { format!("_{upper}") } else { upper }
}

#[cfg(test)]
mod tests {
    use super::upper_snake;

    #[test]
    fn names_become_variables() {
        for (name, expected) in [("orders", "ORDERS"), ("my-queue.fifo", "MY_QUEUE_FIFO"), ("2nd", "_2ND")] {
            assert_eq!(upper_snake(name), expected);
        }
    }
}
