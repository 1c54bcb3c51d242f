//! Codes of the findings of this crate: `SW04xx`.

/// A property that the resource type does not have.
pub const UNKNOWN_PROPERTY: &str = "SW0401";
/// A property of the wrong type or out of its range.
pub const BAD_PROPERTY: &str = "SW0402";
/// A reference to a resource that is not there or does not fit.
pub const BAD_REFERENCE: &str = "SW0403";
/// An access level that the kind does not have.
pub const UNKNOWN_ACCESS: &str = "SW0404";
/// An attribute that the kind does not have.
pub const UNKNOWN_ATTRIBUTE: &str = "SW0405";
/// An environment variable that is set twice.
pub const VARIABLE_TWICE: &str = "SW0406";
/// A part of the common shape that the kind does not support yet.
pub const NOT_YET: &str = "SW0407";
/// A workload is named under `Services` without `Access`.
pub const NO_ACCESS: &str = "SW0408";
/// A lookup without an answer, or beside properties.
pub const BAD_LOOKUP: &str = "SW0409";
/// A key of an entry of `Services` that the kind does not have.
pub const UNKNOWN_KEY: &str = "SW0410";
/// `Scaling` that cannot be.
pub const BAD_SCALING: &str = "SW0411";

/// Every code with its meaning in a line, for `explain` and the documentation.
pub const ALL: &[(&str, &str)] = &[
    (UNKNOWN_PROPERTY, "a property that the resource type does not have"),
    (BAD_PROPERTY, "a property of the wrong type or out of its range"),
    (BAD_REFERENCE, "a reference to a resource that is not there or does not fit"),
    (UNKNOWN_ACCESS, "an access level that the kind does not have"),
    (UNKNOWN_ATTRIBUTE, "an attribute that the kind does not have"),
    (VARIABLE_TWICE, "an environment variable that is set twice"),
    (NOT_YET, "a part of a resource that is not supported yet"),
    (NO_ACCESS, "a workload is named under Services without Access"),
    (BAD_LOOKUP, "a lookup without an answer, or beside properties"),
    (UNKNOWN_KEY, "a key of an entry of Services that the kind does not have"),
    (BAD_SCALING, "scaling that cannot be"),
];
