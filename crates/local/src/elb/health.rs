//! Health checks of targets.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header;
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::definition::Check;

/// How often a target that was never healthy is looked at; ECS and people wait for it.
const EAGER: Duration = Duration::from_millis(500);

/// What one check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A status code of the matcher.
    Pass,
    /// Another status code.
    Code(u16),
    /// No answer in time.
    Timeout,
    /// No connection, or no HTTP.
    Refused,
}

/// Where a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No check passed yet.
    Initial,
    /// Takes requests.
    Healthy,
    /// Failed too often.
    Unhealthy,
}

/// The history of checks that matters.
#[derive(Clone, Debug)]
pub(super) struct Track {
    /// Where the target stands.
    pub(super) state: State,
    streak: u32,
    failure: Outcome,
}

impl Track {
    /// Begins with a new target.
    pub(super) fn new() -> Track {
        Track { state: State::Initial, streak: 0, failure: Outcome::Refused }
    }

    /// Takes the outcome of a check, `age` after the registration.
    ///
    /// A new target is healthy after one success, whatever the threshold (ELB user guide,
    /// "Health checks for your target groups"). It is looked at more often than ELB does, so
    /// failures are not counted but timed: it becomes unhealthy when `UnhealthyThresholdCount`
    /// checks at the configured interval would have failed, the first of them half an interval
    /// after the registration, where ELB's is on average.
    pub(super) fn record(&mut self, outcome: Outcome, age: Duration, check: &Check) {
        let passed = outcome == Outcome::Pass;
        if !passed {
            self.failure = outcome;
        }
        let next = match self.state {
            State::Initial if passed => Some(State::Healthy),
            State::Initial => {
                let limit = check.interval() * check.unhealthy.saturating_sub(1) + check.interval() / 2;
                (age >= limit).then_some(State::Unhealthy)
            }
            State::Healthy => self.count(!passed, check.unhealthy, State::Unhealthy),
            State::Unhealthy => self.count(passed, check.healthy, State::Healthy),
        };
        if let Some(next) = next {
            self.state = next;
            self.streak = 0;
        }
    }

    fn count(&mut self, contrary: bool, threshold: u32, next: State) -> Option<State> {
        self.streak = if contrary { self.streak + 1 } else { 0 };
        (self.streak >= threshold.max(1)).then_some(next)
    }

    /// Returns how long to wait before the next check.
    pub(super) fn pause(&self, check: &Check) -> Duration {
        match self.state {
            State::Initial => EAGER.min(check.interval()),
            _ => check.interval(),
        }
    }

    /// Returns ELB's state, reason and description.
    pub(super) fn describe(&self) -> (&'static str, Option<&'static str>, Option<String>) {
        match (self.state, self.failure) {
            (State::Initial, _) => (
                "initial",
                Some("Elb.InitialHealthChecking"),
                Some("Initial health checks in progress".to_owned()),
            ),
            (State::Healthy, _) => ("healthy", None, None),
            (State::Unhealthy, Outcome::Code(code)) => (
                "unhealthy",
                Some("Target.ResponseCodeMismatch"),
                Some(format!("Health checks failed with these codes: [{code}]")),
            ),
            (State::Unhealthy, Outcome::Timeout) => {
                ("unhealthy", Some("Target.Timeout"), Some("Request timed out".to_owned()))
            }
            (State::Unhealthy, _) => {
                ("unhealthy", Some("Target.FailedHealthChecks"), Some("Health checks failed".to_owned()))
            }
        }
    }
}

/// Asks a target once.
pub(super) async fn probe(address: SocketAddr, check: &Check) -> Outcome {
    let limit = Duration::from_secs(check.timeout.max(1));
    match tokio::time::timeout(limit, ask(address, &check.path)).await {
        Err(_) => Outcome::Timeout,
        Ok(None) => Outcome::Refused,
        Ok(Some(code)) if check.passes(code) => Outcome::Pass,
        Ok(Some(code)) => Outcome::Code(code),
    }
}

async fn ask(address: SocketAddr, path: &str) -> Option<u16> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let request = Request::get(path)
        .header(header::HOST, address.to_string())
        .header(header::USER_AGENT, "ELB-HealthChecker/2.0")
        .header(header::CONNECTION, "close")
        .header(header::ACCEPT_ENCODING, "gzip, compressed")
        .body(Empty::<Bytes>::new())
        .ok()?;
    // Both end together: nothing is left running when the caller's timeout drops this future.
    let answer = sender.send_request(request);
    tokio::select! {
        answer = answer => answer.ok().map(|response| response.status().as_u16()),
        _ = async { let _ = connection.await; std::future::pending::<()>().await } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(healthy: u32, unhealthy: u32) -> Check {
        Check { path: "/".to_owned(), interval: 5, timeout: 2, healthy, unhealthy, codes: vec![(200, 299)] }
    }

    #[test]
    fn transitions() {
        use Outcome::*;
        // outcomes with their age in seconds → state at the end
        let table: [(&[(Outcome, u64)], State); 9] = [
            (&[(Pass, 0)], State::Healthy),
            (&[(Refused, 0), (Refused, 1), (Refused, 2), (Refused, 7)], State::Initial),
            (&[(Refused, 0), (Code(503), 8)], State::Unhealthy),
            (&[(Refused, 7), (Pass, 8)], State::Healthy),
            (&[(Pass, 0), (Code(500), 5)], State::Healthy),
            (&[(Pass, 0), (Code(500), 5), (Timeout, 10)], State::Unhealthy),
            (&[(Pass, 0), (Code(500), 5), (Pass, 10), (Code(500), 15)], State::Healthy),
            (&[(Refused, 8), (Pass, 10), (Pass, 15)], State::Unhealthy),
            (&[(Refused, 8), (Pass, 10), (Pass, 15), (Pass, 20)], State::Healthy),
        ];
        for (outcomes, expected) in table {
            let mut track = Track::new();
            for (outcome, age) in outcomes {
                track.record(*outcome, Duration::from_secs(*age), &check(3, 2));
            }
            assert_eq!(track.state, expected, "{outcomes:?}");
        }
    }

    #[test]
    fn reasons() {
        let table = [
            (
                Outcome::Code(503),
                "Target.ResponseCodeMismatch",
                "Health checks failed with these codes: [503]",
            ),
            (Outcome::Timeout, "Target.Timeout", "Request timed out"),
            (Outcome::Refused, "Target.FailedHealthChecks", "Health checks failed"),
        ];
        for (outcome, reason, description) in table {
            let mut track = Track::new();
            track.record(outcome, Duration::from_secs(60), &check(2, 2));
            assert_eq!(track.describe(), ("unhealthy", Some(reason), Some(description.to_owned())));
        }
        assert_eq!(Track::new().describe().1, Some("Elb.InitialHealthChecking"));
    }

    #[test]
    fn pauses() {
        let mut track = Track::new();
        assert_eq!(track.pause(&check(2, 2)), EAGER);
        track.record(Outcome::Pass, Duration::ZERO, &check(2, 2));
        assert_eq!(track.pause(&check(2, 2)), Duration::from_secs(5));
    }
}
