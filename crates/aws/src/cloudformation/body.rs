//! How a template gets to CloudFormation.

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::AwsCloud;
use crate::store::segment;

/// Largest template in a request, in bytes (CloudFormation quotas).
const INLINE: usize = 51_200;
/// Largest template at all, in bytes.
const LARGEST: usize = 1_048_576;

/// A template, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// In the request.
    Inline(String),
    /// In the artifact bucket.
    Url(String),
}

/// Returns the template without spaces where it is too large with them.
fn compact(template: &str) -> String {
    if template.len() <= INLINE {
        return template.to_owned();
    }
    let read = serde_json::from_str::<Value>(template);
    read.ok().and_then(|value| serde_json::to_string(&value).ok()).unwrap_or_else(|| template.to_owned())
}

impl AwsCloud {
    /// Returns the template for a request; uploads it when it does not fit in one.
    pub(super) async fn template_body(&self, stack: &str, template: &str) -> Result<Body> {
        let text = compact(template);
        if text.len() <= INLINE {
            return Ok(Body::Inline(text));
        }
        if text.len() > LARGEST {
            return Err(CloudError::new(
                ErrorKind::Validation,
                format!("deploy stack {stack}"),
                format!("its template has {} bytes, and CloudFormation takes {LARGEST}", text.len()),
            )
            .hint("split the stack: move resources into files of their own"));
        }
        // Named by its content: what is there is not written again, and never changes.
        let hash = hex::encode(Sha256::digest(&text));
        let (app, env) = (segment(&self.target.app), segment(&self.target.env));
        let key = format!("templates/{app}/{env}/{stack}/{hash}.json");
        self.put_object_once(&key, text.into_bytes()).await?;
        Ok(Body::Url(self.object_url(&key)))
    }

    fn object_url(&self, key: &str) -> String {
        let (bucket, region) = (&self.bucket, &self.identity.region);
        match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None => {
                let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                format!("https://{bucket}.s3.{region}.{suffix}/{key}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_count_only_where_they_fit() {
        let small = "{ \"Resources\": {} }";
        assert_eq!(compact(small), small);
        let large = format!("{{ \"a\": 1{} }}", " ".repeat(INLINE));
        assert_eq!(compact(&large), "{\"a\":1}");
        let other = "x".repeat(INLINE + 1);
        assert_eq!(compact(&other), other);
    }
}
