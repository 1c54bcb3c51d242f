//! The way into an account.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sts::config::Credentials;
use aws_sdk_sts::config::SharedCredentialsProvider;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Identity;
use seaway_cloud::Result;
use secrecy::ExposeSecret;

use crate::Target;
use crate::arn::Arn;
use crate::cloudformation::EventBook;
use crate::failure::failed;
use crate::names;
use crate::target::POLL_INTERVAL;
use crate::target::default_bucket;

/// Attempts of one call, the first included.
const ATTEMPTS: u32 = 8;

/// AWS: an account and region, for one environment. [`AwsCloud::connect`] makes it.
#[derive(Debug)]
pub struct AwsCloud {
    pub(crate) target: Target,
    pub(crate) identity: Identity,
    pub(crate) bucket: String,
    pub(crate) poll: Duration,
    pub(crate) endpoint: Option<String>,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) ecr: aws_sdk_ecr::Client,
    pub(crate) elb: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) scheduler: aws_sdk_scheduler::Client,
    pub(crate) secrets_manager: aws_sdk_secretsmanager::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    memory: Mutex<Memory>,
}

/// What is remembered to spare calls; all of it can be asked again.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Stack name → its events.
    pub(crate) events: HashMap<String, EventBook>,
    /// Task definition ARN → what matters of it; revisions never change.
    pub(crate) definitions: HashMap<String, crate::ecs::Definition>,
    /// `cluster/service` → ARNs of its target groups.
    pub(crate) target_groups: HashMap<String, Vec<String>>,
    /// Log group and suffix → streams.
    pub(crate) streams: HashMap<(String, String), Vec<String>>,
}

