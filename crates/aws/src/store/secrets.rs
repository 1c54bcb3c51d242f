//! Values of secrets: SSM parameters and Secrets Manager secrets.

use aws_sdk_ssm::types::ParameterTier;
use aws_sdk_ssm::types::ParameterType;
use futures::StreamExt;
use futures::TryStreamExt;
use futures::stream;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::SecretSource;
use seaway_cloud::SecretValue;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::AwsCloud;
use crate::failure::failed;

/// Names that `GetParameters` takes (SSM API reference).
const BATCH: usize = 10;
/// Largest value of a standard parameter, in bytes.
const STANDARD: usize = 4096;
/// Calls at the same time.
const PARALLEL: usize = 4;

/// Which store a name belongs to, and the name there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Parameter(String),
    Secret(String),
}

/// Parameters begin with `/`; every other name is a secret's (the model's rule for `external` and
/// `x-secrets`). ARNs say it themselves.
fn place(name: &str) -> Place {
    if name.starts_with("arn:") {
        return match name.split(':').nth(2) {
            // `…:parameter/a/b` is the parameter `/a/b`.
            Some("ssm") => {
                Place::Parameter(name.split_once(":parameter").map_or(name, |(_, rest)| rest).to_owned())
            }
            // `…:secret:NAME-AbCdEf:key:stage:version`: what follows the name is not part of it.
            _ => Place::Secret(name.splitn(8, ':').take(7).collect::<Vec<_>>().join(":")),
        };
    }
    if name.starts_with('/') { Place::Parameter(name.to_owned()) } else { Place::Secret(name.to_owned()) }
}

async fn value(secret: &SecretValue) -> Result<SecretString> {
    match &secret.source {
        SecretSource::Value(value) => Ok(value.clone()),
        SecretSource::File(path) => match tokio::fs::read_to_string(path).await {
            Ok(text) => Ok(SecretString::from(text)),
            Err(error) => {
                let operation = format!("read the value of {}", secret.name);
                Err(CloudError::new(ErrorKind::Validation, operation, format!("{path}: {error}")))
            }
        },
    }
}

impl AwsCloud {
    pub(super) async fn write_secrets(&self, secrets: &[SecretValue]) -> Result<()> {
        let mut writes = Vec::new();
        for secret in secrets {
            writes.push(self.write_secret(secret));
        }
        stream::iter(writes).buffered(PARALLEL).try_collect().await
    }

    async fn write_secret(&self, secret: &SecretValue) -> Result<()> {
        let value = value(secret).await?;
        match place(&secret.name) {
            Place::Parameter(name) => self.put_parameter(&name, &value).await,
            Place::Secret(name) => self.put_secret(&name, &value).await,
        }
    }

    /// A value that is there already is not written again: it would get a new version, and with it
    /// every service a new deployment.
    async fn put_parameter(&self, name: &str, value: &SecretString) -> Result<()> {
        let known = self.ssm.get_parameters().names(name).with_decryption(true).send().await;
        let same = known.is_ok_and(|answer| {
            answer.parameters().first().is_some_and(|found| {
                found.r#type() == Some(&ParameterType::SecureString)
                    && found.value() == Some(value.expose_secret())
            })
        });
        if same {
            return Ok(());
        }
        let large = value.expose_secret().len() > STANDARD;
        let request = self
            .ssm
            .put_parameter()
            .name(name)
            .value(value.expose_secret())
            .r#type(ParameterType::SecureString)
            .overwrite(true)
            .set_tier(large.then_some(ParameterTier::Advanced));
        request.send().await.map(drop).map_err(|error| failed(format!("write parameter {name}"), error))
    }

    async fn put_secret(&self, name: &str, value: &SecretString) -> Result<()> {
        let operation = || format!("write secret {name}");
        let known = self.secrets_manager.get_secret_value().secret_id(name).send().await;
        if known.is_ok_and(|answer| answer.secret_string() == Some(value.expose_secret())) {
            return Ok(());
        }
        let request = self.secrets_manager.put_secret_value().secret_id(name);
        match request
            .secret_string(value.expose_secret())
            .send()
            .await
            .map_err(|error| failed(operation(), error))
        {
            Err(error) if error.kind == ErrorKind::NotFound && !name.starts_with("arn:") => {
                let request = self.secrets_manager.create_secret().name(name);
                let made = request.secret_string(value.expose_secret()).send().await;
                made.map(drop).map_err(|error| failed(operation(), error))
            }
            answer => answer.map(drop),
        }
    }

    /// Asks only whether there is a value; none is decrypted.
    pub(super) async fn without_value(&self, names: &[String]) -> Result<Vec<String>> {
        let mut parameters: Vec<(&String, String)> = Vec::new();
        let mut secrets = Vec::new();
        for name in names {
            match place(name) {
                Place::Parameter(place) => parameters.push((name, place)),
                Place::Secret(place) => secrets.push(self.without_secret(name, place)),
            }
        }
        let mut missing: Vec<&String> = Vec::new();
        for batch in parameters.chunks(BATCH) {
            let mut wanted: Vec<String> = batch.iter().map(|(_, place)| place.clone()).collect();
            wanted.sort();
            wanted.dedup();
            let request = self.ssm.get_parameters().set_names(Some(wanted)).with_decryption(false);
            let answer = request.send().await.map_err(|error| failed("look for parameters", error))?;
            let invalid = answer.invalid_parameters();
            missing.extend(batch.iter().filter(|(_, place)| invalid.contains(place)).map(|(name, _)| *name));
        }
        let without: Vec<Option<&String>> = stream::iter(secrets).buffered(PARALLEL).try_collect().await?;
        missing.extend(without.into_iter().flatten());
        Ok(names.iter().filter(|name| missing.contains(name)).cloned().collect())
    }

    async fn without_secret<'a>(&self, name: &'a String, place: String) -> Result<Option<&'a String>> {
        Ok(if self.has_value(&place).await? { None } else { Some(name) })
    }

    async fn has_value(&self, name: &str) -> Result<bool> {
        let answer = self.secrets_manager.describe_secret().secret_id(name).send().await;
        match answer.map_err(|error| failed(format!("look for secret {name}"), error)) {
            // One that was never given a value has no version; one that is going has a date.
            Ok(found) => {
                let current = found
                    .version_ids_to_stages()
                    .is_some_and(|versions| versions.values().flatten().any(|stage| stage == "AWSCURRENT"));
                Ok(current && found.deleted_date().is_none())
            }
            Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stores() {
        for (name, expected) in [
            ("/shop/production/KEY", Place::Parameter("/shop/production/KEY".into())),
            ("shop/key", Place::Secret("shop/key".into())),
            ("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/KEY", Place::Parameter("/shop/KEY".into())),
            (
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf:password::",
                Place::Secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf".into()),
            ),
        ] {
            assert_eq!(place(name), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_not_there() {
        let secret = SecretValue { name: "/a".into(), source: SecretSource::File("/no/such/file".into()) };
        let error = value(&secret).await.unwrap_err().to_string();
        assert!(error.contains("/no/such/file"), "{error}");
    }
}
