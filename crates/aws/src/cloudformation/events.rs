//! The events of a stack, numbered.

use std::collections::HashSet;

use aws_sdk_cloudformation::types;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::StackEvent;

use crate::AwsCloud;
use crate::failure::failed;
use crate::time::sequence;
use crate::time::timestamp_or_epoch;

/// The events of one stack name as far as they are known, oldest first.
#[derive(Debug, Default)]
pub(crate) struct EventBook {
    /// The stack that has this name now, or had it last: a deleted stack answers only to its id.
    pub(crate) stack_id: Option<String>,
    /// Older events are known, too: down to the stack's first one.
    complete: bool,
    known: HashSet<String>,
    events: Vec<StackEvent>,
}

/// How far to read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The newest page is enough: only the last number matters.
    Newest,
    /// Down to the first event.
    All,
}

impl EventBook {
    fn last(&self) -> u64 {
        self.events.last().map_or(0, |event| event.seq)
    }

    /// Adds a batch of events, newest first as CloudFormation gives them.
    fn add(&mut self, name: &str, mut batch: Vec<types::StackEvent>) {
        batch.retain(|event| event.event_id().is_none_or(|id| !self.known.contains(id)));
        batch.reverse();
        batch.sort_by_key(|event| {
            event.timestamp().map(aws_sdk_cloudformation::primitives::DateTime::as_nanos)
        });
        let times: Vec<_> = batch.iter().map(|event| timestamp_or_epoch(event.timestamp())).collect();
        let numbers = sequence(times, self.last());
        for (event, seq) in batch.iter().zip(numbers) {
            self.known.extend(event.event_id().map(str::to_owned));
            self.events.push(convert(name, event, seq));
        }
    }

    fn after(&self, seq: u64) -> Vec<StackEvent> {
        self.events.iter().filter(|event| event.seq > seq).cloned().collect()
    }
}

fn convert(stack: &str, event: &types::StackEvent, seq: u64) -> StackEvent {
    StackEvent {
        seq,
        time: timestamp_or_epoch(event.timestamp()),
        stack: stack.to_owned(),
        logical_id: event.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: event.physical_resource_id().filter(|id| !id.is_empty()).map(str::to_owned),
        resource_type: event.resource_type().unwrap_or_default().to_owned(),
        status: event.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: event.resource_status_reason().map(str::to_owned),
    }
}

impl AwsCloud {
    /// Remembers which stack has this name.
    pub(super) fn remember(&self, name: &str, id: Option<&str>) {
        let Some(id) = id else { return };
        let mut memory = self.memory();
        let book = memory.events.entry(name.to_owned()).or_default();
        if book.stack_id.as_deref() != Some(id) {
            book.stack_id = Some(id.to_owned());
            // Its own events are read down to their first; those of its namesake stay before them.
            book.complete = book.events.is_empty() && book.complete;
        }
    }

    /// Returns the number of the stack's last event.
    pub(super) async fn last_event(&self, name: &str) -> Result<u64> {
        self.read_events(name, Depth::Newest).await?;
        Ok(self.memory().events.get(name).map_or(0, EventBook::last))
    }

    /// Returns the events with a greater number, oldest first.
    pub(super) async fn events_after(&self, name: &str, after: u64) -> Result<Vec<StackEvent>> {
        let first =
            self.memory().events.get(name).and_then(|book| book.events.first().map(|event| event.seq));
        // What is older than the first known one matters only to those who ask for it.
        let depth = if first.is_some_and(|first| first <= after) { Depth::Newest } else { Depth::All };
        self.read_events(name, depth).await?;
        Ok(self.memory().events.get(name).map(|book| book.after(after)).unwrap_or_default())
    }

