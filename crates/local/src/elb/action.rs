//! Actions of listeners and rules.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::properties;
use crate::realiser::Failure;

/// What happens with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Action {
    /// Goes to a target group.
    Forward {
        /// ARN and weight (0–999).
        groups: Vec<(String, u32)>,
        /// Seconds of target group stickiness.
        sticky: Option<u64>,
    },
    /// Is sent elsewhere.
    Redirect(Redirect),
    /// Gets an answer from the load balancer itself.
    Fixed {
        /// Status code.
        status: u16,
        /// Content type.
        content_type: String,
        /// Body.
        body: String,
    },
}

/// A redirect; parts may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Redirect {
    pub(super) protocol: String,
    pub(super) host: String,
    pub(super) port: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) status: u16,
}

/// The request, as a redirect sees it.
pub(super) struct Origin<'a> {
    pub(super) protocol: &'a str,
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

impl Action {
    /// Reads `Actions` or `DefaultActions`: the last one decides, those before could only be
    /// authentication.
    pub(super) fn read(properties_of: &Value, name: &str) -> Result<Action, Failure> {
        let mut actions: Vec<&Value> = properties::list(properties_of, name).iter().collect();
        actions.sort_by_key(|action| properties::number::<u32>(action, "Order").ok().flatten());
        if let Some(before) = actions.iter().rev().nth(1) {
            return Err(unsupported(before));
        }
        let action = actions
            .pop()
            .ok_or_else(|| Failure(format!("Actions for the {name} property must be specified")))?;
        match properties::required(action, "Type")?.as_str() {
            "forward" => read_forward(action),
            "redirect" => read_redirect(&action["RedirectConfig"]),
            "fixed-response" => {
                let config = &action["FixedResponseConfig"];
                let status = properties::number(config, "StatusCode")?
                    .filter(|code| (200..600).contains(code))
                    .ok_or_else(|| {
                        Failure("The status code of a fixed response must be 2XX, 4XX or 5XX".to_owned())
                    })?;
                Ok(Action::Fixed {
                    status,
                    content_type: properties::text(config, "ContentType")
                        .unwrap_or_else(|| "text/plain".to_owned()),
                    body: properties::text(config, "MessageBody").unwrap_or_default(),
                })
            }
            _ => Err(unsupported(action)),
        }
    }

    /// Returns the ARNs of the target groups that it names.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let groups: &[(String, u32)] = match self {
            Action::Forward { groups, .. } => groups,
            _ => &[],
        };
        groups.iter().map(|(arn, _)| arn.as_str())
    }
}

fn unsupported(action: &Value) -> Failure {
    let kind = properties::text(action, "Type").unwrap_or_default();
    Failure(format!(
        "a listener action of type `{kind}` cannot be realised on this machine; leave it out in the \
         environment `local` with an overlay file"
    ))
}

fn read_forward(action: &Value) -> Result<Action, Failure> {
    let config = &action["ForwardConfig"];
    let mut groups = Vec::new();
    for tuple in properties::list(config, "TargetGroups") {
        let weight = properties::number(tuple, "Weight")?.unwrap_or(1);
        if weight > 999 {
            return Err(Failure(format!("Target group weight '{weight}' is not in the range 0-999")));
        }
        groups.push((properties::required(tuple, "TargetGroupArn")?, weight));
    }
    if groups.is_empty() {
        groups.push((properties::required(action, "TargetGroupArn")?, 1));
    }
    let sticky = &config["TargetGroupStickinessConfig"];
    let sticky = if properties::text(sticky, "Enabled").as_deref() == Some("true") {
        Some(properties::number(sticky, "DurationSeconds")?.unwrap_or(3600))
    } else {
        None
    };
    Ok(Action::Forward { groups, sticky })
}

fn read_redirect(config: &Value) -> Result<Action, Failure> {
    let part =
        |name: &str, default: &str| properties::text(config, name).unwrap_or_else(|| default.to_owned());
    let status = match properties::required(config, "StatusCode")?.as_str() {
        "HTTP_301" => 301,
        "HTTP_302" => 302,
        other => {
            return Err(Failure(format!("The redirect status code '{other}' must be HTTP_301 or HTTP_302")));
        }
    };
    Ok(Action::Redirect(Redirect {
        protocol: part("Protocol", "#{protocol}"),
        host: part("Host", "#{host}"),
        port: part("Port", "#{port}"),
        path: part("Path", "/#{path}"),
        // An empty query is a choice (drop it), a missing one keeps the request's.
        query: properties::scalar(&config["Query"]).unwrap_or_else(|| "#{query}".to_owned()),
        status,
    }))
}

impl Redirect {
    /// Returns the `Location`. A port at which the same load balancer listens becomes the local
    /// port and `http` of that listener (`local_port` answers), so that the usual redirect from
    /// port 80 to 443 arrives.
    pub(super) fn location(&self, origin: &Origin<'_>, local_port: impl Fn(u16) -> Option<u16>) -> String {
        let fill = |text: &str| {
            text.replace("#{protocol}", origin.protocol)
                .replace("#{host}", origin.host)
                .replace("#{port}", &origin.port.to_string())
                .replace("#{path}", origin.path.trim_start_matches('/'))
                .replace("#{query}", origin.query)
        };
        let mut protocol = fill(&self.protocol).to_ascii_lowercase();
        let mut port = fill(&self.port);
        if self.port != "#{port}"
            && let Some(local) = port.parse().ok().and_then(local_port)
        {
            "http".clone_into(&mut protocol);
            port = local.to_string();
        }
        let query = fill(&self.query);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{protocol}://{}:{port}{}{mark}{query}", fill(&self.host), fill(&self.path))
    }
}
