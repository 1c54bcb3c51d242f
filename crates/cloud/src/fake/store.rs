//! Secrets, locks and release records of the fake.

use async_trait::async_trait;

use super::FakeCloud;
use super::state::lock_answer;
use crate::Lock;
use crate::LockOwner;
use crate::ReleaseRecord;
use crate::ReleaseSummary;
use crate::Result;
use crate::SecretValue;
use crate::Store;

#[async_trait]
impl Store for FakeCloud {
    async fn put_secrets(&self, secrets: &[SecretValue]) -> Result<()> {
        let names: Vec<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
        let mut state = self.change(format!("put_secrets {}", names.join(" "))).await?;
        for secret in secrets {
            if !state.secrets.contains(&secret.name) {
                state.secrets.push(secret.name.clone());
            }
        }
        Ok(())
    }

    async fn missing_secrets(&self, names: &[String]) -> Result<Vec<String>> {
        let state = self.read().await?;
        Ok(names.iter().filter(|name| !state.secrets.contains(name)).cloned().collect())
    }

    async fn acquire_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock> {
        let mut state = self.change(format!("acquire_lock {app} {env}")).await?;
        let key = (app.to_owned(), env.to_owned());
        let answer = lock_answer(state.locks.get(&key), owner);
        if answer == Lock::Acquired {
            state.locks.insert(key, owner.clone());
        }
        Ok(answer)
    }

    async fn release_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()> {
        let mut state = self.change(format!("release_lock {app} {env}")).await?;
        let key = (app.to_owned(), env.to_owned());
        if state.locks.get(&key).is_some_and(|held| held.id == owner.id) {
            state.locks.shift_remove(&key);
        }
        Ok(())
    }

    async fn put_release(&self, record: &ReleaseRecord) -> Result<()> {
        let summary = &record.summary;
        let call = format!("put_release {} {}", summary.number, summary.outcome.as_str());
        let mut state = self.change(call).await?;
        let same = |other: &ReleaseRecord| {
            other.summary.number == summary.number
                && other.summary.app == summary.app
                && other.summary.env == summary.env
        };
        state.releases.retain(|other| !same(other));
        state.releases.push(record.clone());
        Ok(())
    }

    async fn release(&self, app: &str, env: &str, number: u64) -> Result<Option<ReleaseRecord>> {
        let state = self.read().await?;
        let found = state.releases.iter().find(|record| {
            let summary = &record.summary;
            summary.app == app && summary.env == env && summary.number == number
        });
        Ok(found.cloned())
    }

    async fn releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>> {
        let state = self.read().await?;
        let mut all: Vec<ReleaseSummary> = state
            .releases
            .iter()
            .map(|record| record.summary.clone())
            .filter(|summary| summary.app == app && summary.env == env)
            .collect();
        all.sort_by_key(|summary| std::cmp::Reverse(summary.number));
        Ok(all)
    }
}
