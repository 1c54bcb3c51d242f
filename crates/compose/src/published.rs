//! Ports that are published twice.

use std::collections::BTreeMap;

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;

use crate::Project;
use crate::codes;

/// Address (`None` for all), service and place of a port that is published already.
type Taken<'a> = (Option<&'a str>, &'a str, Span);

/// Two services cannot listen on one port of one address.
pub(crate) fn check(project: &Project, sink: &mut Sink) {
    let mut first: BTreeMap<(u16, &str), Vec<Taken<'_>>> = BTreeMap::new();
    for (name, service) in &project.services {
        for port in &service.ports {
            let Some(published) = port.published else {
                continue;
            };
            if let Some(mode) = port.mode.as_deref().filter(|mode| !matches!(*mode, "ingress" | "host")) {
                // ECS ComposeX's `awsvpc`: published by the task's own address, not by the host's.
                sink.push(
                    Diagnostic::warning(codes::VALUE_INVALID, format!("`{mode}` is not a mode of a port"))
                        .label(port.span, "`docker compose` refuses this mode")
                        .help("remove `mode`, or write `ingress` or `host`"),
                );
                continue;
            }
            let ip = port.host_ip.as_deref().filter(|ip| *ip != "0.0.0.0" && *ip != "::");
            let taken = first.entry((published, port.protocol.as_str())).or_default();
            let clash = taken.iter().find(|(other, ..)| other.is_none() || ip.is_none() || *other == ip);
            if let Some((_, other, span)) = clash {
                let whose = if *other == name { "twice".to_owned() } else { format!("by `{other}` too") };
                sink.push(
                    Diagnostic::error(
                        codes::PORT_TWICE,
                        format!("port {published} of service `{name}` is published {whose}"),
                    )
                    .label(port.span, "published again here")
                    .context(*span, "first published here")
                    .note("only one container can listen on a port of the host")
                    .help(
                        "publish another port, or only the container port: `\"80\"` instead of `\"80:80\"`",
                    ),
                );
            } else {
                taken.push((ip, name, port.span));
            }
        }
    }
}
