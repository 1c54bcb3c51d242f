//! Container health checks: the state machine, and the probe that feeds it.
//!
//! We run the checks ourselves instead of the container engine, for its checks begin only after
//! the first interval: here the first probe runs at once and then every second, so that a service
//! is healthy as soon as it is. Failures are counted at the pace of the interval only.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bollard::exec::CreateExecOptions;
use bollard::exec::StartExecResults;
use futures::StreamExt;
use seaway_cloud::Health;

use super::inner::Inner;
use super::task_definition::HealthCheck;

/// Timing of a check (ECS API reference, data type `HealthCheck`: its defaults).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timing {
    interval: Duration,
    timeout: Duration,
    retries: u32,
    start_period: Duration,
}

impl Timing {
    /// Returns the timing of a check.
    pub(super) fn of(check: &HealthCheck) -> Timing {
        // A day is more than ECS allows, and can be added up without an overflow.
        let seconds =
            |given: Option<u64>, default: u64| Duration::from_secs(given.unwrap_or(default).min(86_400));
        Timing {
            interval: seconds(check.interval, 30).max(Duration::from_secs(1)),
            timeout: seconds(check.timeout, 5).max(Duration::from_secs(1)),
            retries: check.retries.unwrap_or(3).max(1),
            start_period: seconds(check.start_period, 0),
        }
    }
}

/// Health of a container, fed with results of its check.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    timing: Timing,
    health: Health,
    failures: u32,
    /// Time since the start at which the last failure was counted.
    counted: Option<Duration>,
}

impl Machine {
    pub(super) fn new(timing: Timing) -> Machine {
        Machine { timing, health: Health::Unknown, failures: 0, counted: None }
    }

    /// Takes a result that came `elapsed` after the start, and returns the health.
    pub(super) fn feed(&mut self, elapsed: Duration, passed: bool) -> Health {
        if passed {
            self.failures = 0;
            self.counted = None;
            self.health = Health::Healthy;
        } else if elapsed >= self.timing.start_period || self.health == Health::Healthy {
            let due = self.counted.is_none_or(|last| elapsed >= last + self.timing.interval);
            if due {
                self.failures += 1;
                self.counted = Some(elapsed);
            }
            if self.failures >= self.timing.retries {
                self.health = Health::Unhealthy;
            }
        }
        self.health
    }

    /// Returns how long to wait until the next probe.
    pub(super) fn pause(&self) -> Duration {
        match self.health {
            Health::Healthy => self.timing.interval,
            Health::Unknown | Health::Unhealthy => self.timing.interval.min(Duration::from_secs(1)),
        }
    }
}

/// Returns the command of a check for the engine; none when there is none.
pub(super) fn command(check: &HealthCheck) -> Option<Vec<String>> {
    match check.command.split_first() {
        Some((kind, rest)) if kind == "CMD-SHELL" && !rest.is_empty() => {
            Some(vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.join(" ")])
        }
        Some((kind, rest)) if kind == "CMD" && !rest.is_empty() => Some(rest.to_vec()),
        Some((kind, _)) if kind == "NONE" || kind == "CMD" || kind == "CMD-SHELL" => None,
        Some(_) => Some(check.command.clone()),
        None => None,
    }
}

/// Probes a running container until it is dropped or the container is gone.
pub(super) async fn watch(inner: Arc<Inner>, task: String, container: String, check: HealthCheck) {
    let Some(command) = command(&check) else { return };
    let timing = Timing::of(&check);
    let mut machine = Machine::new(timing);
    let begun = Instant::now();
    let Some(Some((name, known))) = inner.read_task(&task, |task| {
        task.container(&container).map(|one| (one.engine_name.clone(), one.shown.health))
    }) else {
        return;
    };
    // After a restart of the background process a healthy container is healthy.
    machine.health = known;
    loop {
        let passed = tokio::time::timeout(timing.timeout, probe(&inner.docker, &name, &command))
            .await
            .unwrap_or(false);
        let health = machine.feed(begun.elapsed(), passed);
        let known = inner
            .read_task(&task, |task| {
                let running = task.container(&container).filter(|one| one.shown.last_status == "RUNNING");
                running.map(|one| one.shown.health)
            })
            .flatten();
        let Some(known) = known else { return };
        if known != health {
            inner.change_task(&task, |task| {
                if let Some(one) = task.container_mut(&container) {
                    one.shown.health = health;
                }
            });
        }
        tokio::time::sleep(machine.pause()).await;
    }
}

