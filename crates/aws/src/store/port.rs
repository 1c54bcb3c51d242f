//! The port's operations on secrets, locks and records.

use async_trait::async_trait;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::Result;
use seaway_cloud::SecretValue;
use seaway_cloud::Store;

use crate::AwsCloud;

#[async_trait]
impl Store for AwsCloud {
    async fn put_secrets(&self, secrets: &[SecretValue]) -> Result<()> {
        self.write_secrets(secrets).await
    }

    async fn missing_secrets(&self, names: &[String]) -> Result<Vec<String>> {
        self.without_value(names).await
    }

    async fn acquire_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock> {
        self.take_lock(app, env, owner).await
    }

    async fn release_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()> {
        self.give_lock_back(app, env, owner).await
    }

    async fn put_release(&self, record: &ReleaseRecord) -> Result<()> {
        self.write_release(record).await
    }

    async fn release(&self, app: &str, env: &str, number: u64) -> Result<Option<ReleaseRecord>> {
        self.read_release(app, env, number).await
    }

    async fn releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>> {
        self.read_releases(app, env).await
    }
}
