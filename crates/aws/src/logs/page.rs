//! Pages of a log.

use std::collections::HashSet;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use aws_sdk_cloudwatchlogs::types::OrderBy;
use jiff::Timestamp;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::LogEvent;
use seaway_cloud::LogPage;
use seaway_cloud::LogQuery;
use seaway_cloud::Result;

use super::cursor::Cursor;
use super::window::beginnings;
use crate::AwsCloud;
use crate::failure::failed;

/// Names of streams that one request takes (CloudWatch Logs API reference, `FilterLogEvents`).
const STREAMS: usize = 100;
/// Pages of 50 streams, the last written first, in which those of a task are looked for.
const STREAM_PAGES: usize = 4;
/// Most events of one answer where no limit is given.
const MOST: usize = 10_000;

/// Which streams to read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Streams {
    All,
    Prefix(String),
    Named(Vec<String>),
}

impl AwsCloud {
    /// See [`seaway_cloud::Tasks::logs`]. A group that is not there has no lines yet.
    pub(crate) async fn log_page(&self, query: &LogQuery) -> Result<LogPage> {
        match self.read_log(query).await {
            Err(error) if error.kind == ErrorKind::NotFound => {
                Ok(LogPage { events: Vec::new(), cursor: query.after.clone() })
            }
            answer => answer,
        }
    }

    async fn read_log(&self, query: &LogQuery) -> Result<LogPage> {
        let since = query.since.map(Timestamp::as_millisecond);
        let cursor = match &query.after {
            None => None,
            Some(text) => Some(Cursor::parse(text).ok_or_else(|| {
                CloudError::new(
                    ErrorKind::Validation,
                    reading(&query.group),
                    "the cursor is none of this log",
                )
            })?),
        };
        let streams = self.streams(query).await?;
        let mut found = match (&cursor, query.limit) {
            (Some(cursor), _) => {
                let from = since.map_or(cursor.from, |since| since.max(cursor.from));
                let mut events = self.filter(query, &streams, Some(from)).await?;
                events.retain(|event| !cursor.has(event.event_id().unwrap_or_default()));
                events
            }
            (None, None) => self.filter(query, &streams, since).await?,
            (None, Some(limit)) => self.newest(query, &streams, since, limit).await?,
        };
        found.sort_by(|a, b| {
            let key = |event: &FilteredLogEvent| (event.timestamp(), event.event_id().map(str::to_owned));
            key(a).cmp(&key(b))
        });
        let base = cursor.unwrap_or_default();
        let limit = query.limit.unwrap_or(MOST);
        if query.after.is_some() {
            found.truncate(limit);
        } else if found.len() > limit {
            found.drain(..found.len() - limit);
        }
        let passed = found
            .iter()
            .map(|event| (event.timestamp().unwrap_or_default(), event.event_id().unwrap_or_default()));
        let next = base.after(passed);
        let began = query.after.is_some() || !found.is_empty();
        Ok(LogPage {
            cursor: began.then(|| next.to_string()),
            events: found.iter().filter_map(line).collect(),
        })
    }

    /// Returns at least `limit` of the newest events, if there are so many.
    async fn newest(
        &self,
        query: &LogQuery,
        streams: &Streams,
        since: Option<i64>,
        limit: usize,
    ) -> Result<Vec<FilteredLogEvent>> {
        let mut found = Vec::new();
        for from in beginnings(Timestamp::now().as_millisecond(), since) {
            found = self.filter(query, streams, Some(from)).await?;
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    async fn filter(
        &self,
        query: &LogQuery,
        streams: &Streams,
        from: Option<i64>,
    ) -> Result<Vec<FilteredLogEvent>> {
        let base = self.logs.filter_log_events().log_group_name(&query.group).set_start_time(from);
        let requests = match streams {
            Streams::All => vec![base],
            Streams::Prefix(prefix) => vec![base.log_stream_name_prefix(prefix)],
            Streams::Named(names) => {
                let of = |names: &[String]| base.clone().set_log_stream_names(Some(names.to_vec()));
                names.chunks(STREAMS).map(of).collect()
            }
        };
        let mut found = Vec::new();
        let mut ids = HashSet::new();
        for request in requests {
            let mut pages = request.into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| failed(reading(&query.group), error))?;
                for event in page.events.unwrap_or_default() {
                    let stream = event.log_stream_name().unwrap_or_default();
                    let wanted = query.stream_suffix.as_ref().is_none_or(|suffix| stream.ends_with(suffix))
                        && query.stream_prefix.as_ref().is_none_or(|prefix| stream.starts_with(prefix));
                    if wanted && ids.insert(event.event_id().unwrap_or_default().to_owned()) {
                        found.push(event);
                    }
                }
            }
        }
        Ok(found)
    }

    /// CloudWatch finds streams by prefix only; those of a task end with its id.
    async fn streams(&self, query: &LogQuery) -> Result<Streams> {
        let Some(suffix) = &query.stream_suffix else {
            return Ok(query.stream_prefix.clone().map_or(Streams::All, Streams::Prefix));
        };
        let key = (query.group.clone(), suffix.clone());
        if let Some(known) = self.memory().streams.get(&key) {
            return Ok(Streams::Named(known.clone()));
        }
        let request = self
            .logs
            .describe_log_streams()
            .log_group_name(&query.group)
            .order_by(OrderBy::LastEventTime)
            .descending(true);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        for _ in 0..STREAM_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| failed(reading(&query.group), error))?;
            let names = page.log_streams().iter().filter_map(|stream| stream.log_stream_name());
            found.extend(names.filter(|name| name.ends_with(suffix.as_str())).map(str::to_owned));
        }
        if found.is_empty() {
            // An old or a very new stream: everything is read, and filtered here.
            return Ok(query.stream_prefix.clone().map_or(Streams::All, Streams::Prefix));
        }
        Ok(Streams::Named(found))
    }
}

fn line(event: &FilteredLogEvent) -> Option<LogEvent> {
    Some(LogEvent {
        time: Timestamp::from_millisecond(event.timestamp()?).ok()?,
        stream: event.log_stream_name().unwrap_or_default().to_owned(),
        message: event.message().unwrap_or_default().trim_end_matches(['\n', '\r']).to_owned(),
    })
}

fn reading(group: &str) -> String {
    format!("read log group {group}")
}