async fn probe(docker: &bollard::Docker, container: &str, command: &[String]) -> bool {
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.to_vec()),
        ..CreateExecOptions::default()
    };
    let Ok(exec) = docker.create_exec(container, options).await else { return false };
    match docker.start_exec(&exec.id, None).await {
        Ok(StartExecResults::Attached { mut output, .. }) => while output.next().await.is_some() {},
        Ok(StartExecResults::Detached) => {}
        Err(_) => return false,
    }
    // The output may end a moment before the engine has noted the exit.
    for _ in 0..50 {
        match docker.inspect_exec(&exec.id).await {
            Ok(state) if state.running == Some(true) => tokio::time::sleep(Duration::from_millis(20)).await,
            Ok(state) => return state.exit_code == Some(0),
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(interval: u64, retries: u32, start_period: u64) -> Machine {
        Machine::new(Timing::of(&HealthCheck {
            interval: Some(interval),
            retries: Some(retries),
            start_period: Some(start_period),
            ..HealthCheck::default()
        }))
    }

    /// Feeds one result a second and returns the health after each: U(nknown), H, X (unhealthy).
    fn run(mut machine: Machine, results: &str) -> String {
        results
            .chars()
            .enumerate()
            .map(|(second, result)| match machine.feed(Duration::from_secs(second as u64), result == '+') {
                Health::Unknown => 'U',
                Health::Healthy => 'H',
                Health::Unhealthy => 'X',
            })
            .collect()
    }

    #[test]
    fn health_follows_the_results() {
        for (interval, retries, start_period, results, expected) in [
            (5, 2, 0, "+", "H"),
            (5, 2, 0, "--+", "UUH"),
            (5, 2, 0, "------", "UUUUUX"),
            (1, 3, 0, "---", "UUX"),
            (1, 3, 0, "--+--+", "UUHHHH"),
            (1, 3, 0, "+---", "HHHX"),
            (1, 2, 5, "-------", "UUUUUUX"),
            (1, 2, 5, "---+--", "UUUHHX"),
            (1, 1, 0, "-+", "XH"),
            (5, 1, 3, "----", "UUUX"),
        ] {
            let got = run(machine(interval, retries, start_period), results);
            assert_eq!(
                got, expected,
                "interval {interval} retries {retries} start {start_period}: {results}"
            );
        }
    }

    #[test]
    fn waits_a_second_until_the_first_success() {
        let mut machine = machine(30, 3, 0);
        assert_eq!(machine.pause(), Duration::from_secs(1));
        machine.feed(Duration::ZERO, true);
        assert_eq!(machine.pause(), Duration::from_secs(30));
    }

    #[test]
    fn commands() {
        let of = |words: &[&str]| {
            command(&HealthCheck {
                command: words.iter().map(|word| (*word).to_owned()).collect(),
                ..HealthCheck::default()
            })
        };
        assert_eq!(of(&["CMD", "/ok", "-v"]), Some(vec!["/ok".to_owned(), "-v".to_owned()]));
        assert_eq!(
            of(&["CMD-SHELL", "curl -f x"]),
            Some(vec!["/bin/sh".to_owned(), "-c".to_owned(), "curl -f x".to_owned()])
        );
        assert_eq!(of(&["NONE"]), None);
        assert_eq!(of(&[]), None);
    }
}
