//! What the templates define, as it is kept on disk.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::action::Action;
use super::condition::Condition;
use super::properties;
use crate::realiser::Failure;

/// Everything, by ARN.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Definitions {
    /// Load balancers.
    pub(super) load_balancers: BTreeMap<String, LoadBalancer>,
    /// Listeners.
    pub(super) listeners: BTreeMap<String, Listener>,
    /// Rules.
    pub(super) rules: BTreeMap<String, Rule>,
    /// Target groups.
    pub(super) target_groups: BTreeMap<String, TargetGroup>,
}

/// A load balancer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LoadBalancer {
    /// Name.
    pub(super) name: String,
    /// Local port of its address: the port-80 listener, or else the first one.
    pub(super) port: u16,
    /// Seconds that a connection may be silent (`idle_timeout.timeout_seconds`).
    pub(super) idle_timeout: u64,
}

/// A listener.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Listener {
    /// ARN of its load balancer.
    pub(super) load_balancer: String,
    /// Port in the template.
    pub(super) port: u16,
    /// `HTTP` or `HTTPS`.
    pub(super) protocol: String,
    /// Port on this machine.
    pub(super) local_port: u16,
    /// What happens when no rule matches.
    pub(super) default: Action,
}

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    /// ARN of its listener.
    pub(super) listener: String,
    /// Priority.
    pub(super) priority: u32,
    /// All must match.
    pub(super) conditions: Vec<Condition>,
    /// What happens then.
    pub(super) action: Action,
}

/// A target group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TargetGroup {
    /// Name.
    pub(super) name: String,
    /// Health check and attributes.
    pub(super) settings: Settings,
}

/// What an update of a target group can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    /// Health check.
    pub(super) check: Check,
    /// `deregistration_delay.timeout_seconds`.
    pub(super) delay: u64,
    /// Stickiness.
    pub(super) sticky: Sticky,
    /// `load_balancing.algorithm.type` is `least_outstanding_requests`.
    pub(super) least_outstanding: bool,
}

/// Stickiness of a target group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sticky {
    /// None.
    Off,
    /// The load balancer's own cookie lives so many seconds.
    Cookie(u64),
    /// As long as this cookie of the application, at most so many seconds.
    Application(String, u64),
}

/// A health check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Check {
    /// Path with query.
    pub(super) path: String,
    /// Seconds between checks.
    pub(super) interval: u64,
    /// Seconds to wait for an answer.
    pub(super) timeout: u64,
    /// Successes that make an unhealthy target healthy.
    pub(super) healthy: u32,
    /// Failures that make a healthy target unhealthy.
    pub(super) unhealthy: u32,
    /// Ranges of status codes that are a success.
    pub(super) codes: Vec<(u16, u16)>,
}

impl Check {
    /// Returns how long checks are apart.
    pub(super) fn interval(&self) -> Duration {
        Duration::from_secs(self.interval)
    }

    /// Returns true for a status code of the matcher.
    pub(super) fn passes(&self, code: u16) -> bool {
        self.codes.iter().any(|(low, high)| (*low..=*high).contains(&code))
    }
}

