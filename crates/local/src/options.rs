//! Where the background process lives.

use camino::Utf8PathBuf;

/// Where state and socket are, and which container engine is used. The command line reads the
/// environment and fills this in.
#[derive(Clone, Debug)]
pub struct LocalOptions {
    /// State folder, mode 0700; holds `seaway.sock`, `daemon.log` and the state files.
    pub state_dir: Utf8PathBuf,
    /// Address of the container engine (`DOCKER_HOST`); `None`: the usual sockets are tried.
    pub engine_host: Option<String>,
    /// The `seaway` binary, to start the background process from.
    pub program: Utf8PathBuf,
    /// The user's home folder: Docker Desktop keeps its socket there.
    pub home: Option<String>,
}

impl LocalOptions {
    /// Returns the path of the socket.
    pub fn socket(&self) -> Utf8PathBuf {
        self.state_dir.join("seaway.sock")
    }

    /// Returns the path of the background process' log.
    pub fn log(&self) -> Utf8PathBuf {
        self.state_dir.join("daemon.log")
    }

    /// Returns the path of the file that only one background process can have locked.
    pub(crate) fn lock(&self) -> Utf8PathBuf {
        self.state_dir.join("daemon.lock")
    }

    /// Returns where the background process with this process id writes why it did not start.
    pub(crate) fn start_error(&self, pid: u32) -> Utf8PathBuf {
        self.state_dir.join(format!("start-error.{pid}.json"))
    }

    /// Returns a short name for this state folder: containers, networks and volumes of two
    /// background processes with different folders are told apart by it (label `seaway.instance`).
    pub fn instance(&self) -> String {
        use sha2::Digest;
        hex::encode(sha2::Sha256::digest(self.state_dir.as_str().as_bytes()))[..8].to_owned()
    }
}