impl AwsCloud {
    /// Finds credentials, assumes the roles, and makes sure that the account is the expected one
    /// before anything else is asked.
    ///
    /// # Errors
    /// `Credentials` where there are none or they ran out, `AccessDenied` where a role may not be
    /// assumed, `Validation` for another account, and for a region or account that cannot be.
    pub async fn connect(target: &Target) -> Result<AwsCloud> {
        let poll = target.poll_interval.unwrap_or(POLL_INTERVAL);
        let config = configure(target, poll).await?;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let identity = identify(target, &config, &region).await?;
        let bucket =
            target.bucket.clone().unwrap_or_else(|| default_bucket(&identity.account, &identity.region));
        let endpoint = config.endpoint_url().map(str::to_owned);
        // Emulators have no name for each bucket.
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(endpoint.is_some()).build();
        Ok(AwsCloud {
            target: target.clone(),
            identity,
            bucket,
            poll,
            endpoint,
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            ecr: aws_sdk_ecr::Client::new(&config),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            scheduler: aws_sdk_scheduler::Client::new(&config),
            secrets_manager: aws_sdk_secretsmanager::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            memory: Mutex::default(),
        })
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn configure(target: &Target, poll: Duration) -> Result<SdkConfig> {
    let operation = || format!("connect to {}", place(target));
    let invalid = |message: String| CloudError::new(ErrorKind::Validation, operation(), message);
    if let Some(account) = &target.account {
        names::check_account_id(account).map_err(|error| invalid(error.to_string()))?;
    }
    // Adaptive: a client that is throttled slows down all of its calls; backoff has jitter. Its limiter
    // counts in real seconds, which an emulator that is asked many times a second does not need.
    let hasty = poll < Duration::from_secs(1);
    let retry = if hasty { RetryConfig::standard() } else { RetryConfig::adaptive() }
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(poll.min(Duration::from_secs(1)))
        .with_max_backoff(Duration::from_secs(20));
    let timeout = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build();
    let mut loader =
        aws_config::defaults(BehaviorVersion::v2026_01_12()).retry_config(retry).timeout_config(timeout);
    if let Some(profile) = &target.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &target.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &target.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(key) = &target.access_key {
        let secret = key.secret.expose_secret();
        loader = loader.credentials_provider(Credentials::new(&key.id, secret, None, None, "seaway"));
    }
    let mut config = loader.load().await;
    let Some(region) = config.region().map(ToString::to_string) else {
        return Err(invalid("no region is known".to_owned())
            .hint("name the environment's `region` in `x-environments`, or set AWS_REGION"));
    };
    names::check_region(&region).map_err(|error| invalid(error.to_string()))?;
    for role in &target.roles {
        role.role_arn.parse::<Arn>().map_err(|error| invalid(error.to_string()))?;
        let mut builder = AssumeRoleProvider::builder(&role.role_arn)
            .configure(&config)
            .session_name(session_name(&target.app, &target.env));
        if let Some(id) = &role.external_id {
            builder = builder.external_id(id);
        }
        let provider = SharedCredentialsProvider::new(builder.build().await);
        config = config.into_builder().credentials_provider(provider).build();
    }
    Ok(config)
}

/// `RoleSessionName` may hold `[\w+=,.@-]{2,64}` (STS API reference, `AssumeRole`).
fn session_name(app: &str, env: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    format!("seaway-{app}-{env}").chars().map(good).take(64).collect()
}

async fn identify(target: &Target, config: &SdkConfig, region: &str) -> Result<Identity> {
    let operation = format!("connect to {}", place(target));
    let sts = aws_sdk_sts::Client::new(config);
    let caller = sts.get_caller_identity().send().await.map_err(|error| {
        let error = failed(operation.clone(), error);
        explain(target, error)
    })?;
    let account = caller.account().unwrap_or_default().to_owned();
    let arn = caller.arn().unwrap_or_default().to_owned();
    if let Some(expected) = &target.account
        && *expected != account
    {
        let message = format!(
            "the credentials are of account {account} ({arn}), and the environment lives in {expected}"
        );
        return Err(CloudError::new(ErrorKind::Validation, operation, message)
            .hint("choose another profile (AWS_PROFILE), or the role of that account in `x-accounts`"));
    }
    Ok(Identity { account, region: region.to_owned(), caller: arn })
}

/// Says which of the three it is: no credentials, credentials that ran out, or a refusal.
fn explain(target: &Target, mut error: CloudError) -> CloudError {
    let expired = ["expired", "Expired"].iter().any(|word| error.message.contains(word));
    match error.kind {
        ErrorKind::Credentials if expired => {
            error.message = format!("the credentials expired: {}", error.message);
            error
        }
        ErrorKind::Credentials => {
            error.message = format!("no usable credentials: {}", error.message);
            error.hint("sign in (`aws sso login`), name a profile (AWS_PROFILE), or set AWS_ACCESS_KEY_ID")
        }
        ErrorKind::AccessDenied => {
            error.message = format!("AWS refused: {}", error.message);
            match target.roles.last() {
                Some(role) => {
                    error.hint(format!("the trust policy of {} must name the caller", role.role_arn))
                }
                None => error.hint("ask the owner of the account for the right that is named"),
            }
        }
        _ => error,
    }
}

fn place(target: &Target) -> String {
    let account = target.account.as_deref().map(|account| format!("account {account}"));
    let region = target.region.as_deref().map(|region| format!("region {region}"));
    match (account, region) {
        (Some(account), Some(region)) => format!("{account}, {region}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "AWS".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_names() {
        assert_eq!(session_name("shop", "production"), "seaway-shop-production");
        assert_eq!(session_name("shöp", "a b"), "seaway-sh-p-a-b");
        assert_eq!(session_name(&"a".repeat(80), "b").len(), 64);
    }

    #[test]
    fn the_three_refusals_differ() {
        let of = |kind, message: &str| {
            explain(&Target::default(), CloudError::new(kind, "connect to AWS", message)).to_string()
        };
        let expired =
            of(ErrorKind::Credentials, "ExpiredToken: The security token included in the request is expired");
        assert!(expired.contains("the credentials expired"), "{expired}");
        let none = of(ErrorKind::Credentials, "no providers in chain provided credentials");
        assert!(none.contains("no usable credentials"), "{none}");
        let denied = of(ErrorKind::AccessDenied, "AccessDenied: not authorized");
        assert!(denied.contains("AWS refused"), "{denied}");
    }
}
