//! Being the background process: one per state folder.

use std::fs::File;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::FlockOperation;
use rustix::process::Resource;
use rustix::process::Rlimit;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use tokio::net::UnixListener;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio_util::sync::CancellationToken;

use super::images;
use super::machine::Machine;
use super::server::listen;
use crate::declared::Declared;
use crate::ecs::Ecs;
use crate::ecs::EcsParts;
use crate::elb::Elb;
use crate::emulator::Emulator;
use crate::log::Log;
use crate::options::LocalOptions;
use crate::realiser::Realiser;
use crate::records::Records;
use crate::records::process_lives;
use crate::rpc::Ping;
use crate::rpc::build_id;
use crate::secrets::Secrets;
use crate::stacks::Engine;
use crate::store::Store;

const STARTING: &str = "start the local environment";

/// Is the background process of the state folder until it is told to stop (by a client, SIGTERM or
/// SIGINT), or the folder is removed. Containers go on without it; the next one adopts them.
///
/// # Errors
/// `Conflict`: there is one already. `Unavailable`: no container engine answers. `Internal`: the
/// state folder cannot be used. The error is also left in a file for the client that started it.
pub async fn serve(options: LocalOptions) -> Result<(), CloudError> {
    let answer = run(&options).await;
    if let Err(error) = &answer
        && let Ok(text) = serde_json::to_vec(error)
    {
        // Whoever started us by hand sees the error itself.
        let _ = std::fs::write(options.start_error(std::process::id()), text);
    }
    answer
}

fn internal(what: &str, error: impl std::fmt::Display) -> CloudError {
    CloudError::new(ErrorKind::Internal, STARTING, format!("{what}: {error}"))
}

async fn run(options: &LocalOptions) -> Result<(), CloudError> {
    let store = Store::open(&options.state_dir).map_err(|error| {
        internal(&format!("the state folder {} cannot be used", options.state_dir), error)
            .hint("set SEAWAY_STATE_DIR to a folder of your own")
    })?;
    let _lock = lock(options)?;
    let log = Log::open(&options.log()).map_err(|error| internal("daemon.log cannot be written", error))?;
    if !std::io::stdin().is_terminal() {
        // A session of its own, so that closing the terminal does not end it. Fails for a leader
        // of a process group, which has one already.
        let _ = rustix::process::setsid();
    }
    raise_open_files();
    let ping = Ping {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: build_id(&options.program),
        pid: std::process::id(),
        started: Timestamp::now(),
    };
    log.line(&format!("started: version {}, pid {}, state {}", ping.version, ping.pid, options.state_dir));
    remove_old_errors(options);
    let stop = CancellationToken::new();
    let machine = open(options, &store, &log, ping, stop.clone()).await.inspect_err(|error| {
        log.line(&error.to_string());
    })?;
    let listener = bind(options).inspect_err(|error| log.line(&error.to_string()))?;
    let machine = Arc::new(machine);
    machine.stacks.resume();
    log.line("ready");
    tokio::select! {
        () = listen(listener, Arc::clone(&machine) as _, log.clone(), stop.clone()) => {}
        () = told_to_stop(&log) => {}
        () = folder_gone(options, &log) => {}
        () = images::housekeeping(Arc::clone(&machine)) => {}
    }
    // The answer to the call that stopped us is still on its way.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let _ = std::fs::remove_file(options.socket());
    if !stop.is_cancelled() || options.state_dir.exists() {
        let _ = tokio::time::timeout(Duration::from_secs(3), machine.close()).await;
    }
    log.line("stopped");
    Ok(())
}

/// Raises the limit of open files to what the system allows: every request through a load balancer
/// takes two, and the usual 1,024 are gone soon under load.
fn raise_open_files() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // Where it is refused, requests beyond the limit wait.
        let _ = rustix::process::setrlimit(
            Resource::Nofile,
            Rlimit { current: limit.maximum, maximum: limit.maximum },
        );
    }
}

/// Makes sure that there is only one.
fn lock(options: &LocalOptions) -> Result<File, CloudError> {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(options.lock())
        .map_err(|error| internal("daemon.lock cannot be opened", error))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(CloudError::new(
            ErrorKind::Conflict,
            STARTING,
            format!("another background process uses {}", options.state_dir),
        )),
        Err(error) => Err(internal("daemon.lock cannot be locked", error)),
    }
}

