//! Everything that the fake knows.

use std::time::Instant;

use indexmap::IndexMap;
use sha2::Digest as _;

use super::around::Around;
use super::cloudformation;
use super::cloudformation::ChangeSet;
use super::cloudformation::Stack;
use super::ecs;
use super::ecs::Ecs;
use super::fault::Faults;
use super::request::Requests;
use super::scenario::Scenario;

/// Virtual milliseconds between two looks at everything that is under way.
const GRAIN: u64 = 250;

/// Everything that the fake knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) scenario: Scenario,
    /// Virtual milliseconds since the start.
    pub(super) now: u64,
    /// When the real clock was looked at last; only with [`super::Clock::speed`].
    looked: Instant,
    counter: u64,
    /// By id: a deleted stack keeps its id while another one gets its name.
    pub(super) stacks: IndexMap<String, Stack>,
    /// By id.
    pub(super) change_sets: IndexMap<String, ChangeSet>,
    pub(super) ecs: Ecs,
    pub(super) around: Around,
    pub(super) requests: Requests,
    pub(super) faults: Faults,
}

impl World {
    pub(super) fn new(scenario: Scenario) -> World {
        let mut world = World {
            around: Around::new(&scenario),
            now: 0,
            looked: Instant::now(),
            counter: 0,
            stacks: IndexMap::new(),
            change_sets: IndexMap::new(),
            ecs: Ecs::default(),
            requests: Requests::default(),
            faults: Faults::default(),
            scenario,
        };
        for fault in world.scenario.faults.clone() {
            world.faults.add(fault);
        }
        for stack in world.scenario.stacks.clone() {
            cloudformation::insert_initial(&mut world, &stack);
        }
        world
    }

    /// Lets the time of one call pass.
    pub(super) fn pass_time(&mut self) {
        let clock = self.scenario.clock;
        let real = u64::try_from(self.looked.elapsed().as_millis()).unwrap_or(u64::MAX);
        let fast = real.saturating_mul(clock.speed);
        if clock.speed > 0 {
            self.looked = Instant::now();
        }
        self.advance(clock.per_request_ms.saturating_add(fast));
    }

    /// Lets virtual milliseconds pass.
    pub(super) fn advance(&mut self, millis: u64) {
        let end = self.now.saturating_add(millis);
        while self.now < end {
            self.now = end.min((self.now / GRAIN + 1) * GRAIN);
            // Tasks before services before stacks: what is ready shows above at once.
            ecs::step(self);
            cloudformation::step(self);
        }
    }

    /// Counts up; makes ids.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Returns a new id in the form of a UUID.
    pub(super) fn uuid(&mut self) -> String {
        let number = self.number();
        let hex = hex::encode(sha2::Sha256::digest(number.to_be_bytes()));
        format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// Returns so many new hexadecimal digits (at most 64).
    pub(super) fn hex(&mut self, digits: usize) -> String {
        let number = self.number();
        let mut text = hex::encode(sha2::Sha256::digest(number.to_be_bytes()));
        text.truncate(digits);
        text
    }

    /// Returns `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let Scenario { region, account, .. } = &self.scenario;
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }

    /// Returns the account of credentials: that of the role where `AssumeRole` gave them out.
    pub(super) fn account_of(&self, access_key: Option<&str>) -> String {
        access_key
            .and_then(|key| self.around.sessions.get(key))
            .map_or_else(|| self.scenario.account.clone(), |session| session.account.clone())
    }

    /// Cuts a list into pages: items of this page and the token of the next one.
    pub(super) fn page<T: Clone>(&self, items: &[T], token: Option<&str>) -> (Vec<T>, Option<String>) {
        let size = self.scenario.page_size.max(1);
        let from = token.and_then(|token| token.strip_prefix("page-")?.parse().ok()).unwrap_or(0);
        let page: Vec<T> = items.iter().skip(from).take(size).cloned().collect();
        let next = (from + size < items.len()).then(|| format!("page-{}", from + size));
        (page, next)
    }
}
