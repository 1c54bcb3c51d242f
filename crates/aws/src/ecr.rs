//! Images in ECR.

use std::fmt;

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use secrecy::SecretString;

use crate::AwsCloud;
use crate::failure::failed;

/// What a registry asks for; the password is good for twelve hours.
#[derive(Clone)]
pub struct RegistryLogin {
    /// Address, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    pub registry: String,
    /// Always `AWS`.
    pub user: String,
    /// `Debug` does not show it.
    pub password: SecretString,
}

impl fmt::Debug for RegistryLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryLogin").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// An image that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryImage {
    /// `sha256:…`.
    pub digest: String,
    /// Media type of its manifest: an index stands for several architectures.
    pub media_type: Option<String>,
}

impl AwsCloud {
    /// Returns what `docker login` of this account's registry needs.
    ///
    /// # Errors
    /// Those of `ecr:GetAuthorizationToken`, and an answer that cannot be read.
    pub async fn registry_login(&self) -> Result<RegistryLogin> {
        let operation = "sign in to the registry";
        let answer = self.ecr.get_authorization_token().send().await;
        let answer = answer.map_err(|error| failed(operation, error))?;
        let unreadable =
            || CloudError::new(ErrorKind::Internal, operation, "the answer of ECR cannot be read");
        let data = answer.authorization_data().first().ok_or_else(unreadable)?;
        let text = decode(data.authorization_token().unwrap_or_default()).ok_or_else(unreadable)?;
        let (user, password) = text.split_once(':').ok_or_else(unreadable)?;
        let endpoint = data.proxy_endpoint().unwrap_or_default();
        Ok(RegistryLogin {
            registry: endpoint.trim_start_matches("https://").trim_end_matches('/').to_owned(),
            user: user.to_owned(),
            password: SecretString::from(password.to_owned()),
        })
    }

    /// Returns an image by tag or digest (`sha256:…`); `None` when it or its repository is not there.
    ///
    /// # Errors
    /// Those of `ecr:DescribeImages`.
    pub async fn registry_image(&self, repository: &str, reference: &str) -> Result<Option<RegistryImage>> {
        let id = aws_sdk_ecr::types::ImageIdentifier::builder();
        let id = if reference.starts_with("sha256:") {
            id.image_digest(reference)
        } else {
            id.image_tag(reference)
        };
        let request = self.ecr.describe_images().repository_name(repository).image_ids(id.build());
        let operation = format!("look for image {repository}:{reference}");
        match request.send().await.map_err(|error| failed(operation, error)) {
            Ok(answer) => Ok(answer.image_details().first().map(|found| RegistryImage {
                digest: found.image_digest().unwrap_or_default().to_owned(),
                media_type: found.image_manifest_media_type().map(str::to_owned),
            })),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Returns the text that base64 stands for.
fn decode(text: &str) -> Option<String> {
    let mut buffer: u32 = 0;
    let mut bits = 0;
    let mut out = Vec::new();
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        assert_eq!(decode("QVdTOnBhc3N3b3Jk").as_deref(), Some("AWS:password"));
        assert_eq!(decode("QVdTOg==").as_deref(), Some("AWS:"));
        assert_eq!(decode("").as_deref(), Some(""));
        assert_eq!(decode("QV dT"), None);
    }

    #[test]
    fn the_password_is_not_shown() {
        let login = RegistryLogin {
            registry: "r".into(),
            user: "AWS".into(),
            password: SecretString::from("hunter2".to_owned()),
        };
        assert!(!format!("{login:?}").contains("hunter2"));
    }
}