/// Removes start errors that no client will read any more. The process of one that is still to be
/// read is there, if only as a zombie.
fn remove_old_errors(options: &LocalOptions) {
    for entry in options.state_dir.read_dir_utf8().into_iter().flatten().flatten() {
        let pid = entry
            .file_name()
            .strip_prefix("start-error.")
            .and_then(|rest| rest.strip_suffix(".json"))
            .and_then(|pid| pid.parse().ok());
        if pid.is_some_and(|pid| !process_lives(pid)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

async fn open(
    options: &LocalOptions,
    store: &Store,
    log: &Log,
    ping: Ping,
    stop: CancellationToken,
) -> Result<Machine, CloudError> {
    let internal = |what: &str, error: &dyn std::fmt::Display| damaged(options, internal(what, error));
    let uid = rustix::process::getuid().as_raw();
    let docker =
        seaway_image::connect(options.engine_host.as_deref(), options.home.as_deref(), uid).await.map_err(
            |error| CloudError::new(ErrorKind::Unavailable, STARTING, error.to_string()).hint(error.hint()),
        )?;
    let secrets =
        Arc::new(Secrets::open(store.clone()).map_err(|error| internal("secrets cannot be opened", &error))?);
    let emulator = Emulator::open(store.clone(), bridge(&docker).await)
        .await
        .map_err(|error| internal("the emulated AWS APIs cannot be opened", &error))?;
    let elb = Elb::open(store.clone())
        .await
        .map_err(|error| internal("the load balancers cannot be opened", &error))?;
    let ecs = Ecs::open(EcsParts {
        docker: docker.clone(),
        store: store.clone(),
        instance: options.instance(),
        targets: Arc::new(elb.clone()),
        secrets: Arc::clone(&secrets) as _,
        environment: emulator.environment().into_iter().collect(),
    })
    .await
    .map_err(|error| internal("ECS cannot be opened", &error))?;
    let realisers: Vec<Arc<dyn Realiser>> =
        vec![Arc::new(ecs.clone()), Arc::new(elb.clone()), Arc::new(emulator.clone())];
    let stacks = Engine::open(store.clone(), realisers, Arc::new(Declared), log.clone())
        .map_err(|error| internal("the stacks cannot be read", &error))?;
    Ok(Machine {
        docker,
        docker_address: options.engine_host.clone().unwrap_or_else(|| "the default socket".to_owned()),
        instance: options.instance(),
        store: store.clone(),
        log: log.clone(),
        secrets,
        records: Records::open(store.clone()),
        emulator,
        elb,
        ecs,
        stacks,
        ping,
        stop,
    })
}

/// Adds how to begin anew to an error about a state file that cannot be read: without its background
/// process there is no `local down`.
fn damaged(options: &LocalOptions, error: CloudError) -> CloudError {
    if !error.message.contains("is damaged") {
        return error;
    }
    let label = format!("label=seaway.instance={}", options.instance());
    error.hint(format!(
        "put the file right, or begin anew: remove {}, then `docker rm -f $(docker ps -aq --filter {label})` and \
         `docker network prune --filter {label}`",
        options.state_dir
    ))
}

/// Returns the address of this machine on the engine's default bridge: containers reach it there.
async fn bridge(docker: &bollard::Docker) -> Option<std::net::IpAddr> {
    let network = docker.inspect_network("bridge", None).await.ok()?;
    let ranges = network.ipam?.config?;
    ranges.into_iter().find_map(|range| match range.gateway {
        Some(gateway) => gateway.parse().ok(),
        // An engine that just made its bridge names only the subnet; the bridge has its first address.
        None => first_address(&range.subnet?).map(std::net::IpAddr::V4),
    })
}

/// Returns the first address of an IPv4 range such as `172.17.0.0/16`.
fn first_address(range: &str) -> Option<std::net::Ipv4Addr> {
    let network: std::net::Ipv4Addr = range.split_once('/')?.0.parse().ok()?;
    Some(std::net::Ipv4Addr::from(u32::from(network).checked_add(1)?))
}

fn bind(options: &LocalOptions) -> Result<UnixListener, CloudError> {
    let path = options.socket();
    // We hold the lock: what is there was left by a process that died.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(|error| {
        internal(&format!("the socket {path} cannot be opened"), error)
            .hint("a socket's path has at most 107 bytes; set SEAWAY_STATE_DIR to a shorter one")
    })?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| internal("the socket cannot be made private", error))?;
    Ok(listener)
}

async fn told_to_stop(log: &Log) {
    let signals = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
        .map(|kind| signal(kind).ok());
    let [Some(mut term), Some(mut int), Some(mut hangup)] = signals else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = term.recv() => return log.line("SIGTERM"),
            _ = int.recv() => return log.line("SIGINT"),
            // The terminal of whoever started us was closed: nothing of ours.
            _ = hangup.recv() => {}
        }
    }
}

/// Returns when the state folder is gone, or another one has its place.
async fn folder_gone(options: &LocalOptions, log: &Log) {
    let inode = || std::fs::metadata(&options.state_dir).map(|folder| folder.ino()).ok();
    let ours = inode();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    while inode() == ours {
        ticks.tick().await;
    }
    log.line("the state folder is gone");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_are_open_as_the_system_allows() {
        raise_open_files();
        let limit = rustix::process::getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }

    #[test]
    fn the_first_address_of_a_range() {
        assert_eq!(first_address("172.17.0.0/16"), Some(std::net::Ipv4Addr::new(172, 17, 0, 1)));
        assert_eq!(first_address("255.255.255.255/32"), None);
        assert_eq!(first_address("fd00::/64"), None);
    }
}
