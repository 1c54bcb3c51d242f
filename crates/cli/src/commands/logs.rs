//! `seaway logs`.

use std::time::Duration;

use clap::Args;
use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::LogEvent;
use seaway_cloud::LogQuery;

use crate::args;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::ui::Tone;
use crate::ui::paint;

/// Show the logs of workloads, merged by time
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway logs web api -f --since 10m")]
pub(crate) struct LogsArgs {
    /// Workloads; all without any
    workloads: Vec<String>,
    /// Go on as lines come (also `-f` after `logs`)
    #[arg(long)]
    follow: bool,
    /// Not older than this: `10m`, `2h`, or a time such as `2026-11-20T10:00:00Z`
    #[arg(long, value_name = "AGE|TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// At most so many lines of the past for each workload
    #[arg(long, default_value_t = 200, value_name = "COUNT")]
    tail: usize,
    /// Only this task (an id or the beginning of one)
    #[arg(long, value_name = "ID")]
    task: Option<String>,
}

pub(crate) fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let age = args::duration(text)
        .map_err(|_| format!("`{text}` is neither an age (`10m`) nor a time (`2026-11-20T10:00:00Z`)"))?;
    Timestamp::now().checked_sub(age).map_err(|_| format!("`{text}` is too long ago"))
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &LogsArgs) -> CommandResult {
    let app = context.app()?;
    let mut groups = IndexMap::new();
    for name in app.workloads.keys() {
        if args.workloads.is_empty() || args.workloads.contains(name) {
            groups.insert(name.clone(), seaway_synth::Names::new(&app).log_group(name));
        }
    }
    for name in &args.workloads {
        if !app.workloads.contains_key(name) {
            let names: Vec<&str> = app.workloads.keys().map(String::as_str).collect();
            return Err(CommandError::unknown("workload", name, &names));
        }
    }
    tail(context, &groups, args.follow, args.since, args.tail, args.task.as_deref()).await
}

/// Prints the logs of some groups (workload → log group), merged by time.
pub(crate) async fn tail(
    context: &Context,
    groups: &IndexMap<String, String>,
    follow: bool,
    since: Option<Timestamp>,
    limit: usize,
    task: Option<&str>,
) -> CommandResult {
    let cloud = context.cloud().await?;
    let width = groups.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut cursors: IndexMap<String, Option<String>> =
        groups.keys().map(|name| (name.clone(), None)).collect();
    let mut first = true;
    loop {
        let mut found: Vec<(String, LogEvent)> = Vec::new();
        for (workload, group) in groups {
            let query = LogQuery {
                group: group.clone(),
                since,
                after: cursors.get(workload).cloned().flatten(),
                limit: first.then_some(limit),
                ..LogQuery::default()
            };
            let page = cloud.logs(&query).await?;
            if page.cursor.is_some() {
                cursors.insert(workload.clone(), page.cursor);
            }
            found.extend(page.events.into_iter().map(|event| (workload.clone(), event)));
        }
        found.retain(|(_, event)| task.is_none_or(|task| stream_task(&event.stream).starts_with(task)));
        found.sort_by_key(|(_, event)| event.time);
        for (workload, event) in &found {
            print(context, workload, width, event);
        }
        first = false;
        if !follow {
            return Ok(exit::OK);
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(300).max(cloud.poll_interval())) => {}
            _ = tokio::signal::ctrl_c() => return Ok(exit::OK),
        }
    }
}

fn stream_task(stream: &str) -> &str {
    stream.rsplit('/').next().unwrap_or(stream)
}

fn print(context: &Context, workload: &str, width: usize, event: &LogEvent) {
    if context.ui.json() {
        let line = serde_json::json!({
            "time": event.time,
            "workload": workload,
            "stream": event.stream,
            "task": stream_task(&event.stream),
            "message": event.message,
        });
        context.ui.data(&format!("{line}\n"));
        return;
    }
    let task: String = stream_task(&event.stream).chars().take(6).collect();
    let head = format!("{} {workload:width$} {task} |", event.time.strftime("%H:%M:%S%.3f"));
    context.ui.data(&format!("{} {}\n", paint(context.ui.color_stdout(), Tone::Dim, &head), event.message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_ages_and_times() {
        assert_eq!(since("2026-11-20T10:00:00Z").unwrap().as_second(), 1_795_168_800);
        assert!(since("10m").is_ok());
        assert!(since("yesterday").unwrap_err().contains("neither"));
    }
}
