//! All load balancers of this machine.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indexmap::IndexMap;
use indexmap::IndexSet;
use serde::Deserialize;
use serde::Serialize;
use tokio::net::TcpListener;

use super::definition::Definitions;
use super::definition::LoadBalancer;
use super::group::Group;
use super::listen;
use super::listen::Door;
use super::table::Table;
use crate::lock::lock;
use crate::realiser::Failure;
use crate::store::Store;

/// Name of the state file.
const STATE: &str = "elb";
/// How long a restart waits for ports that are briefly taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// The load balancers: realises `AWS::ElasticLoadBalancingV2::*` and holds the target groups.
#[derive(Clone, Debug)]
pub(crate) struct Elb {
    pub(super) inner: Arc<Inner>,
}

/// What [`Elb`] shares with its sockets.
#[derive(Debug)]
pub(super) struct Inner {
    store: Store,
    pub(super) definitions: Mutex<Definitions>,
    groups: RwLock<HashMap<String, Arc<Group>>>,
    doors: Mutex<HashMap<u16, Door>>,
    /// Counts requests, for weights.
    pub(super) turn: AtomicU64,
}

/// A listener, for `local status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListenerStatus {
    /// Load balancer name.
    pub(crate) load_balancer: String,
    /// Port in the template.
    pub(crate) port: u16,
    /// Where it listens, such as `127.0.0.1:8080`.
    pub(crate) address: String,
    /// Such as `http://localhost:8080`.
    pub(crate) url: String,
    /// False while another program has the port.
    pub(crate) bound: bool,
}

impl Elb {
    /// Opens the load balancers as they were left: sockets listen on the ports that they had, a
    /// port that is taken is tried until it is free. Targets are not kept; ECS registers them.
    ///
    /// # Errors
    /// The state file cannot be read.
    pub(crate) async fn open(store: Store) -> Result<Elb, Failure> {
        let definitions: Definitions = store
            .load(STATE)
            .map_err(|error| Failure(format!("the state file elb.json cannot be read: {error}")))?
            .unwrap_or_default();
        let groups = definitions
            .target_groups
            .iter()
            .map(|(arn, group)| (arn.clone(), Arc::new(Group::new(&group.name, group.settings.clone()))))
            .collect();
        let elb = Elb {
            inner: Arc::new(Inner {
                store,
                definitions: Mutex::new(definitions),
                groups: RwLock::new(groups),
                doors: Mutex::new(HashMap::new()),
                turn: AtomicU64::new(0),
            }),
        };
        let bound: Vec<_> = {
            let definitions = lock(&elb.inner.definitions);
            elb.inner.apply(&definitions, None);
            lock(&elb.inner.doors).values().map(|door| door.bound.clone()).collect()
        };
        let all = async {
            for mut bound in bound {
                // An error is a door that was closed meanwhile.
                let _ = bound.wait_for(|bound| *bound).await;
            }
        };
        // Those that are still taken go on trying; `listeners` shows them as not bound.
        let _ = tokio::time::timeout(PATIENCE, all).await;
        Ok(elb)
    }

    /// Returns all listeners, by load balancer and port.
    pub(crate) fn listeners(&self) -> Vec<ListenerStatus> {
        let definitions = lock(&self.inner.definitions);
        let doors = lock(&self.inner.doors);
        let mut all: Vec<ListenerStatus> = definitions
            .listeners
            .values()
            .map(|listener| ListenerStatus {
                load_balancer: definitions.load_balancers.get(&listener.load_balancer).map_or_else(
                    || listener.load_balancer.clone(),
                    |load_balancer| load_balancer.name.clone(),
                ),
                port: listener.port,
                address: format!("127.0.0.1:{}", listener.local_port),
                url: format!("http://localhost:{}", listener.local_port),
                bound: doors.get(&listener.local_port).is_some_and(|door| *door.bound.borrow()),
            })
            .collect();
        all.sort_by(|a, b| (&a.load_balancer, a.port).cmp(&(&b.load_balancer, b.port)));
        all
    }

    /// Closes all sockets and forgets all targets; what is defined stays on disk. Returns when
    /// the ports are free.
    pub(crate) async fn close_all(&self) {
        let doors: Vec<Door> = lock(&self.inner.doors).drain().map(|(_, door)| door).collect();
        for door in doors {
            door.close().await;
        }
        for group in self.inner.groups.read().unwrap_or_else(PoisonError::into_inner).values() {
            group.close();
        }
    }
}

impl Inner {
    /// Returns a target group by ARN or name.
    pub(super) fn group(&self, id: &str) -> Option<Arc<Group>> {
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        groups.get(id).or_else(|| groups.values().find(|group| group.name == id)).cloned()
    }

    /// Adds a target group, or changes its settings.
    pub(super) fn put_group(&self, arn: &str, group: Group) {
        let mut groups = self.groups.write().unwrap_or_else(PoisonError::into_inner);
        match groups.get(arn) {
            Some(existing) => existing.update((*group.settings()).clone()),
            None => {
                groups.insert(arn.to_owned(), Arc::new(group));
            }
        }
    }

