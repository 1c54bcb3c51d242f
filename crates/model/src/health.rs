//! Compose's `healthcheck` → the container health check of ECS.

use seaway_compose::Healthcheck;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Spanned;

use crate::ContainerCheck;
use crate::codes;

/// Default interval in seconds: a worker without a load balancer is taken as healthy after one
/// interval, not after the 40 s that ECS waits without a check.
const INTERVAL: u32 = 5;
/// Default timeout in seconds.
const TIMEOUT: u32 = 5;
/// Default retries, as in Compose and ECS.
const RETRIES: u32 = 3;

/// Returns the check, moved into the ranges of ECS (API reference, HealthCheck).
pub(crate) fn read(name: &str, check: &Healthcheck, sink: &mut Sink) -> Option<ContainerCheck> {
    if check.disable || check.test.is_empty() || check.test.first().is_some_and(|word| word == "NONE") {
        return None;
    }
    let mut seconds =
        |key: &str, value: &Option<Spanned<f64>>, default: u32, least: u32, most: u32| match value {
            None => default,
            Some(given) => clamp(name, key, given, least, most, sink),
        };
    let interval = seconds("interval", &check.interval, INTERVAL, 5, 300);
    let timeout = seconds("timeout", &check.timeout, TIMEOUT, 2, 60);
    let start_period = seconds("start_period", &check.start_period, 0, 0, 300);
    let retries = match check.retries {
        None => RETRIES,
        Some(given) => clamp(name, "retries", &given.map(f64::from), 1, 10, sink),
    };
    Some(ContainerCheck { command: check.test.clone(), interval, timeout, retries, start_period })
}

fn clamp(name: &str, key: &str, given: &Spanned<f64>, least: u32, most: u32, sink: &mut Sink) -> u32 {
    let rounded = whole(given.value).clamp(least, most);
    if f64::from(rounded) != given.value {
        sink.push(
            Diagnostic::info(
                codes::HEALTH_CLAMPED,
                format!("`healthcheck.{key}` of `{name}` is {rounded} on ECS, not {}", given.value),
            )
            .label(given.span, format!("ECS takes whole numbers from {least} to {most}")),
        );
    }
    rounded
}

/// Returns a number rounded up to a whole one; nonsense becomes 0.
pub(crate) fn whole(value: f64) -> u32 {
    if value.is_finite() && value > 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and cut to the range before"
        )]
        let number = value.ceil().min(f64::from(u32::MAX)) as u32;
        number
    } else {
        0
    }
}
