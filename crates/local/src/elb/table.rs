//! The routing table of a listener.

use std::time::Duration;

use indexmap::IndexMap;

use super::action::Action;
use super::condition::Condition;
use super::condition::Facts;

/// Rules of a listener, and what the proxy needs to know of it.
#[derive(Debug)]
pub(super) struct Table {
    /// `http` or `https`, as the template declares it.
    pub(super) protocol: String,
    /// Rules, lowest priority number first.
    pub(super) rules: Vec<(u32, Vec<Condition>, Action)>,
    /// What happens when no rule matches.
    pub(super) default: Action,
    /// Listener port → local port, of all listeners of the load balancer.
    pub(super) ports: IndexMap<u16, u16>,
    /// How long a connection may be silent.
    pub(super) idle_timeout: Duration,
}

impl Table {
    /// Returns what happens with a request: the first rule of which all conditions match.
    pub(super) fn action(&self, facts: &Facts<'_>) -> &Action {
        self.rules
            .iter()
            .find(|(_, conditions, _)| conditions.iter().all(|condition| condition.matches(facts)))
            .map_or(&self.default, |(_, _, action)| action)
    }
}
