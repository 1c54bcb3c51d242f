//! Codes of the findings of this crate: `SW05xx`.

/// The network cannot be cut as asked.
pub const NETWORK: &str = "SW0501";
/// A name is longer than AWS allows.
pub const NAME_TOO_LONG: &str = "SW0502";
/// A stack is over a limit of CloudFormation.
pub const LIMIT: &str = "SW0503";

/// Two resources of a stack would have one logical id.
pub const NAME_TAKEN: &str = "SW0504";

/// Every code with its meaning in a line, for `explain` and the documentation.
pub const ALL: &[(&str, &str)] = &[
    (NETWORK, "the network cannot be cut as asked"),
    (NAME_TOO_LONG, "a name is longer than AWS allows"),
    (LIMIT, "a stack is over a limit of CloudFormation"),
    (NAME_TAKEN, "two resources of a stack would have one logical id"),
];
