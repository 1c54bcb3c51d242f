//! Deleting what is no longer part of a stack.

use std::collections::BTreeSet;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::converge::unpanicked;
use super::record::Entry;
use super::stack::StackCell;

impl StackCell {
    /// Deletes all superseded resources, each after those that need it, independent ones in
    /// parallel; those whose policy says so only leave the stack. Returns the logical ids of those
    /// that could not be deleted: they are still superseded.
    pub(super) async fn sweep(&self) -> Vec<String> {
        let mut begun: BTreeSet<String> = BTreeSet::new();
        let mut failed: BTreeSet<String> = BTreeSet::new();
        let mut running: FuturesUnordered<BoxFuture<'_, (String, bool)>> = FuturesUnordered::new();
        loop {
            for token in self.ready(&begun, &failed, running.is_empty()) {
                begun.insert(token.clone());
                running.push(Box::pin(async move {
                    let deleted = self.delete_one(&token).await;
                    (token, deleted)
                }));
            }
            match running.next().await {
                Some((_, true)) => {}
                Some((token, false)) => {
                    failed.insert(token);
                }
                None => break,
            }
        }
        self.read(|record| record.superseded.iter().map(|old| old.entry.logical_id.clone()).collect())
    }

    /// Returns the tokens of resources that nothing else needs any more. Resources of several
    /// generations can need each other: when nothing is `idle`ly ready, the first one goes.
    fn ready(&self, begun: &BTreeSet<String>, failed: &BTreeSet<String>, idle: bool) -> Vec<String> {
        self.read(|record| {
            let left: Vec<&Entry> = record.superseded.iter().map(|old| &old.entry).collect();
            let needs = |other: &Entry, entry: &Entry| {
                other.token != entry.token && other.depends.contains(&entry.logical_id)
            };
            let open: Vec<&Entry> =
                left.iter().filter(|entry| !begun.contains(&entry.token)).copied().collect();
            let free: Vec<String> = open
                .iter()
                .filter(|entry| !left.iter().any(|other| needs(other, entry)))
                .map(|entry| entry.token.clone())
                .collect();
            if free.is_empty() && idle && failed.is_empty() {
                return open.first().map(|entry| entry.token.clone()).into_iter().collect();
            }
            free
        })
    }

    /// Deletes one resource, or lets it go.
    async fn delete_one(&self, token: &str) -> bool {
        let found = self.write(|record| {
            let old = record.superseded.iter().find(|old| old.entry.token == token)?.clone();
            if old.retain {
                record.set_superseded(token, "DELETE_SKIPPED", None);
                record.superseded.retain(|old| old.entry.token != token);
                return None;
            }
            record.set_superseded(token, "DELETE_IN_PROGRESS", None);
            Some(old.entry)
        });
        let Some(entry) = found else { return true };
        let realiser = self.registry.find(&entry.resource_type);
        let context = self.context(&entry.logical_id, &entry.resource_type, token, CancellationToken::new());
        let properties = if entry.physical_id.is_some() {
            &entry.properties
        } else {
            entry.pending.as_ref().unwrap_or(&entry.properties)
        };
        let id = entry.physical_id.as_deref().unwrap_or_default();
        let answer = unpanicked(realiser.delete(&context, id, properties)).await;
        self.write(|record| match answer {
            Ok(()) => {
                record.set_superseded(token, "DELETE_COMPLETE", None);
                record.superseded.retain(|old| old.entry.token != token);
                true
            }
            Err(failure) => {
                record.set_superseded(token, "DELETE_FAILED", Some(failure.0));
                false
            }
        })
    }
}
