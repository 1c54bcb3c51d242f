//! Variables of `.env`, which can be secret.

use std::fmt;

use indexmap::IndexMap;

/// The variables that the project's `.env` gives. They can be secret: no value is shown by `Debug`,
/// and the type cannot be serialised.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Dotenv(IndexMap<String, String>);

impl Dotenv {
    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the names in file order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns true without variables.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn insert(&mut self, name: String, value: String) {
        self.0.insert(name, value);
    }
}

impl fmt::Debug for Dotenv {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Dotenv({} variables)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_shown() {
        let mut dotenv = Dotenv::default();
        dotenv.insert("TOKEN".into(), "hunter2".into());
        assert_eq!(format!("{dotenv:?}"), "Dotenv(1 variables)");
        assert_eq!(dotenv.get("TOKEN"), Some("hunter2"));
        assert_eq!(dotenv.names().collect::<Vec<_>>(), ["TOKEN"]);
    }
}
