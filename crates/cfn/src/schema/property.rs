//! What a schema says of a value.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

/// JSON types that a value may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Kinds(u8);

const LETTERS: [(char, u8, &str); 7] = [
    ('s', 1, "a string"),
    ('i', 2, "a whole number"),
    ('n', 4, "a number"),
    ('b', 8, "true or false"),
    ('o', 16, "an object"),
    ('a', 32, "a list"),
    ('z', 64, "null"),
];

impl From<String> for Kinds {
    fn from(letters: String) -> Self {
        let bit = |letter| LETTERS.iter().find(|row| row.0 == letter).map_or(0, |row| row.1);
        Kinds(letters.chars().fold(0, |all, letter| all | bit(letter)))
    }
}

impl Kinds {
    /// Returns true when nothing is said: every type is fine.
    pub fn is_any(self) -> bool {
        self.0 == 0
    }

    /// Returns true when the type of this letter (`s`, `i`, `n`, `b`, `o`, `a`) is allowed.
    pub fn allows(self, letter: char) -> bool {
        self.is_any() || LETTERS.iter().any(|row| row.0 == letter && self.0 & row.1 != 0)
    }

    /// Returns true when only lists are allowed.
    pub fn is_list(self) -> bool {
        self.0 == 32
    }

    /// Returns true when only objects are allowed.
    pub fn is_object(self) -> bool {
        self.0 == 16
    }

    /// Returns true when neither lists nor objects are allowed.
    pub fn is_scalar(self) -> bool {
        self.0 != 0 && self.0 & (16 | 32) == 0
    }

    /// Returns `a string or a number`.
    pub fn words(self) -> String {
        let words: Vec<&str> = LETTERS.iter().filter(|row| self.0 & row.1 != 0).map(|row| row.2).collect();
        words.join(" or ")
    }
}

/// What a schema says of a value: JSON Schema as CloudFormation's registry uses it, under the
/// short names of `data/schemas.bin`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Property {
    /// Its JSON types.
    #[serde(rename = "t")]
    pub kinds: Kinds,
    /// Name of a definition of the type, or `#Name` of one of its properties.
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    /// The values that it may have.
    #[serde(rename = "e")]
    pub values: Vec<Json>,
    /// The same, case not counted.
    #[serde(rename = "ei")]
    pub values_any_case: Vec<Json>,
    /// The value that it must have.
    #[serde(rename = "k")]
    pub constant: Option<Json>,
    /// Regular expression of ECMA 262, found anywhere in the text.
    #[serde(rename = "x")]
    pub pattern: Option<String>,
    /// Such as `AWS::IAM::Role.Arn`: what it must refer to.
    #[serde(rename = "f")]
    pub format: Option<String>,
    /// Fewest characters.
    #[serde(rename = "l")]
    pub min_length: Option<f64>,
    /// Most characters.
    #[serde(rename = "L")]
    pub max_length: Option<f64>,
    /// Smallest number.
    #[serde(rename = "m")]
    pub minimum: Option<f64>,
    /// Largest number.
    #[serde(rename = "M")]
    pub maximum: Option<f64>,
    /// Fewest items.
    #[serde(rename = "c")]
    pub min_items: Option<f64>,
    /// Most items.
    #[serde(rename = "C")]
    pub max_items: Option<f64>,
    /// Fewest entries.
    #[serde(rename = "q")]
    pub min_entries: Option<f64>,
    /// Most entries.
    #[serde(rename = "Q")]
    pub max_entries: Option<f64>,
    /// Entries that must be there.
    #[serde(rename = "r")]
    pub required: Vec<String>,
    /// No two items are the same.
    #[serde(rename = "u", deserialize_with = "flag")]
    pub unique: bool,
    /// The order of the items means nothing.
    #[serde(rename = "o", deserialize_with = "flag")]
    pub unordered: bool,
    /// Its items.
    #[serde(rename = "i")]
    pub items: Option<Box<Property>>,
    /// Its entries.
    #[serde(rename = "p")]
    pub properties: BTreeMap<String, Property>,
    /// Entries whose names match a regular expression.
    #[serde(rename = "pp")]
    pub pattern_properties: BTreeMap<String, Property>,
    /// All other entries; `None` where there may be none (as long as entries are listed at all).
    #[serde(rename = "a")]
    pub additional: Option<Box<Property>>,
    /// At least one of them holds.
    #[serde(rename = "any")]
    pub any_of: Vec<Property>,
    /// Exactly one of them holds.
    #[serde(rename = "one")]
    pub one_of: Vec<Property>,
    /// All of them hold.
    #[serde(rename = "all")]
    pub all_of: Vec<Property>,
    /// Exactly one of these entries is there.
    #[serde(rename = "xor", deserialize_with = "groups")]
    pub exactly_one: Vec<Vec<String>>,
    /// At least one of these entries is there.
    #[serde(rename = "or", deserialize_with = "groups")]
    pub at_least_one: Vec<Vec<String>>,
    /// Entry → entries that must not be beside it.
    #[serde(rename = "dx")]
    pub excludes: BTreeMap<String, Vec<String>>,
    /// Entry → entries that must be beside it.
    #[serde(rename = "dr")]
    pub requires: BTreeMap<String, Vec<String>>,
}

fn flag<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(u8::deserialize(deserializer)? != 0)
}

/// One group or a list of groups: both forms occur.
pub(super) fn groups<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        One(Vec<String>),
        Many(Vec<Vec<String>>),
    }
    Ok(match Form::deserialize(deserializer)? {
        Form::One(group) => vec![group],
        Form::Many(groups) => groups,
    })
}

impl Property {
    /// Returns true when entries are listed, so that another name is a fault.
    pub fn is_closed(&self) -> bool {
        self.additional.is_none() && !(self.properties.is_empty() && self.pattern_properties.is_empty())
    }

    /// Returns the formats that it may have.
    pub fn formats(&self) -> Vec<&str> {
        let own = self.format.as_deref();
        own.into_iter().chain(self.any_of.iter().filter_map(|one| one.format.as_deref())).collect()
    }
}
