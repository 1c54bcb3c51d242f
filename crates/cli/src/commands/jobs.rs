//! `seaway jobs`.

use clap::Args;
use clap::Subcommand;
use indexmap::IndexMap;
use seaway_cloud::Schedule;
use seaway_model::App;
use seaway_model::Kind;

use crate::args::MutatingArgs;
use crate::commands::logs;
use crate::commands::run::launch;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::ui;

/// List, run and switch scheduled jobs
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway jobs run report")]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    command: Option<JobsCommand>,
}

#[derive(Subcommand, Clone, Debug)]
enum JobsCommand {
    /// List the jobs, their schedules and next runs
    #[command(after_help = "Example:\n  seaway jobs ls --json")]
    Ls,
    /// Run a job now, show its logs and end with its exit code
    #[command(after_help = "Example:\n  seaway jobs run report")]
    Run {
        /// The job
        job: String,
        #[command(flatten)]
        mutating: MutatingArgs,
    },
    /// Show the logs of a job
    #[command(after_help = "Example:\n  seaway jobs logs report -f")]
    Logs {
        /// The job
        job: String,
        /// Go on as lines come (also `-f` after `logs`)
        #[arg(long)]
        follow: bool,
    },
    /// Switch a job's schedule on
    #[command(after_help = "Example:\n  seaway jobs enable report")]
    Enable {
        /// The job
        job: String,
        /// Show what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Switch a job's schedule off; the next change of its stack switches it as the file says
    #[command(after_help = "Example:\n  seaway jobs disable report")]
    Disable {
        /// The job
        job: String,
        /// Show what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &JobsArgs) -> CommandResult {
    let app = context.app()?;
    match args.command.clone().unwrap_or(JobsCommand::Ls) {
        JobsCommand::Ls => list(context, &app).await,
        JobsCommand::Run { job, mutating } => {
            known(&app, &job)?;
            launch(context, &mutating, &job, &[], &[], true).await
        }
        JobsCommand::Logs { job, follow } => {
            known(&app, &job)?;
            let group = seaway_synth::Names::new(&app).log_group(&job);
            logs::tail(context, &IndexMap::from([(job, group)]), follow, None, 200, None).await
        }
        JobsCommand::Enable { job, dry_run } => switch(context, &app, &job, true, dry_run).await,
        JobsCommand::Disable { job, dry_run } => switch(context, &app, &job, false, dry_run).await,
    }
}

fn known(app: &App, job: &str) -> Result<(), CommandError> {
    let jobs = || app.workloads.values().filter(|workload| matches!(workload.kind, Kind::Job(_)));
    if jobs().any(|workload| workload.name == job) {
        return Ok(());
    }
    let names: Vec<&str> = jobs().map(|workload| workload.name.as_str()).collect();
    let hint = match seaway_diag::nearest(job, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "the file has no job; a job is a service with `x-job`".to_owned(),
        None => format!("the jobs are: {}", names.join(", ")),
    };
    Err(CommandError::new(exit::INPUT, format!("there is no job `{job}`.")).hint(hint))
}

/// Returns the schedules of the application by workload.
async fn schedules(context: &Context, app: &App) -> Result<IndexMap<String, Schedule>, CommandError> {
    let cloud = context.cloud().await?;
    let env = &context.global.env;
    let tags =
        IndexMap::from([("seaway:app".to_owned(), app.name.clone()), ("seaway:env".to_owned(), env.clone())]);
    let found = cloud.list_schedules(&tags).await?;
    let mut by_workload = IndexMap::new();
    for (name, workload) in &app.workloads {
        let stack = seaway_synth::Names::new(app).workload(&workload.name);
        if let Some(schedule) = found.iter().find(|schedule| schedule.stack == stack) {
            by_workload.insert(name.clone(), schedule.clone());
        }
    }
    Ok(by_workload)
}

async fn list(context: &Context, app: &App) -> CommandResult {
    let schedules = schedules(context, app).await?;
    let jobs: Vec<_> = app
        .workloads
        .values()
        .filter_map(|workload| match &workload.kind {
            Kind::Job(job) => Some((workload, job)),
            _ => None,
        })
        .collect();
    if context.ui.json() {
        let rows: Vec<_> = jobs
            .iter()
            .map(|(workload, job)| {
                serde_json::json!({
                    "job": workload.name,
                    "schedule": job.schedule,
                    "timezone": job.timezone,
                    "deployed": schedules.get(&workload.name),
                })
            })
            .collect();
        context.ui.data_json(&rows);
        return Ok(exit::OK);
    }
    let rows: Vec<Vec<String>> = jobs
        .iter()
        .map(|(workload, job)| {
            let deployed = schedules.get(&workload.name);
            vec![
                workload.name.clone(),
                job.schedule.clone().unwrap_or_else(|| "on request".to_owned()),
                job.timezone.clone(),
                match deployed {
                    Some(schedule) if schedule.enabled => "enabled",
                    Some(_) => "disabled",
                    None if job.schedule.is_none() => "-",
                    None => "not deployed",
                }
                .to_owned(),
                deployed
                    .and_then(|s| s.next)
                    .map_or_else(|| "-".to_owned(), |next| next.strftime("%F %TZ").to_string()),
                deployed
                    .and_then(|s| s.last_task.as_deref())
                    .map_or_else(|| "-".to_owned(), |task| task.chars().take(8).collect()),
            ]
        })
        .collect();
    let header = ["JOB", "SCHEDULE", "TIMEZONE", "STATE", "NEXT RUN", "LAST TASK"];
    context.ui.data(&ui::table(context.ui.color_stdout(), &header, &rows));
    Ok(exit::OK)
}

async fn switch(context: &Context, app: &App, job: &str, enabled: bool, dry_run: bool) -> CommandResult {
    known(app, job)?;
    let schedules = schedules(context, app).await?;
    let Some(schedule) = schedules.get(job) else {
        return Err(CommandError::new(exit::INPUT, format!("job `{job}` has no deployed schedule."))
            .hint("`seaway up` deploys it"));
    };
    if !dry_run {
        context.cloud().await?.enable_schedule(&schedule.name, enabled).await?;
    }
    let state = if enabled { "enabled" } else { "disabled" };
    if context.ui.json() {
        context.ui.data_json(&serde_json::json!({ "job": job, "state": state, "dry_run": dry_run }));
    } else if dry_run {
        context.ui.status(&format!("Job {job} would be {state}."));
    } else {
        context.ui.status(&format!("Job {job} is {state}."));
    }
    Ok(exit::OK)
}
