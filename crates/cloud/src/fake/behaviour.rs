//! How the containers of a template behave.

/// How the containers of a template behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// They start and get healthy; tasks exit with 0.
    Healthy,
    /// They exit with this code, again and again; a task exits with it once.
    Crash(i64),
    /// They run and their health check never passes.
    NeverHealthy,
    /// Their image does not exist.
    ImageMissing,
    /// A secret has no value.
    SecretMissing,
    /// They stay PENDING for ever.
    Hang,
}
