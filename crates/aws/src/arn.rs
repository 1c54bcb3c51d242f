//! Amazon Resource Names.

use std::fmt;
use std::str::FromStr;

/// `arn:partition:service:region:account:resource` (IAM user guide, "Amazon Resource Names").
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// Such as `ecs`.
    pub service: String,
    /// Empty for global services.
    pub region: String,
    /// Twelve digits; empty where the resource has none, such as a bucket.
    pub account: String,
    /// The rest, colons and slashes included.
    pub resource: String,
}

/// A text that is not an ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read `{text}` as an ARN: {reason}")]
pub struct ArnError {
    /// The text.
    pub text: String,
    /// Why not.
    pub reason: &'static str,
}

impl Arn {
    /// Returns the type of the resource, the part before the first `/` or `:`; `None` where the
    /// resource is a name alone.
    pub fn resource_type(&self) -> Option<&str> {
        self.split().map(|(kind, _)| kind)
    }

    /// Returns the resource without its type: all of it where it has none.
    pub fn resource_id(&self) -> &str {
        self.split().map_or(self.resource.as_str(), |(_, id)| id)
    }

    fn split(&self) -> Option<(&str, &str)> {
        // The colon of `task-definition/web:3` belongs to the id.
        self.resource.split_once(['/', ':'])
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |reason| ArnError { text: text.to_owned(), reason };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts.as_slice() else {
            return Err(error("it must have the form `arn:partition:service:region:account:resource`"));
        };
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(error("partition, service and resource must not be empty"));
        }
        // `aws` stands for the account in ARNs of AWS' own policies and prefix lists.
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !(account.is_empty() || *account == "aws" || digits) {
            return Err(error("the account must have twelve digits"));
        }
        Ok(Arn {
            partition: (*partition).to_owned(),
            service: (*service).to_owned(),
            region: (*region).to_owned(),
            account: (*account).to_owned(),
            resource: (*resource).to_owned(),
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn there_and_back() {
        for (text, kind, id) in [
            ("arn:aws:ecs:eu-west-1:123456789012:service/shop/web", Some("service"), "shop/web"),
            ("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3", Some("task-definition"), "web:3"),
            (
                "arn:aws:logs:eu-west-1:123456789012:log-group:/seaway/shop:*",
                Some("log-group"),
                "/seaway/shop:*",
            ),
            ("arn:aws:sqs:eu-west-1:123456789012:orders", None, "orders"),
            ("arn:aws:s3:::bucket", None, "bucket"),
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", Some("policy"), "ReadOnlyAccess"),
            ("arn:aws-cn:iam::123456789012:role/path/web", Some("role"), "path/web"),
        ] {
            let arn: Arn = text.parse().unwrap();
            assert_eq!(arn.to_string(), text);
            assert_eq!((arn.resource_type(), arn.resource_id()), (kind, id), "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for (text, reason) in [
            ("", "must have the form"),
            ("orders", "must have the form"),
            ("arn:aws:sqs:eu-west-1:123456789012", "must have the form"),
            ("urn:aws:sqs:eu-west-1:123456789012:orders", "must have the form"),
            ("arn::sqs:eu-west-1:123456789012:orders", "must not be empty"),
            ("arn:aws:sqs:eu-west-1:123456789012:", "must not be empty"),
            ("arn:aws:sqs:eu-west-1:1234:orders", "twelve digits"),
        ] {
            let error = text.parse::<Arn>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
