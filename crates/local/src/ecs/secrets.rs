//! Values for the `Secrets` of a container.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use super::task_definition::Secret;
use crate::realiser::SecretReader;

/// Where a `ValueFrom` points.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    /// Names to look under, the likeliest first.
    names: Vec<String>,
    /// Key in a JSON value.
    key: Option<String>,
    /// `ssm` or `secretsmanager`, for messages.
    service: &'static str,
}

/// Reads `ValueFrom`: a parameter name, its ARN, or `secret-arn[:json-key[:stage[:version]]]`.
fn source(value_from: &str) -> Source {
    let parts: Vec<&str> = value_from.split(':').collect();
    if parts.len() >= 6 && parts[0] == "arn" && parts[2] == "ssm" {
        // `parameter/a/b` is the parameter `/a/b`; `parameter/a` may be `a`.
        let name = parts[5..].join(":");
        let name = name.strip_prefix("parameter").unwrap_or(&name);
        let bare = name.trim_start_matches('/');
        return Source { names: vec![format!("/{bare}"), bare.to_owned()], key: None, service: "ssm" };
    }
    if parts.len() >= 7 && parts[0] == "arn" && parts[2] == "secretsmanager" {
        let name = parts[6].to_owned();
        let mut names = vec![name.clone(), parts[..7].join(":")];
        if let Some((head, tail)) = name.rsplit_once('-')
            && tail.len() == 6
        {
            names.insert(0, head.to_owned());
        }
        let key = parts.get(7).filter(|key| !key.is_empty()).map(|key| (*key).to_owned());
        return Source { names, key, service: "secretsmanager" };
    }
    Source { names: vec![value_from.to_owned()], key: None, service: "ssm" }
}

/// Why not all secrets have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// Some have none: what is missing, in ECS' words.
    Missing(String),
    /// The values of these names went with an earlier background process, and will come again.
    Awaited(Vec<String>),
}

/// Resolves all secrets of a container, or says what is missing: all of it.
pub(super) fn resolve(
    reader: &dyn SecretReader,
    secrets: &[Secret],
) -> Result<Vec<(String, SecretString)>, Unresolved> {
    let mut values = Vec::new();
    let mut missing = Vec::new();
    let mut awaited = Vec::new();
    for secret in secrets {
        let source = source(&secret.value_from);
        let found = source.names.iter().find_map(|name| reader.secret(name));
        let value = match (&found, &source.key) {
            (Some(value), None) => Some(value.clone()),
            (Some(value), Some(key)) => json_key(value, key),
            (None, _) => None,
        };
        match value {
            Some(value) => values.push((secret.name.clone(), value)),
            None if found.is_none() && source.names.iter().any(|name| reader.awaited(name)) => {
                awaited.extend(source.names.first().cloned());
            }
            None => {
                let kind = if source.service == "ssm" { "parameter" } else { "secret" };
                let name = source.names.first().map_or("", String::as_str);
                let what = match (&found, &source.key) {
                    (Some(_), Some(key)) => format!("{kind} {name} has no key {key}"),
                    _ => format!("{kind} {name} not found"),
                };
                missing.push(format!("unable to retrieve secret from {}: {what}", source.service));
            }
        }
    }
    if !missing.is_empty() {
        return Err(Unresolved::Missing(format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: {}",
            missing.join("; ")
        )));
    }
    if awaited.is_empty() { Ok(values) } else { Err(Unresolved::Awaited(awaited)) }
}

fn json_key(value: &SecretString, key: &str) -> Option<SecretString> {
    let json: serde_json::Value = serde_json::from_str(value.expose_secret()).ok()?;
    Some(SecretString::from(match json.get(key)? {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl SecretReader for Fixed {
        fn secret(&self, name: &str) -> Option<SecretString> {
            match name {
                "/shop/local/KEY" | "plain" => Some(SecretString::from("value".to_owned())),
                "db" => Some(SecretString::from(r#"{"user":"me","port":5432}"#.to_owned())),
                _ => None,
            }
        }

        fn awaited(&self, name: &str) -> bool {
            name == "/shop/local/LATER"
        }

        fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
            tokio::sync::watch::channel(0).1
        }
    }

    fn value(from: &str) -> Result<String, Unresolved> {
        let secret = Secret { name: "X".into(), value_from: from.into() };
        resolve(&Fixed, &[secret]).map(|values| values[0].1.expose_secret().to_owned())
    }

    #[test]
    fn finds_values() {
        for (from, expected) in [
            ("/shop/local/KEY", "value"),
            ("plain", "value"),
            ("arn:aws:ssm:local:000000000000:parameter/shop/local/KEY", "value"),
            ("arn:aws:ssm:local:000000000000:parameter/plain", "value"),
            ("arn:aws:secretsmanager:local:000000000000:secret:db-Ab12Cd:user::", "me"),
            ("arn:aws:secretsmanager:local:000000000000:secret:db-Ab12Cd:port", "5432"),
        ] {
            assert_eq!(value(from), Ok(expected.to_owned()), "{from}");
        }
    }

    #[test]
    fn says_what_is_missing() {
        let secrets = [
            Secret { name: "A".into(), value_from: "/shop/local/A".into() },
            Secret { name: "K".into(), value_from: "/shop/local/KEY".into() },
            Secret {
                name: "B".into(),
                value_from: "arn:aws:secretsmanager:local:000000000000:secret:db-Ab12Cd:none".into(),
            },
        ];
        let Err(Unresolved::Missing(text)) = resolve(&Fixed, &secrets) else { panic!("they are missing") };
        assert_eq!(
            text,
            "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret \
             from ssm: parameter /shop/local/A not found; unable to retrieve secret from secretsmanager: \
             secret db has no key none"
        );
    }

    #[test]
    fn what_went_with_an_earlier_process_is_awaited_not_missing() {
        let secret = |value_from: &str| Secret { name: "X".into(), value_from: value_from.into() };
        let later = "arn:aws:ssm:local:000000000000:parameter/shop/local/LATER";
        let Err(waits) = resolve(&Fixed, &[secret(later), secret("plain")]) else { panic!("it has a value") };
        assert_eq!(waits, Unresolved::Awaited(vec!["/shop/local/LATER".to_owned()]));
        let fails = resolve(&Fixed, &[secret(later), secret("/shop/local/A")]);
        assert!(matches!(fails, Err(Unresolved::Missing(_))));
    }
}
