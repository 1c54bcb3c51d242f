//! Intrinsic functions (CloudFormation user guide, "Intrinsic function reference").

use indexmap::IndexMap;

use crate::Value;

/// An intrinsic function.
#[derive(Clone, Debug, PartialEq)]
pub enum Intrinsic {
    /// `Ref`: a parameter's value or a resource's physical id, or a pseudo parameter.
    Ref(String),
    /// `Fn::GetAtt`.
    GetAtt {
        /// Logical id.
        resource: String,
        /// Attribute name, may hold dots.
        attribute: String,
    },
    /// `Fn::Sub`.
    Sub {
        /// Text with `${Name}`, `${Resource.Attribute}` and `${!Literal}`.
        template: String,
        /// Names that only this text knows.
        variables: IndexMap<String, Value>,
    },
    /// `Fn::Join`.
    Join {
        /// Between two values.
        delimiter: String,
        /// A list, or a function that returns one.
        values: Value,
    },
    /// `Fn::Select`.
    Select {
        /// From 0.
        index: Value,
        /// A list, or a function that returns one.
        list: Value,
    },
    /// `Fn::Split`.
    Split {
        /// Between two values.
        delimiter: String,
        /// The text.
        source: Value,
    },
    /// `Fn::If`.
    If {
        /// Condition name.
        condition: String,
        /// Value where it holds.
        then: Value,
        /// Value where it does not.
        otherwise: Value,
    },
    /// `Fn::FindInMap`.
    FindInMap {
        /// Mapping name.
        map: Value,
        /// First key.
        top: Value,
        /// Second key.
        second: Value,
    },
    /// `Fn::Cidr`.
    Cidr {
        /// The block to cut.
        block: Value,
        /// How many pieces.
        count: Value,
        /// Host bits of a piece.
        bits: Value,
    },
    /// `Fn::GetAZs`.
    GetAzs(Value),
    /// `Fn::ImportValue`.
    ImportValue(Value),
    /// `Fn::Base64`.
    Base64(Value),
    /// `Fn::Equals`, in conditions.
    Equals(Value, Value),
    /// `Fn::And`, in conditions.
    And(Vec<Value>),
    /// `Fn::Or`, in conditions.
    Or(Vec<Value>),
    /// `Fn::Not`, in conditions.
    Not(Value),
    /// `{"Condition": name}`, in conditions.
    Condition(String),
    /// Any other `Fn::…`, passed through.
    Other {
        /// Such as `Fn::Transform`.
        name: String,
        /// Its argument.
        argument: Value,
    },
}