    /// Removes a target group with its targets.
    pub(super) fn remove_group(&self, arn: &str) {
        let removed = self.groups.write().unwrap_or_else(PoisonError::into_inner).remove(arn);
        if let Some(group) = removed {
            group.close();
        }
    }

    /// Changes the definitions, keeps them on disk and puts them in force; returns when ports
    /// that are no longer used are free. `change` may bring a socket that it has bound.
    pub(super) async fn change<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Definitions) -> Result<(T, Option<(u16, TcpListener)>), Failure>,
    ) -> Result<T, Failure> {
        let (answer, closed) = {
            let mut definitions = lock(&self.definitions);
            let mut fresh = definitions.clone();
            let (answer, socket) = change(&mut fresh)?;
            self.store
                .save(STATE, &fresh)
                .map_err(|error| Failure(format!("the state file elb.json cannot be written: {error}")))?;
            *definitions = fresh;
            (answer, self.apply(&definitions, socket))
        };
        for door in closed {
            door.close().await;
        }
        Ok(answer)
    }

    /// Puts definitions in force. Returns the sockets that are no longer wanted.
    fn apply(self: &Arc<Self>, definitions: &Definitions, socket: Option<(u16, TcpListener)>) -> Vec<Door> {
        let wanted = tables(definitions);
        let mut socket = socket;
        let mut doors = lock(&self.doors);
        for (port, table) in &wanted {
            let door = doors.entry(*port).or_insert_with(|| {
                let bound = socket.take_if(|(bound, _)| bound == port).map(|(_, listener)| listener);
                Door::open(self.clone(), *port, bound)
            });
            door.route.set(table.clone());
        }
        let unwanted: Vec<u16> = doors.keys().copied().filter(|port| !wanted.contains_key(port)).collect();
        let closed = unwanted.iter().filter_map(|port| doors.remove(port)).collect();
        let used: IndexSet<&str> = definitions
            .listeners
            .values()
            .map(|listener| &listener.default)
            .chain(definitions.rules.values().map(|rule| &rule.action))
            .flat_map(|action| action.groups())
            .collect();
        for (arn, group) in self.groups.read().unwrap_or_else(PoisonError::into_inner).iter() {
            group.in_use.store(used.contains(arn.as_str()), Ordering::Release);
        }
        closed
    }
}

/// Returns what every local port serves.
fn tables(definitions: &Definitions) -> IndexMap<u16, Option<Arc<Table>>> {
    let mut wanted = IndexMap::new();
    for (arn, load_balancer) in &definitions.load_balancers {
        let mut listeners: Vec<_> =
            definitions.listeners.iter().filter(|(_, listener)| listener.load_balancer == *arn).collect();
        // Port 80 first, then the lowest: the first one answers at the load balancer's address.
        listeners.sort_by_key(|(_, listener)| (listener.port != 80, listener.port));
        let ports: IndexMap<u16, u16> =
            listeners.iter().map(|(_, listener)| (listener.port, listener.local_port)).collect();
        let mut address = None;
        for (listener_arn, listener) in listeners {
            let table = Arc::new(table(definitions, load_balancer, listener_arn, ports.clone()));
            address.get_or_insert_with(|| table.clone());
            wanted.insert(listener.local_port, Some(table));
        }
        wanted.entry(load_balancer.port).or_insert(address);
    }
    wanted
}

fn table(
    definitions: &Definitions,
    load_balancer: &LoadBalancer,
    arn: &str,
    ports: IndexMap<u16, u16>,
) -> Table {
    let listener = &definitions.listeners[arn];
    let mut rules: Vec<_> = definitions
        .rules
        .values()
        .filter(|rule| rule.listener == arn)
        .map(|rule| (rule.priority, rule.conditions.clone(), rule.action.clone()))
        .collect();
    rules.sort_by_key(|(priority, ..)| *priority);
    Table {
        protocol: listener.protocol.to_ascii_lowercase(),
        rules,
        default: listener.default.clone(),
        ports,
        idle_timeout: Duration::from_secs(load_balancer.idle_timeout),
    }
}

/// Finds a free local port for a listener port: itself, or 8000 more for one below 1024, or
/// the next that is free; ports of other listeners are left alone even when they are not bound
/// at the moment.
pub(super) fn reserve(definitions: &Definitions, listener_port: u16) -> Result<(u16, TcpListener), Failure> {
    let first = if listener_port < 1024 { 8000 + listener_port } else { listener_port };
    for port in first..=u16::MAX {
        let ours = definitions.load_balancers.values().any(|load_balancer| load_balancer.port == port)
            || definitions.listeners.values().any(|listener| listener.local_port == port);
        if ours || listen::taken_on_ipv6(port) {
            continue;
        }
        if let Ok(listener) = listen::bind(port) {
            return Ok((port, listener));
        }
    }
    Err(Failure(format!("no local port from {first} on is free")))
}