    /// Reads pages, the newest first, until one holds an event that is known already: one call where
    /// little happened since.
    async fn read_events(&self, name: &str, depth: Depth) -> Result<()> {
        let (reference, complete) = {
            let memory = self.memory();
            let book = memory.events.get(name);
            let reference = book.and_then(|book| book.stack_id.clone()).unwrap_or_else(|| name.to_owned());
            (reference, book.is_some_and(|book| book.complete))
        };
        let mut batch = Vec::new();
        let mut token: Option<String> = None;
        let to_the_end = loop {
            let request = self.cloudformation.describe_stack_events().stack_name(&reference);
            let page = request.set_next_token(token.take()).send().await;
            let page = match page.map_err(|error| failed(format!("read the events of stack {name}"), error)) {
                Err(error) if error.kind == ErrorKind::NotFound && reference != name => break true,
                page => page?,
            };
            token = page.next_token().map(str::to_owned);
            let met = self.memory().events.get(name).is_none_or(|book| {
                // Where nothing is known, one page is enough to those who want the newest.
                let known =
                    |event: &types::StackEvent| event.event_id().is_some_and(|id| book.known.contains(id));
                book.events.is_empty() || page.stack_events().iter().any(known)
            });
            batch.extend(page.stack_events.unwrap_or_default());
            if token.is_none() {
                break true;
            }
            if met && (depth == Depth::Newest || complete) {
                break complete;
            }
        };
        let mut memory = self.memory();
        let book = memory.events.entry(name.to_owned()).or_default();
        if to_the_end && !complete && !book.events.is_empty() {
            // Older events than the known ones came: all are numbered again, to the same numbers.
            let read: HashSet<&str> = batch.iter().filter_map(types::StackEvent::event_id).collect();
            if book.known.iter().all(|id| read.contains(id.as_str())) {
                book.known.clear();
                book.events.clear();
            }
        }
        book.add(name, batch);
        book.complete |= to_the_end;
        Ok(())
    }
}

/// Returns the event that began a failure: the first `_FAILED` of a resource that was not merely
/// cancelled because of another one.
pub fn root_cause(events: &[StackEvent]) -> Option<&StackEvent> {
    let cancelled = |event: &&StackEvent| {
        event.reason.as_ref().is_some_and(|reason| reason.to_lowercase().contains("cancelled"))
    };
    let own = |event: &&StackEvent| event.resource_type == "AWS::CloudFormation::Stack";
    let failed: Vec<&StackEvent> = events.iter().filter(|event| event.status.ends_with("_FAILED")).collect();
    let mut resources = failed.iter().copied().filter(|event| !own(event));
    let first = resources.clone().find(|event| !cancelled(event));
    first.or_else(|| resources.next()).or_else(|| failed.first().copied())
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::primitives::DateTime;
    use jiff::Timestamp;

    use super::*;

    fn event(id: &str, millis: i64) -> types::StackEvent {
        types::StackEvent::builder()
            .event_id(id)
            .stack_id("arn")
            .stack_name("shop")
            .timestamp(DateTime::from_millis(millis))
            .logical_resource_id(id)
            .build()
    }

    fn ids(events: &[StackEvent]) -> Vec<&str> {
        events.iter().map(|event| event.logical_id.as_str()).collect()
    }

    #[test]
    fn events_keep_their_numbers() {
        let mut book = EventBook::default();
        book.add("shop", vec![event("c", 2), event("b", 1), event("a", 1)]);
        assert_eq!(ids(&book.events), ["a", "b", "c"]);
        let numbers: Vec<u64> = book.events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, [1000, 1001, 2000]);
        // A page overlaps; an event that came late is not lost.
        book.add("shop", vec![event("d", 3), event("late", 1), event("c", 2)]);
        assert_eq!(ids(&book.after(2000)), ["late", "d"]);
        assert_eq!(book.last(), 3000);
    }

    #[test]
    fn the_cause_and_not_what_followed() {
        let of = |id: &str, kind: &str, status: &str, reason: &str| StackEvent {
            seq: 0,
            time: Timestamp::UNIX_EPOCH,
            stack: "shop".into(),
            logical_id: id.into(),
            physical_id: None,
            resource_type: kind.into(),
            status: status.into(),
            reason: Some(reason.into()),
        };
        let events = [
            of("Queue", "AWS::SQS::Queue", "CREATE_FAILED", "Resource creation cancelled"),
            of("Role", "AWS::IAM::Role", "CREATE_FAILED", "not authorized"),
            of("shop", "AWS::CloudFormation::Stack", "ROLLBACK_FAILED", "Role"),
        ];
        assert_eq!(root_cause(&events).map(|event| event.logical_id.as_str()), Some("Role"));
        assert_eq!(root_cause(&events[..1]).map(|event| event.logical_id.as_str()), Some("Queue"));
        assert_eq!(root_cause(&events[2..]).map(|event| event.logical_id.as_str()), Some("shop"));
        assert_eq!(root_cause(&[]), None);
    }
}
