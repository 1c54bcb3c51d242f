//! Ports.

use seaway_diag::Span;
use serde::Serialize;
use serde::Serializer;

use crate::Extensions;

/// One entry of `ports`, ranges expanded.
#[derive(Clone, Debug)]
pub struct Port {
    /// Place of the entry.
    pub span: Span,
    /// Container port.
    pub target: u16,
    /// Published port, where one is named; of a range the first that may be used.
    pub published: Option<u16>,
    /// Last port that may be used where a range is published for one container port.
    pub published_to: Option<u16>,
    /// Address it is published on.
    pub host_ip: Option<String>,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// `app_protocol`, such as `http`.
    pub app_protocol: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `mode`: `ingress` or `host`, where given.
    pub mode: Option<String>,
    /// `x-…` keys.
    pub extensions: Extensions,
}

#[derive(Serialize)]
struct Out<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    mode: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_ip: Option<&'a str>,
    target: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    protocol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_protocol: Option<&'a str>,
    #[serde(flatten)]
    extensions: &'a Extensions,
}

impl Serialize for Port {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let published = match (self.published, self.published_to) {
            (Some(from), Some(to)) => Some(format!("{from}-{to}")),
            (from, _) => from.map(|port| port.to_string()),
        };
        Out {
            name: self.name.as_deref(),
            // The default of the specification.
            mode: self.mode.as_deref().unwrap_or("ingress"),
            host_ip: self.host_ip.as_deref(),
            target: self.target,
            published,
            protocol: &self.protocol,
            app_protocol: self.app_protocol.as_deref(),
            extensions: &self.extensions,
        }
        .serialize(serializer)
    }
}

/// One port of `expose`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Place of the entry.
    pub span: Span,
    /// Container port.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// Serialises as `53/udp`, without the protocol where it is `tcp`.
impl Serialize for Exposed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.protocol.as_str() {
            "tcp" => serializer.serialize_str(&self.port.to_string()),
            protocol => serializer.serialize_str(&format!("{}/{protocol}", self.port)),
        }
    }
}
