//! Conditions of listener rules.

use std::net::IpAddr;

use http::HeaderMap;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::properties;
use super::wildcard;
use crate::realiser::Failure;

/// What conditions look at.
pub(super) struct Facts<'a> {
    /// Request method.
    pub(super) method: &'a str,
    /// Host header without port.
    pub(super) host: &'a str,
    /// Path without query.
    pub(super) path: &'a str,
    /// Query without question mark.
    pub(super) query: &'a str,
    /// All headers.
    pub(super) headers: &'a HeaderMap,
    /// Who connected.
    pub(super) source: IpAddr,
}

/// A condition (ELBv2 API reference, `RuleCondition`): one of its values must match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Condition {
    /// Case-sensitive, with wildcards.
    Path(Vec<String>),
    /// Case-insensitive, with wildcards.
    Host(Vec<String>),
    /// Header name, then values as for hosts.
    Header(String, Vec<String>),
    /// Exact.
    Method(Vec<String>),
    /// Key (any when `None`) and value, as for hosts.
    Query(Vec<(Option<String>, String)>),
    /// CIDR blocks.
    Source(Vec<String>),
}

impl Condition {
    /// Reads one entry of `Conditions`.
    pub(super) fn read(value: &Value) -> Result<Condition, Failure> {
        let field = properties::required(value, "Field")?;
        let config = |name: &str| -> Result<Vec<String>, Failure> {
            if !properties::list(&value[name], "RegexValues").is_empty()
                || !properties::list(value, "RegexValues").is_empty()
            {
                return Err(Failure(format!(
                    "`RegexValues` of a {field} condition cannot be realised on this machine; use `Values` with wildcards"
                )));
            }
            let mut values = properties::texts(&value[name], "Values");
            values.extend(properties::texts(value, "Values"));
            if values.is_empty() {
                return Err(Failure(format!(
                    "A condition value must be specified (ELBv2 ValidationError; condition {field})"
                )));
            }
            Ok(values)
        };
        Ok(match field.as_str() {
            "path-pattern" => Condition::Path(config("PathPatternConfig")?),
            "host-header" => Condition::Host(config("HostHeaderConfig")?),
            "http-request-method" => Condition::Method(config("HttpRequestMethodConfig")?),
            "source-ip" => {
                let ranges = config("SourceIpConfig")?;
                for range in &ranges {
                    if parse_range(range).is_none() {
                        return Err(Failure(format!(
                            "The CIDR block '{range}' of a source-ip condition is not valid"
                        )));
                    }
                }
                Condition::Source(ranges)
            }
            "http-header" => Condition::Header(
                properties::required(&value["HttpHeaderConfig"], "HttpHeaderName")?,
                config("HttpHeaderConfig")?,
            ),
            "query-string" => {
                let pairs: Vec<_> = properties::list(&value["QueryStringConfig"], "Values")
                    .iter()
                    .filter_map(|pair| {
                        Some((properties::text(pair, "Key"), properties::text(pair, "Value")?))
                    })
                    .collect();
                if pairs.is_empty() {
                    return Err(Failure(
                        "A condition value must be specified (ELBv2 ValidationError; condition query-string)"
                            .to_owned(),
                    ));
                }
                Condition::Query(pairs)
            }
            other => return Err(Failure(format!("Condition field '{other}' is not one of ELB's"))),
        })
    }

    /// Returns true when the request fits.
    pub(super) fn matches(&self, facts: &Facts<'_>) -> bool {
        match self {
            Condition::Path(values) => values.iter().any(|value| wildcard::matches(value, facts.path, false)),
            Condition::Host(values) => values.iter().any(|value| wildcard::matches(value, facts.host, true)),
            Condition::Method(values) => values.iter().any(|value| value == facts.method),
            Condition::Header(name, values) => facts.headers.get_all(name.as_str()).iter().any(|header| {
                let header = String::from_utf8_lossy(header.as_bytes());
                values.iter().any(|value| wildcard::matches(value, &header, true))
            }),
            Condition::Query(pairs) => facts.query.split('&').any(|part| {
                let (key, text) = part.split_once('=').unwrap_or((part, ""));
                pairs.iter().any(|(wanted, value)| {
                    wanted.as_ref().is_none_or(|wanted| wildcard::matches(wanted, key, true))
                        && wildcard::matches(value, text, true)
                })
            }),
            Condition::Source(ranges) => ranges.iter().any(|range| in_range(range, facts.source)),
        }
    }
}

fn parse_range(range: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = range.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let length: u8 = length.parse().ok()?;
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

fn in_range(range: &str, source: IpAddr) -> bool {
    match (parse_range(range), source) {
        (Some((IpAddr::V4(net), length)), IpAddr::V4(source)) => {
            let shift = 32 - u32::from(length);
            u32::from(net).checked_shr(shift) == u32::from(source).checked_shr(shift)
        }
        (Some((IpAddr::V6(net), length)), IpAddr::V6(source)) => {
            let shift = 128 - u32::from(length);
            u128::from(net).checked_shr(shift) == u128::from(source).checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let table = [
            ("127.0.0.0/8", "127.0.0.1", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("10.0.0.0/24", "10.0.1.1", false),
            ("10.0.0.7/32", "10.0.0.7", true),
            ("::/0", "::1", true),
            ("0.0.0.0/0", "::1", false),
        ];
        for (range, source, expected) in table {
            assert_eq!(in_range(range, source.parse().unwrap()), expected, "{source} in {range}");
        }
    }
}
