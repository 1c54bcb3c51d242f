//! Codes of the findings of this crate.

/// The text is not YAML.
pub const SYNTAX: &str = "SW0101";
/// A key stands twice in one mapping.
pub const DUPLICATE_KEY: &str = "SW0102";
/// The file, or what its aliases expand to, is too large.
pub const TOO_LARGE: &str = "SW0103";
/// A file holds more than one document.
pub const DOCUMENTS: &str = "SW0104";
/// Collections are nested too deeply.
pub const TOO_DEEP: &str = "SW0105";
/// A key is not a plain text.
pub const KEY: &str = "SW0106";
/// An alias has no anchor, or stands inside its own anchor.
pub const ALIAS: &str = "SW0107";
/// The value of `<<` cannot be merged.
pub const MERGE_KEY: &str = "SW0108";

/// Every code of this crate with its title, for generated documentation.
pub const ALL: &[(&str, &str)] = &[
    (SYNTAX, "the text is not YAML"),
    (DUPLICATE_KEY, "a key stands twice in one mapping"),
    (TOO_LARGE, "the file, or what its aliases expand to, is too large"),
    (DOCUMENTS, "a file holds more than one document"),
    (TOO_DEEP, "collections are nested too deeply"),
    (KEY, "a key is not a plain text"),
    (ALIAS, "an alias has no anchor, or stands inside its own anchor"),
    (MERGE_KEY, "the value of `<<` cannot be merged"),
];
