//! What `local status` shows.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::StackStatus;
use serde::Deserialize;
use serde::Serialize;

/// The background process and what it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalStatus {
    /// Version of the background process.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// When it started.
    pub started: Timestamp,
    /// Where its state is.
    pub state_dir: String,
    /// The container engine.
    pub engine: EngineStatus,
    /// All stacks, by name.
    pub stacks: Vec<StackLine>,
    /// All services, by stack.
    pub services: Vec<ServiceLine>,
    /// How many tasks run or are on their way, with and without a service.
    pub tasks: usize,
    /// How many schedules there are.
    pub schedules: usize,
    /// All listeners of all load balancers.
    pub listeners: Vec<ListenerLine>,
    /// Where the emulated AWS APIs answer, for programs on this machine.
    pub emulator: Option<String>,
    /// Containers on the engine that belong to this environment.
    pub containers: ContainerCounts,
}

/// The container engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineStatus {
    /// Such as `Docker Engine 28.0.1`; empty while it does not answer.
    pub version: String,
    /// Where it answers, such as `unix:///var/run/docker.sock`.
    pub address: String,
}

/// A stack in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackLine {
    /// Stack name.
    pub name: String,
    /// Status.
    pub status: StackStatus,
    /// How many resources it has.
    pub resources: usize,
    /// How many of them are declared only: nothing stands behind them on this machine.
    pub declared_only: usize,
}

/// A service in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLine {
    /// Stack that holds it.
    pub stack: String,
    /// Service name.
    pub name: String,
    /// How many tasks it should have.
    pub desired: u32,
    /// Running tasks.
    pub running: u32,
}

/// A listener of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerLine {
    /// Load balancer name.
    pub load_balancer: String,
    /// Port in the template.
    pub port: u16,
    /// Where it really listens, such as `127.0.0.1:8080`.
    pub address: String,
    /// The same as a URL, such as `http://localhost:8080`.
    pub url: String,
    /// False while another program has the port.
    pub bound: bool,
}

/// Counts of containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerCounts {
    /// Running.
    pub running: usize,
    /// All others.
    pub stopped: usize,
}

impl LocalStatus {
    /// Returns all of it as names and values, in the order in which people read it.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("process", format!("{}, version {}, since {}", self.pid, self.version, self.started)),
            ("state", self.state_dir.clone()),
        ];
        let engine = if self.engine.version.is_empty() { "does not answer" } else { &self.engine.version };
        facts.push(("engine", format!("{engine} at {}", self.engine.address)));
        facts.push((
            "containers",
            format!("{} running, {} stopped", self.containers.running, self.containers.stopped),
        ));
        facts.push(("tasks", format!("{} running, {} schedules", self.tasks, self.schedules)));
        if let Some(emulator) = &self.emulator {
            facts.push(("AWS APIs", emulator.clone()));
        }
        for listener in &self.listeners {
            let taken = if listener.bound { "" } else { " (the port is taken by another program)" };
            let text =
                format!("{} (port {} of {}){taken}", listener.url, listener.port, listener.load_balancer);
            facts.push(("listener", text));
        }
        for stack in &self.stacks {
            let declared = match stack.declared_only {
                0 => String::new(),
                count => format!(", {count} declared only"),
            };
            facts.push((
                "stack",
                format!("{} {} ({} resources{declared})", stack.name, stack.status, stack.resources),
            ));
        }
        for service in &self.services {
            facts.push((
                "service",
                format!("{} {}/{} tasks running", service.name, service.running, service.desired),
            ));
        }
        facts
    }
}

/// What `local down` removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalDown {
    /// Kind of thing → how many.
    pub removed: IndexMap<String, usize>,
    /// What could not be removed, and why.
    pub left: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_name_what_needs_attention() {
        let status = LocalStatus {
            version: "0.1.0".into(),
            pid: 7,
            started: Timestamp::UNIX_EPOCH,
            state_dir: "/state".into(),
            engine: EngineStatus { version: String::new(), address: "unix:///docker.sock".into() },
            stacks: vec![StackLine {
                name: "shop-local-web".into(),
                status: StackStatus::CreateComplete,
                resources: 9,
                declared_only: 2,
            }],
            services: vec![ServiceLine {
                stack: "shop-local-web".into(),
                name: "web".into(),
                desired: 2,
                running: 1,
            }],
            tasks: 1,
            schedules: 0,
            listeners: vec![ListenerLine {
                load_balancer: "shop".into(),
                port: 80,
                address: "127.0.0.1:8080".into(),
                url: "http://localhost:8080".into(),
                bound: false,
            }],
            emulator: None,
            containers: ContainerCounts { running: 1, stopped: 0 },
        };
        let facts = status.facts();
        let value =
            |name: &str| facts.iter().find(|(fact, _)| *fact == name).map(|(_, value)| value.as_str());
        assert_eq!(value("engine"), Some("does not answer at unix:///docker.sock"));
        assert_eq!(
            value("listener"),
            Some("http://localhost:8080 (port 80 of shop) (the port is taken by another program)")
        );
        assert_eq!(value("stack"), Some("shop-local-web CREATE_COMPLETE (9 resources, 2 declared only)"));
        assert_eq!(value("service"), Some("web 1/2 tasks running"));
        assert_eq!(value("AWS APIs"), None);
    }
}
