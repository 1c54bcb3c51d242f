//! CloudWatch Logs.

use serde_json::Value as Json;
use serde_json::json;

use super::state::Line;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::time::START;
use crate::fake_aws::time::millis;
use crate::fake_aws::world::World;

type Streams = indexmap::IndexMap<String, Vec<Line>>;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "FilterLogEvents" => filter(world, call),
        "GetLogEvents" => get(world, call),
        "DescribeLogStreams" => describe(world, call),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

fn group<'a>(world: &'a World, call: &Call) -> Result<&'a Streams, Failure> {
    let name = call.text("logGroupName").or_else(|| {
        let arn = call.text("logGroupIdentifier")?;
        Some(arn.rsplit(":log-group:").next()?.trim_end_matches(":*").to_owned())
    });
    let missing = || Failure::new("ResourceNotFoundException", "The specified log group does not exist.");
    world.around.log_groups.get(&name.unwrap_or_default()).ok_or_else(missing)
}

/// Whether a line is between `startTime` (inclusive) and `endTime`, both in milliseconds.
fn in_time(call: &Call, line: &Line) -> bool {
    let at = START + line.at;
    call.parameters["startTime"].as_u64().is_none_or(|from| at >= from)
        && call.parameters["endTime"].as_u64().is_none_or(|to| at <= to)
}

fn filter(world: &World, call: &Call) -> Result<Json, Failure> {
    let streams = group(world, call)?;
    let names = call.texts("logStreamNames");
    let prefix = call.text("logStreamNamePrefix");
    let pattern = call.text("filterPattern").map(|text| text.trim_matches('"').to_owned());
    let mut found: Vec<(&String, &Line)> = streams
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .filter(|(name, _)| prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix)))
        .flat_map(|(name, lines)| lines.iter().map(move |line| (name, line)))
        .filter(|(_, line)| in_time(call, line))
        .filter(|(_, line)| pattern.as_ref().is_none_or(|text| line.text.contains(text)))
        .collect();
    found.sort_by_key(|(_, line)| (line.at, line.number));
    let limit =
        call.parameters["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10_000);
    let from: usize =
        call.text("nextToken").and_then(|token| token.strip_prefix("logs-")?.parse().ok()).unwrap_or(0);
    let next = (from + limit < found.len()).then(|| format!("logs-{}", from + limit));
    let events: Vec<Json> = found
        .iter()
        .skip(from)
        .take(limit)
        .map(|(stream, line)| {
            json!({
                "logStreamName": stream,
                "timestamp": millis(line.at),
                "message": line.text,
                "ingestionTime": millis(line.at),
                "eventId": format!("{:056}", line.number),
            })
        })
        .collect();
    let mut answer = json!({"events": events, "searchedLogStreams": []});
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

/// One stream; a page's tokens never run out, as with the service itself: the end is where a token
/// comes back unchanged.
fn get(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("logStreamName").unwrap_or_default();
    let missing = || Failure::new("ResourceNotFoundException", "The specified log stream does not exist.");
    let lines = group(world, call)?.get(&name).ok_or_else(missing)?;
    let lines: Vec<&Line> = lines.iter().filter(|line| in_time(call, line)).collect();
    let limit =
        call.parameters["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10_000);
    let head = call.flag("startFromHead");
    let token = call.text("nextToken");
    let number =
        |prefix: &str| token.as_ref().and_then(|token| token.strip_prefix(prefix)?.parse::<usize>().ok());
    let (from, to) = match (number("f/"), number("b/")) {
        (Some(from), _) => (from, from + limit),
        (_, Some(to)) => (to.saturating_sub(limit), to),
        _ if head => (0, limit),
        _ => (lines.len().saturating_sub(limit), lines.len()),
    };
    let (from, to) = (from.min(lines.len()), to.min(lines.len()));
    let events: Vec<Json> = lines[from..to]
        .iter()
        .map(|line| {
            json!({
                "timestamp": millis(line.at), "message": line.text, "ingestionTime": millis(line.at),
            })
        })
        .collect();
    Ok(json!({
        "events": events,
        "nextForwardToken": format!("f/{to}"),
        "nextBackwardToken": format!("b/{from}"),
    }))
}

fn describe(world: &World, call: &Call) -> Result<Json, Failure> {
    let streams = group(world, call)?;
    let prefix = call.text("logStreamNamePrefix");
    let group_name = call.text("logGroupName").unwrap_or_default();
    let mut found: Vec<(&String, &Vec<Line>)> = streams
        .iter()
        .filter(|(name, _)| prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix)))
        .collect();
    let last = |lines: &[Line]| lines.last().map_or(0, |line| line.at);
    if call.text("orderBy").as_deref() == Some("LastEventTime") {
        found.sort_by_key(|(_, lines)| last(lines));
    } else {
        found.sort_by(|left, right| left.0.cmp(right.0));
    }
    if call.flag("descending") {
        found.reverse();
    }
    let all: Vec<Json> = found
        .iter()
        .map(|(name, lines)| {
            let first = lines.first().map_or(0, |line| line.at);
            json!({
                "logStreamName": name,
                "creationTime": millis(first),
                "firstEventTimestamp": millis(first),
                "lastEventTimestamp": millis(last(lines)),
                "lastIngestionTime": millis(last(lines)),
                "uploadSequenceToken": "49",
                "arn": world.arn("logs", &format!("log-group:{group_name}:log-stream:{name}")),
                "storedBytes": 0,
            })
        })
        .collect();
    let (page, next) = world.page(&all, call.text("nextToken").as_deref());
    let mut answer = json!({"logStreams": page});
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}
