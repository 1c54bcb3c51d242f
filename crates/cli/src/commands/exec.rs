//! `seaway exec`.

use std::io::IsTerminal;
use std::io::Read;
use std::io::Write;

use clap::Args;
use seaway_cloud::Cloud;
use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecRequest;
use seaway_cloud::ExecSession;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;
use seaway_model::Kind;
use tokio::sync::mpsc;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;

/// Run a command in a running container; a shell without one
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway exec web -- /shop check http://127.0.0.1:8080/health")]
pub(crate) struct ExecArgs {
    /// The workload
    workload: String,
    /// Only this task (an id or the beginning of one); else the newest running one
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// Container, where the workload has several
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
    /// Without a terminal, even on one
    #[arg(short = 'T', long)]
    no_tty: bool,
    /// Command and arguments
    #[arg(last = true)]
    command: Vec<String>,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &ExecArgs) -> CommandResult {
    let app = context.app()?;
    let Some(workload) = app.workloads.get(&args.workload) else {
        let names: Vec<&str> = app.workloads.keys().map(String::as_str).collect();
        return Err(CommandError::unknown("workload", &args.workload, &names));
    };
    let cloud = context.cloud().await?;
    let stack = seaway_synth::Names::new(&app).workload(&workload.name);
    let names: Vec<&str> = workload.containers.iter().map(|container| container.name.as_str()).collect();
    let container = match &args.container {
        Some(name) if !names.contains(&name.as_str()) => {
            return Err(CommandError::unknown("container", name, &names));
        }
        Some(name) => name.clone(),
        None => names.first().map_or_else(|| workload.name.clone(), |name| (*name).to_owned()),
    };
    let service = matches!(workload.kind, Kind::Service(_));
    let task = running_task(cloud.as_ref(), &stack, args, service).await?;
    let tty = !args.no_tty && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let command = if args.command.is_empty() { vec!["/bin/sh".to_owned()] } else { args.command.clone() };
    let request = ExecRequest {
        cluster: task.cluster.clone(),
        task: task.id.clone(),
        container,
        command,
        tty: tty.then(terminal_size),
    };
    let session = cloud.exec(&request).await?;
    let code = attach(session, tty).await?;
    Ok(i32::try_from(code).unwrap_or(1))
}

/// Exit code of a process that SIGTERM ended, as a shell has it.
const TERMINATED: i64 = 143;

async fn running_task(
    cloud: &dyn Cloud,
    stack: &str,
    args: &ExecArgs,
    service: bool,
) -> Result<Task, CommandError> {
    let not_running = || {
        let which = args.task.as_ref().map(|id| format!(" that begins with `{id}`")).unwrap_or_default();
        CommandError::new(exit::INPUT, format!("no task of `{}`{which} is running.", args.workload)).hint(
            if service {
                "`seaway status` shows what runs; `seaway up` starts it".to_owned()
            } else {
                format!("it runs only when it is started: `seaway run {}`", args.workload)
            },
        )
    };
    let deployed = cloud.describe_stack(stack).await?.ok_or_else(not_running)?;
    let output = |name: &str| deployed.outputs.get(name).cloned();
    let filter = TaskFilter {
        cluster: output("ClusterName"),
        group: output("ServiceName")
            .map(|name| format!("service:{}", name.rsplit('/').next().unwrap_or(&name))),
        ..TaskFilter::default()
    };
    let tasks = cloud.list_tasks(&filter).await?;
    tasks
        .into_iter()
        .filter(|task| task.last_status == "RUNNING")
        .filter(|task| filter.group.is_some() || stack_runs(&deployed.outputs, task))
        .find(|task| args.task.as_ref().is_none_or(|id| task.id.starts_with(id.as_str())))
        .ok_or_else(not_running)
}

/// A job or task has no service: its running tasks are those of its task definition's family.
fn stack_runs(outputs: &indexmap::IndexMap<String, String>, task: &Task) -> bool {
    let family = |definition: &str| {
        let name = definition.rsplit('/').next().unwrap_or(definition);
        name.split(':').next().unwrap_or(name).to_owned()
    };
    outputs.get("TaskDefinitionArn").is_some_and(|arn| family(arn) == family(&task.task_definition))
}

fn terminal_size() -> (u16, u16) {
    let (rows, columns) = console::Term::stdout().size();
    (columns, rows)
}

/// Connects the terminal with a session until it ends; returns the exit code.
async fn attach(mut session: ExecSession, tty: bool) -> Result<i64, CommandError> {
    let raw = if tty { RawTerminal::enter() } else { None };
    let input = session.input.clone();
    let reader = input.clone();
    // Reading standard input blocks, so it has a thread of its own; the process ends without it.
    std::thread::spawn(move || copy_input(&reader));
    let mut resized =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::window_change()).map_err(|error| {
            CommandError::new(exit::INTERNAL, format!("failed to watch the window size: {error}"))
        })?;
    let mut ended =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(|error| {
            CommandError::new(exit::INTERNAL, format!("failed to watch for the end: {error}"))
        })?;
    let code = loop {
        tokio::select! {
            // The terminal is put back before this process goes.
            _ = ended.recv() => break Some(TERMINATED),
            output = session.output.recv() => match output {
                Some(ExecOutput::Stdout(bytes)) => write_all(&mut std::io::stdout().lock(), &bytes),
                Some(ExecOutput::Stderr(bytes)) => write_all(&mut std::io::stderr().lock(), &bytes),
                Some(ExecOutput::Exit(code)) => break Some(code),
                None => break None,
            },
            _ = resized.recv(), if tty => {
                let (columns, rows) = terminal_size();
                // A session that is over takes no size; its end comes next.
                let _ = input.send(ExecInput::Resize(columns, rows)).await;
            }
        }
    };
    drop(raw);
    code.ok_or_else(|| {
        CommandError::new(exit::INTERNAL, "the session ended without an exit code.")
            .hint("the task may have stopped: `seaway status` shows why")
    })
}

fn write_all(to: &mut impl Write, bytes: &[u8]) {
    // Nobody reads any more: the command in the container still runs to its end.
    let _ = to.write_all(bytes).and_then(|()| to.flush());
}

fn copy_input(to: &mpsc::Sender<ExecInput>) {
    let mut buffer = [0_u8; 4096];
    loop {
        match std::io::stdin().lock().read(&mut buffer) {
            Ok(0) | Err(_) => {
                let _ = to.blocking_send(ExecInput::End);
                return;
            }
            Ok(count) => {
                if to.blocking_send(ExecInput::Data(buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
        }
    }
}

/// The terminal in raw mode; as it was when dropped.
struct RawTerminal {
    before: rustix::termios::Termios,
}

impl RawTerminal {
    fn enter() -> Option<Self> {
        let stdin = std::io::stdin();
        let before = rustix::termios::tcgetattr(&stdin).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Now, &raw).ok()?;
        Some(RawTerminal { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        let _ =
            rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, &self.before);
    }
}
