//! Finding the container engine.

use bollard::Docker;

/// No container engine answers.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no container engine answers ({tried})")]
pub struct EngineError {
    /// Addresses that were tried and what each said.
    pub tried: String,
}

impl EngineError {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        "install and start Docker Engine (Debian: `apt-get install docker.io`, then `dockerd` or \
         `systemctl start docker`), or Docker Desktop, or Podman with its socket \
         (`systemctl --user start podman.socket`), or set DOCKER_HOST"
    }
}

/// Connects to the engine at `host` (`unix://…`, `tcp://…`, `http://…`), or, without one, at the
/// usual sockets of Docker, Docker Desktop and Podman, and agrees on an API version with it.
///
/// # Errors
/// Nobody answers.
pub async fn connect(host: Option<&str>, home: Option<&str>, uid: u32) -> Result<Docker, EngineError> {
    let candidates: Vec<String> = match host {
        Some(host) => vec![host.to_owned()],
        None => {
            let mut all = vec!["unix:///var/run/docker.sock".to_owned()];
            if let Some(home) = home {
                all.push(format!("unix://{home}/.docker/run/docker.sock"));
            }
            all.push(format!("unix:///run/user/{uid}/docker.sock"));
            all.push(format!("unix:///run/user/{uid}/podman/podman.sock"));
            all.push("unix:///run/podman/podman.sock".to_owned());
            all
        }
    };
    let mut tried = Vec::new();
    for address in candidates {
        match open(&address).await {
            Ok(engine) => return Ok(engine),
            Err(error) => tried.push(format!("{address}: {error}")),
        }
    }
    Err(EngineError { tried: tried.join("; ") })
}

const TIMEOUT_SECONDS: u64 = 120;

async fn open(address: &str) -> Result<Docker, String> {
    let engine = if let Some(path) = address.strip_prefix("unix://") {
        if !std::path::Path::new(path).exists() {
            return Err("no such socket".to_owned());
        }
        Docker::connect_with_unix(path, TIMEOUT_SECONDS, bollard::API_DEFAULT_VERSION)
    } else {
        Docker::connect_with_http(address, TIMEOUT_SECONDS, bollard::API_DEFAULT_VERSION)
    };
    let engine = engine.map_err(|error| error.to_string())?;
    engine.negotiate_version().await.map_err(|error| error.to_string())
}
