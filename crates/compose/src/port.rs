//! Published ports (specification: 05-services.md, "ports").

use std::ops::RangeInclusive;

/// A short form that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    /// Address it is published on.
    pub(crate) host_ip: Option<String>,
    /// Published ports.
    pub(crate) published: Option<RangeInclusive<u16>>,
    /// Container ports.
    pub(crate) target: RangeInclusive<u16>,
    /// `tcp` or `udp`.
    pub(crate) protocol: String,
}

/// Reads `[[ip:][published]:]target[/protocol]`.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn short(text: &str) -> Result<Short, String> {
    let (ports, protocol) = match text.split_once('/') {
        Some((ports, protocol)) => (ports, protocol.to_ascii_lowercase()),
        None => (text, "tcp".to_owned()),
    };
    if !matches!(protocol.as_str(), "tcp" | "udp") {
        return Err(format!("`{protocol}` is not a protocol; expected `tcp` or `udp`"));
    }
    let (before, target) = match ports.rsplit_once(':') {
        Some((before, target)) => (Some(before), target),
        None => (None, ports),
    };
    let target = range_of(target)?;
    let (host_ip, published) = match before {
        None => (None, None),
        // An IPv6 address stands in brackets, or has colons of its own.
        Some(before) => match before.rsplit_once(':') {
            Some((ip, published)) => {
                let ip = ip.trim_start_matches('[').trim_end_matches(']');
                if ip.parse::<std::net::IpAddr>().is_err() {
                    return Err(format!("`{ip}` is not an IP address"));
                }
                (Some(ip.to_owned()), (!published.is_empty()).then(|| range_of(published)).transpose()?)
            }
            None if before.parse::<std::net::Ipv4Addr>().is_ok() => (Some(before.to_owned()), None),
            None => (None, Some(range_of(before)?)),
        },
    };
    if let Some(published) = &published {
        let (outside, inside) = (published.len(), target.len());
        // A range published for one port means "any free one of these".
        if outside != inside && inside != 1 {
            return Err(format!("{outside} published ports for {inside} container ports"));
        }
    }
    Ok(Short { host_ip, published, target, protocol })
}

/// Reads a port or a range of ports.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if !matches!(protocol, "tcp" | "udp") {
        return Err(format!("`{protocol}` is not a protocol; expected `tcp` or `udp`"));
    }
    range_of(ports)
}

fn range_of(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    if first > last {
        return Err(format!("the range `{text}` ends before it starts"));
    }
    Ok(first..=last)
}

fn number(text: &str) -> Result<u16, String> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{text}` is not a port"));
    }
    match text.parse::<u16>() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!("{text} is out of range, ports go from 1 to 65535")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let read = |ip: Option<&str>, published, target, protocol: &str| Short {
            host_ip: ip.map(ToOwned::to_owned),
            published,
            target,
            protocol: protocol.to_owned(),
        };
        for (text, expected) in [
            ("3000", read(None, None, 3000..=3000, "tcp")),
            ("3000-3005", read(None, None, 3000..=3005, "tcp")),
            ("8000:80", read(None, Some(8000..=8000), 80..=80, "tcp")),
            ("9090-9091:8080-8081", read(None, Some(9090..=9091), 8080..=8081, "tcp")),
            ("8000-9000:80", read(None, Some(8000..=9000), 80..=80, "tcp")),
            ("127.0.0.1:8001:8001", read(Some("127.0.0.1"), Some(8001..=8001), 8001..=8001, "tcp")),
            ("127.0.0.1::5000", read(Some("127.0.0.1"), None, 5000..=5000, "tcp")),
            ("127.0.0.1:5000", read(Some("127.0.0.1"), None, 5000..=5000, "tcp")),
            ("[::1]:6001:6001", read(Some("::1"), Some(6001..=6001), 6001..=6001, "tcp")),
            ("6060:6060/udp", read(None, Some(6060..=6060), 6060..=6060, "udp")),
        ] {
            assert_eq!(short(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn wrong_forms() {
        for text in [
            "",
            "x",
            "70000",
            "0",
            "80:",
            ":80:",
            "1.2.3:80:80",
            "10-5",
            "80/sctp2",
            "1-2:1-3",
            "-1",
            "8o:80",
            "a:b:c:d",
        ] {
            assert!(short(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[0-9:\\-/a\\[\\].]{0,20}") {
            let _ = short(&text);
        }
    }
}
