//! How the containers of a task behave.

use seaway_cloud::fake::Behaviour;
use serde::Deserialize;
use serde::Serialize;

/// How the containers of a task behave. The words are those of [`Behaviour`], and some more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Containers {
    /// They start and get healthy; a one-off task exits with 0.
    #[default]
    Healthy,
    /// As `healthy`, but it takes `after_ms` (60 s unless told otherwise) from start to healthy.
    Slow,
    /// They exit with `exit_code`, again and again; a one-off task exits with it once.
    Crash,
    /// They run and their health check never passes.
    NeverHealthy,
    /// Their image does not exist.
    ImageMissing,
    /// A secret has no value.
    SecretMissing,
    /// They stay PENDING for ever.
    Hang,
    /// There is no capacity: `RunTask` answers with `failures`, a service says so in its events.
    NoCapacity,
}

/// Which containers behave how. Data of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BehaviourRule {
    /// A text that the task must hold: in the stack's name, or in a container's `name`, `image` or
    /// `NAME=VALUE` of its environment. The empty text is in every task. A later rule wins.
    pub when: String,
    /// How they behave.
    #[serde(rename = "do")]
    pub behaviour: Containers,
    /// The exit code of `crash`.
    pub exit_code: i64,
    /// Virtual milliseconds from RUNNING to what the behaviour does; `None` is the scenario's
    /// timing.
    pub after_ms: Option<u64>,
    /// Lines that the first container writes when it starts.
    pub logs: Vec<String>,
    /// Lines that the first container writes before it ends.
    pub last_words: Vec<String>,
}

impl BehaviourRule {
    /// Returns a rule without lines and with the scenario's timing.
    pub fn new(when: impl Into<String>, behaviour: Behaviour) -> Self {
        let (containers, exit_code) = match behaviour {
            Behaviour::Healthy => (Containers::Healthy, 0),
            Behaviour::Crash(code) => (Containers::Crash, code),
            Behaviour::NeverHealthy => (Containers::NeverHealthy, 0),
            Behaviour::ImageMissing => (Containers::ImageMissing, 0),
            Behaviour::SecretMissing => (Containers::SecretMissing, 0),
            Behaviour::Hang => (Containers::Hang, 0),
        };
        BehaviourRule { when: when.into(), behaviour: containers, exit_code, ..BehaviourRule::default() }
    }
}
