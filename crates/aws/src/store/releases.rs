//! Release records.

use futures::StreamExt;
use futures::TryStreamExt;
use futures::stream;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys;
use super::objects::Only;
use crate::AwsCloud;

/// Reads at the same time.
const PARALLEL: usize = 16;

impl AwsCloud {
    /// The whole record first: a summary without its record would promise a release that is not there.
    pub(super) async fn write_release(&self, record: &ReleaseRecord) -> Result<()> {
        let summary = &record.summary;
        let (app, env, number) = (&summary.app, &summary.env, summary.number);
        self.replace(&keys::record(app, env, number), record, summary).await?;
        self.replace(&keys::summary(app, env, number), summary, summary).await
    }

    /// Replaces what the same release wrote. Another release of the same number is never written over:
    /// two runs without a common lock must not lose each other's record.
    async fn replace(&self, key: &str, value: &impl Serialize, summary: &ReleaseSummary) -> Result<()> {
        let operation = format!("write release {} of {} in {}", summary.number, summary.app, summary.env);
        let bytes = serde_json::to_vec(value)
            .map_err(|error| CloudError::new(ErrorKind::Internal, &operation, error.to_string()))?;
        let only = match self.get_object(key).await? {
            None => Only::IfAbsent,
            Some(object) if object.bytes == bytes => return Ok(()),
            Some(object) => {
                let old: ReleaseSummary = parse(key, &object.bytes)?;
                if old.started != summary.started || old.who != summary.who {
                    return Err(taken(&operation, &old));
                }
                Only::IfMatches(object.tag)
            }
        };
        if self.put_object(key, bytes, &only).await? {
            return Ok(());
        }
        Err(CloudError::new(ErrorKind::Conflict, operation, "somebody else wrote it at the same moment"))
    }

    pub(super) async fn read_release(
        &self,
        app: &str,
        env: &str,
        number: u64,
    ) -> Result<Option<ReleaseRecord>> {
        let key = keys::record(app, env, number);
        let Some(object) = self.get_object(&key).await? else { return Ok(None) };
        parse(&key, &object.bytes).map(Some)
    }

    pub(super) async fn read_releases(&self, app: &str, env: &str) -> Result<Vec<ReleaseSummary>> {
        let keys = self.list_objects(&keys::releases(app, env)).await?;
        let summaries = keys.into_iter().filter(|key| key.ends_with("/summary.json"));
        let reads = summaries.map(|key| async move {
            let Some(object) = self.get_object(&key).await? else { return Ok(None) };
            parse::<ReleaseSummary>(&key, &object.bytes).map(Some)
        });
        let all: Vec<Option<ReleaseSummary>> = stream::iter(reads).buffered(PARALLEL).try_collect().await?;
        let mut all: Vec<ReleaseSummary> = all.into_iter().flatten().collect();
        all.sort_by_key(|summary| std::cmp::Reverse(summary.number));
        Ok(all)
    }
}

fn taken(operation: &str, old: &ReleaseSummary) -> CloudError {
    let message = format!("{} wrote a release of that number at {}", old.who, old.started);
    CloudError::new(ErrorKind::Conflict, operation, message)
        .hint("run the command again: it takes the next number")
}

fn parse<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        CloudError::new(
            ErrorKind::Internal,
            format!("read {key}"),
            format!("it is no record of ours: {error}"),
        )
    })
}
