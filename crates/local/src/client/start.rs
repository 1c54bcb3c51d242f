//! Starting the background process.

use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use serde_json::Value;

use super::connection::Connection;
use crate::options::LocalOptions;
use crate::rpc::Ping;
use crate::rpc::build_id;
use crate::store::Store;

/// How long a new process may take until it answers: it adopts containers first, and waits a
/// little for ports that are taken.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked at meanwhile.
const STEP: Duration = Duration::from_millis(10);

/// How long the one that still has the lock is given before the next process is tried.
const AFTER_CONFLICT: Duration = Duration::from_millis(50);

const STARTING: &str = "start the local environment";

/// Connects to the background process, which is started where there is none, and replaced where it
/// is of another build than `options.program`.
pub(super) async fn connect_or_start(options: &LocalOptions) -> Result<(Connection, Ping), CloudError> {
    let build = build_id(&options.program);
    if let Some((mut connection, ping)) = Connection::open(options).await {
        if ping.build == build {
            return Ok((connection, ping));
        }
        // It may be gone before it answers, which is what is wanted.
        let _ = connection.call("shutdown", Value::Null).await;
    }
    let deadline = Instant::now() + PATIENCE;
    let mut child: Option<Child> = None;
    let mut answer = Err(too_slow(options));
    while Instant::now() < deadline {
        let mut step = STEP;
        if let Some((connection, ping)) = Connection::open(options).await
            && ping.build == build
        {
            answer = Ok((connection, ping));
            break;
        }
        match &mut child {
            None => child = Some(spawn(options)?),
            Some(running) => {
                if let Some(status) = running.try_wait().map_err(|error| internal(&error))? {
                    let error = start_error(options, running.id())
                        .unwrap_or_else(|| died(options, &status.to_string()));
                    // Another client was faster, or the one before is not gone yet.
                    if error.kind != ErrorKind::Conflict {
                        return Err(error);
                    }
                    child = None;
                    step = AFTER_CONFLICT;
                }
            }
        }
        tokio::time::sleep(step).await;
    }
    if let Some(mut child) = child {
        // Its end is noted, so that it is no zombie while this process lives.
        std::thread::spawn(move || child.wait());
    }
    answer
}

fn spawn(options: &LocalOptions) -> Result<Child, CloudError> {
    Store::open(&options.state_dir).map_err(|error| {
        CloudError::new(
            ErrorKind::Internal,
            STARTING,
            format!("the state folder {} cannot be used: {error}", options.state_dir),
        )
        .hint("set SEAWAY_STATE_DIR to a folder of your own")
    })?;
    let log = || -> io::Result<Stdio> {
        let file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(options.log())?;
        Ok(file.into())
    };
    let mut command = Command::new(&options.program);
    command.args(["local", "serve", "--state-dir", options.state_dir.as_str()]);
    if let Some(host) = &options.engine_host {
        command.env("DOCKER_HOST", host);
    }
    if options.program.is_absolute() && options.state_dir.is_absolute() {
        command.current_dir("/");
    }
    command
        .stdin(Stdio::null())
        .stdout(log().map_err(|error| internal(&error))?)
        .stderr(log().map_err(|error| internal(&error))?);
    command.spawn().map_err(|error| {
        CloudError::new(ErrorKind::Internal, STARTING, format!("{} cannot be run: {error}", options.program))
    })
}

/// Reads why the process with this id did not start.
fn start_error(options: &LocalOptions, pid: u32) -> Option<CloudError> {
    let path = options.start_error(pid);
    let text = std::fs::read(&path).ok()?;
    let _ = std::fs::remove_file(&path);
    serde_json::from_slice(&text).ok()
}

fn internal(error: &io::Error) -> CloudError {
    CloudError::new(ErrorKind::Internal, STARTING, error.to_string())
}

fn died(options: &LocalOptions, status: &str) -> CloudError {
    CloudError::new(ErrorKind::Internal, STARTING, format!("the background process ended at once ({status})"))
        .hint(format!("its last words are in {}", options.log()))
}

fn too_slow(options: &LocalOptions) -> CloudError {
    CloudError::new(
        ErrorKind::Unavailable,
        STARTING,
        format!("the background process did not answer within {} s", PATIENCE.as_secs()),
    )
    .hint(format!("see {}", options.log()))
}
