//! `x-job` and `x-task`.

use seaway_compose::Extension;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;

use crate::Job;
use crate::RunPoint;
use crate::Task;
use crate::codes;
use crate::schedule;
use crate::schedule::read_schedule;
use crate::section::Section;

/// Retries that EventBridge Scheduler allows (API reference, RetryPolicy).
const MOST_RETRIES: u32 = 185;

impl Default for Job {
    fn default() -> Self {
        Job { schedule: None, timezone: "UTC".to_owned(), timeout: None, retries: 0, overlap: true }
    }
}

/// Reads `x-job` of a service.
pub(crate) fn read_job(name: &str, extension: &Extension, sink: &mut Sink) -> Job {
    let mut job = Job::default();
    let keys = ["schedule", "timezone", "timeout", "retries", "overlap"];
    let what = format!("`x-job` of service `{name}`");
    // `x-job: "@daily"` is short for the schedule alone.
    if let Some(text) = extension.node.as_str() {
        set_schedule(&mut job, name, text, extension.node.span, sink);
        return job;
    }
    let Some(section) = Section::open(&extension.node, what, &keys, sink) else { return job };
    if let Some(text) = section.text("schedule", sink) {
        set_schedule(&mut job, name, &text.value, text.span, sink);
    }
    if let Some(zone) = section.text("timezone", sink) {
        if schedule::is_timezone(&zone.value) {
            job.timezone = zone.value;
        } else {
            let area = zone.value.split('/').next().unwrap_or_default();
            let near = nearest(area, schedule::AREAS.iter().copied()).filter(|_| zone.value.contains('/'));
            let mut finding = Diagnostic::error(
                codes::BAD_TIMEZONE,
                format!("`timezone` of job `{name}` is no timezone: `{}`", zone.value),
            )
            .label(zone.span, "this name");
            finding = match near {
                Some(near) => finding.help(format!(
                    "did you mean `{near}{}`?",
                    zone.value.get(area.len()..).unwrap_or_default()
                )),
                None => finding.help("write an IANA name such as `Europe/Berlin`, or `UTC`"),
            };
            sink.push(finding);
        }
    }
    job.timeout = section.duration("timeout", 1, 1_209_600, sink).map(|timeout| timeout.value);
    job.retries = section.number("retries", 0, MOST_RETRIES, sink).map_or(0, |retries| retries.value);
    job.overlap = section.truth("overlap", sink).unwrap_or(true);
    job
}

fn set_schedule(job: &mut Job, name: &str, text: &str, span: seaway_diag::Span, sink: &mut Sink) {
    match read_schedule(text) {
        Ok(expression) => job.schedule = expression,
        Err(error) => sink.push(
            Diagnostic::error(codes::BAD_SCHEDULE, format!("`schedule` of job `{name}`: {}", error.message))
                .label(span, "this schedule")
                .help(error.help),
        ),
    }
}

/// Reads `x-task` of a service.
pub(crate) fn read_task(name: &str, extension: &Extension, sink: &mut Sink) -> Task {
    let mut task = Task { run: RunPoint::Request, confirm: false, timeout: None };
    let what = format!("`x-task` of service `{name}`");
    let Some(section) = Section::open(&extension.node, what, &["run", "confirm", "timeout"], sink) else {
        return task;
    };
    if let Some(word) = section.word("run", &["before", "after", "request"], sink) {
        task.run = match word.value {
            "before" => RunPoint::Before,
            "after" => RunPoint::After,
            _ => RunPoint::Request,
        };
    }
    task.confirm = section.truth("confirm", sink).unwrap_or(false);
    task.timeout = section.duration("timeout", 1, 1_209_600, sink).map(|timeout| timeout.value);
    task
}