impl Settings {
    /// Reads the properties of an `AWS::ElasticLoadBalancingV2::TargetGroup`; defaults are those
    /// of ELBv2 CreateTargetGroup for target type `ip`.
    pub(super) fn read(given: &Value) -> Result<Settings, Failure> {
        refuse(given)?;
        let interval = properties::number(given, "HealthCheckIntervalSeconds")?.unwrap_or(30);
        let timeout = properties::number(given, "HealthCheckTimeoutSeconds")?.unwrap_or(5);
        if timeout > interval {
            return Err(Failure("Health check timeout must be smaller than the interval".to_owned()));
        }
        let healthy = properties::number(given, "HealthyThresholdCount")?.unwrap_or(5);
        let unhealthy = properties::number(given, "UnhealthyThresholdCount")?.unwrap_or(2);
        // ELB's lower bounds are not needed here; the upper ones keep times within what can be added.
        for (name, value, most) in [
            ("interval seconds", interval, 300),
            ("timeout seconds", timeout, 120),
            ("healthy threshold", u64::from(healthy), 10),
            ("unhealthy threshold", u64::from(unhealthy), 10),
        ] {
            if value > most {
                return Err(Failure(format!("Health check {name} '{value}' must be at most {most}")));
            }
        }
        let attribute = |key: &str| properties::attribute(given, "TargetGroupAttributes", key);
        let seconds = |key: &str, default: u64| match attribute(key) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                Failure(format!("Target group attribute {key} is `{text}`, which is no number of seconds"))
            }),
        };
        let sticky =
            match (attribute("stickiness.enabled").as_deref(), attribute("stickiness.type").as_deref()) {
                (Some("true"), Some("app_cookie")) => Sticky::Application(
                    attribute("stickiness.app_cookie.cookie_name")
                        .ok_or_else(|| Failure("stickiness.app_cookie.cookie_name is missing".to_owned()))?,
                    seconds("stickiness.app_cookie.duration_seconds", 86_400)?,
                ),
                (Some("true"), None | Some("lb_cookie")) => {
                    Sticky::Cookie(seconds("stickiness.lb_cookie.duration_seconds", 86_400)?)
                }
                (Some("true"), Some(other)) => {
                    return Err(Failure(format!(
                        "Stickiness type '{other}' is not supported for an application load balancer"
                    )));
                }
                _ => Sticky::Off,
            };
        Ok(Settings {
            check: Check {
                path: properties::text(given, "HealthCheckPath").unwrap_or_else(|| "/".to_owned()),
                interval,
                timeout,
                healthy,
                unhealthy,
                codes: read_matcher(
                    properties::text(&given["Matcher"], "HttpCode").as_deref().unwrap_or("200"),
                )?,
            },
            delay: seconds("deregistration_delay.timeout_seconds", 300)?,
            sticky,
            least_outstanding: attribute("load_balancing.algorithm.type").as_deref()
                == Some("least_outstanding_requests"),
        })
    }
}

/// Says what this machine cannot do, instead of doing something else.
fn refuse(given: &Value) -> Result<(), Failure> {
    let text = |name: &str| properties::text(given, name);
    let unsupported = |what: String| {
        Err(Failure(format!(
            "{what} cannot be realised on this machine: targets are reached by plain HTTP/1.1"
        )))
    };
    for name in ["Protocol", "HealthCheckProtocol"] {
        if let Some(protocol) = text(name).filter(|protocol| protocol != "HTTP") {
            return unsupported(format!("{name} {protocol} of a target group"));
        }
    }
    if let Some(version) = text("ProtocolVersion").filter(|version| version != "HTTP1") {
        return unsupported(format!("ProtocolVersion {version} of a target group"));
    }
    if text("TargetType").as_deref() == Some("lambda") {
        return unsupported("TargetType lambda".to_owned());
    }
    match text("HealthCheckPort") {
        Some(port) if port != "traffic-port" && Some(&port) != text("Port").as_ref() => {
            Err(Failure(format!(
                "HealthCheckPort {port} cannot be realised on this machine: only the traffic port of a container is published"
            )))
        }
        _ => Ok(()),
    }
}

/// Reads a matcher such as `200-299,301`.
fn read_matcher(text: &str) -> Result<Vec<(u16, u16)>, Failure> {
    text.split(',')
        .map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
        })
        .map(|range| range.filter(|(low, high)| (200..=599).contains(low) && low <= high && *high <= 599))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Failure(format!("Health check matcher HTTP code '{text}' must be within '200-499'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_would_overflow_are_refused() {
        let read = |name: &str, value: u64| {
            let mut given = serde_json::json!({"HealthCheckTimeoutSeconds": 1});
            given[name] = value.into();
            Settings::read(&given).map_err(|failure| failure.0)
        };
        assert!(read("HealthCheckIntervalSeconds", 300).is_ok());
        let refused = read("HealthCheckIntervalSeconds", 1 << 60).unwrap_err();
        assert_eq!(refused, format!("Health check interval seconds '{}' must be at most 300", 1_u64 << 60));
        assert!(read("UnhealthyThresholdCount", 11).is_err());
    }

    #[test]
    fn matchers() {
        type Row = (&'static str, Option<&'static [(u16, u16)]>);
        let table: [Row; 6] = [
            ("200", Some(&[(200, 200)])),
            ("200-299,301", Some(&[(200, 299), (301, 301)])),
            ("200, 404", Some(&[(200, 200), (404, 404)])),
            ("", None),
            ("299-200", None),
            ("20x", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_matcher(text).ok().as_deref(), expected, "{text}");
        }
    }
}
