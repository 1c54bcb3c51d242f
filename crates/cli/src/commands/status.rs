//! `seaway status`.

use clap::Args;
use seaway_cloud::Health;
use seaway_engine::Status;
use seaway_engine::TaskStatus;
use seaway_engine::WorkloadStatus;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::operation;
use crate::render;
use crate::ui;
use crate::ui::Tone;
use crate::ui::paint;

/// Show what runs: services, tasks, targets, jobs, the last release
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway status web")]
pub(crate) struct StatusArgs {
    /// Only these workloads
    workloads: Vec<String>,
    /// Show it again and again until Ctrl-C; with `--json` a line each time
    #[arg(short = 'w', long)]
    watch: bool,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &StatusArgs) -> CommandResult {
    let app = context.app_name()?;
    let engine = operation::reader(context).await?;
    loop {
        let mut status = engine.status(&app, &context.global.env).await.map_err(operation::failed)?;
        for name in &args.workloads {
            if !status.workloads.iter().any(|workload| workload.name == *name) {
                let names: Vec<&str> = status.workloads.iter().map(|one| one.name.as_str()).collect();
                let error = CommandError::unknown("deployed workload", name, &names);
                return Err(if names.is_empty() { error.hint("`seaway up` deploys it") } else { error });
            }
        }
        if !args.workloads.is_empty() {
            status.workloads.retain(|workload| args.workloads.contains(&workload.name));
        }
        if context.ui.json() && args.watch {
            context.ui.data_json_line(&status);
        } else if context.ui.json() {
            context.ui.data_json(&status);
        } else {
            if args.watch && context.ui.live() {
                let _ = console::Term::stdout().clear_screen();
            }
            context.ui.data(&text(&status, context.ui.color_stdout()));
        }
        if !args.watch {
            return Ok(exit::OK);
        }
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
            _ = tokio::signal::ctrl_c() => return Ok(exit::OK),
        }
    }
}

fn text(status: &Status, color: bool) -> String {
    if status.stacks.is_empty() {
        return format!("{} is not deployed in {}; `seaway up` deploys it.\n", status.app, status.env);
    }
    let mut out = paint(color, Tone::Strong, &format!("{} in {}", status.app, status.env));
    if let Some(release) = &status.release {
        out.push_str(&format!(
            ", release {} ({}, {})",
            release.number,
            release.action,
            release.outcome.as_str()
        ));
        if let Some(serving) = status.serving.filter(|serving| *serving != release.number) {
            out.push_str(&format!("; release {serving} serves"));
        }
    }
    out.push('\n');
    let rows: Vec<Vec<String>> = status.workloads.iter().map(row).collect();
    out.push_str(&ui::table(
        color,
        &["WORKLOAD", "KIND", "STATE", "TASKS", "REVISION", "ADDRESS OR NEXT RUN"],
        &rows,
    ));
    for workload in &status.workloads {
        details(workload, color, &mut out);
    }
    let troubled: Vec<_> = status
        .stacks
        .iter()
        .filter(|stack| !stack.status.succeeded() || stack.status.in_progress())
        .collect();
    for stack in troubled {
        let reason = stack.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        out.push_str(&paint(color, Tone::Bad, &format!("stack {} is {}{reason}", stack.name, stack.status)));
        out.push('\n');
    }
    out
}

fn row(workload: &WorkloadStatus) -> Vec<String> {
    let tasks = match (workload.running, workload.desired) {
        (Some(running), Some(desired)) => format!("{running}/{desired}"),
        _ => "-".to_owned(),
    };
    let state = match (workload.kind, workload.good) {
        (_, false) => "not good",
        ("service", true) => "serving",
        _ => "ready",
    };
    let revision = workload
        .deployments
        .first()
        .map(|deployment| deployment.task_definition.clone())
        .or_else(|| workload.last_stopped.as_ref().map(|task| task.task_definition.clone()))
        .unwrap_or_else(|| "-".to_owned());
    let revision =
        revision.rsplit('/').next().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned();
    let place = workload.url.clone().or_else(|| {
        workload.schedule.as_ref().map(|schedule| match (schedule.enabled, schedule.next) {
            (false, _) => "disabled".to_owned(),
            (true, Some(next)) => next.strftime("%F %TZ").to_string(),
            (true, None) => "never".to_owned(),
        })
    });
    vec![
        workload.name.clone(),
        workload.kind.to_owned(),
        state.to_owned(),
        tasks,
        revision,
        place.unwrap_or_else(|| "-".to_owned()),
    ]
}

fn details(workload: &WorkloadStatus, color: bool, out: &mut String) {
    if workload.tasks.is_empty() && workload.last_stopped.is_none() {
        return;
    }
    out.push_str(&paint(color, Tone::Strong, &workload.name));
    out.push('\n');
    if workload.deployments.len() > 1 {
        for deployment in &workload.deployments {
            out.push_str(&format!(
                "  {} {}: {} desired, {} running, {} healthy, {} pending, {} failed\n",
                deployment.status.to_lowercase(),
                deployment.task_definition.rsplit('/').next().unwrap_or_default(),
                deployment.desired,
                deployment.running,
                deployment.healthy,
                deployment.pending,
                deployment.failed
            ));
        }
    }
    for task in &workload.tasks {
        out.push_str(&format!("  {}\n", task_line(task)));
    }
    if let Some(task) = &workload.last_stopped {
        let bad = task.exit_code.is_some_and(|code| code != 0);
        out.push_str(&paint(
            color,
            if bad { Tone::Bad } else { Tone::Dim },
            &format!("  {}", task_line(task)),
        ));
        out.push('\n');
    }
}

fn task_line(task: &TaskStatus) -> String {
    let id: String = task.id.chars().take(8).collect();
    let age = render::duration(u64::try_from(task.age).unwrap_or(0) * 1_000);
    let mut line = format!("task {id}  {}", task.status);
    if let Some(stopped) = task.stopped {
        line.push_str(&format!(" at {} after {age}", stopped.strftime("%TZ")));
    } else {
        line.push_str(&format!(" for {age}"));
        if task.health != Health::Unknown {
            line.push_str(if task.health == Health::Healthy { ", healthy" } else { ", UNHEALTHY" });
        }
    }
    for target in &task.targets {
        line.push_str(&format!(", target {}", target.state));
        if let Some(description) = &target.description {
            line.push_str(&format!(" ({description})"));
        }
    }
    for (container, ports) in &task.ports {
        for (port, address) in ports {
            line.push_str(&format!(", {container}:{port} at {address}"));
        }
    }
    if let Some(code) = task.exit_code {
        line.push_str(&format!(", exit code {code}"));
    }
    if let Some(reason) = &task.reason {
        line.push_str(&format!(", {reason}"));
    }
    line
}
