//! Values of secrets, on their way into a store.

use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

/// Where the value of a secret comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// This value. `Debug` does not show it.
    Value(#[serde(serialize_with = "expose", deserialize_with = "hide")] SecretString),
    /// The content of this file (absolute path).
    File(String),
}

/// A secret and its value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretValue {
    /// Parameter or secret name, such as `/shop/local/API_KEY`.
    pub name: String,
    /// The value.
    pub source: SecretSource,
}

/// Writes the value: only ever used on the private socket to the background process.
fn expose<S: Serializer>(value: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.expose_secret())
}

fn hide<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_value() {
        let secret = SecretValue {
            name: "/shop/local/KEY".into(),
            source: SecretSource::Value(SecretString::from("hunter2".to_owned())),
        };
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
