//! Where an environment lives.

use std::time::Duration;

use secrecy::SecretString;

/// Keys that are given directly, for emulators and tests: nothing else is looked at then.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Access key id.
    pub id: String,
    /// Secret access key; `Debug` does not show it.
    pub secret: SecretString,
}

/// One role of a chain (`x-accounts`): each is assumed with the credentials of the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// Where an environment lives, and how to get there. What is `None` comes from the SDK's standard
/// chain: environment variables, profile, SSO, container and instance roles.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Keys, instead of the standard chain.
    pub access_key: Option<AccessKey>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Region, such as `eu-west-1`.
    pub region: Option<String>,
    /// The account that it must be: twelve digits.
    pub account: Option<String>,
    /// Roles to assume, in order.
    pub roles: Vec<AssumeRole>,
    /// Endpoint of all services, for emulators (`AWS_ENDPOINT_URL` works as well).
    pub endpoint_url: Option<String>,
    /// Application.
    pub app: String,
    /// Environment.
    pub env: String,
    /// Artifact bucket; `seaway-<account>-<region>` if none is named.
    pub bucket: Option<String>,
    /// Role that CloudFormation acts with; the caller's own rights if none is named.
    pub cloudformation_role: Option<String>,
    /// How often to look at what changes; 5 s if not given. Less than a second is for emulators: retries
    /// are then as hasty.
    pub poll_interval: Option<Duration>,
}

/// CloudFormation answers `Rate exceeded` to those who ask more often.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Returns the name of the artifact bucket of an account and region.
pub fn default_bucket(account: &str, region: &str) -> String {
    format!("seaway-{account}-{region}")
}
