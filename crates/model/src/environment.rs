//! Environments.

use indexmap::IndexMap;

/// The environment on this machine.
pub const LOCAL: &str = "local";

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Account id, after `x-accounts` were looked up.
    pub account: Option<String>,
    /// Role to assume in that account.
    pub role: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Asks before changes; refuses data loss.
    pub protected: bool,
    /// Seconds after which it may be removed.
    pub ephemeral_ttl: Option<u64>,
    /// Domain of its public names.
    pub domain: Option<String>,
    /// CIDR of its network.
    pub cidr: String,
    /// How many availability zones its network spans.
    pub zones: u32,
    /// One NAT gateway for all zones.
    pub single_nat: bool,
    /// Capacity provider → weight, such as `FARGATE` → 1.
    pub capacity: IndexMap<String, u32>,
    /// Days that logs are kept.
    pub log_retention: u32,
}

impl Environment {
    /// Returns true for the environment on this machine.
    pub fn is_local(&self) -> bool {
        self.name == LOCAL
    }
}
