//! Keys that contradict each other (specification: 05-services.md, 06-networks.md to 09-secrets.md).

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::Span;
use seaway_diag::nearest;
use seaway_yaml::Entry;
use seaway_yaml::Map;
use seaway_yaml::Node;

use crate::codes;
use crate::scalar;

/// An older key of a service, the path of the newer one, and whether two values are the same.
type Older = (&'static str, &'static [&'static str], fn(&str, &str) -> bool);

const OLDER: &[Older] = &[
    ("scale", &["deploy", "replicas"], |a, b| scalar::whole(a) == scalar::whole(b)),
    ("cpus", &["deploy", "resources", "limits", "cpus"], |a, b| scalar::amount(a) == scalar::amount(b)),
    ("mem_limit", &["deploy", "resources", "limits", "memory"], |a, b| scalar::bytes(a) == scalar::bytes(b)),
    ("mem_reservation", &["deploy", "resources", "reservations", "memory"], |a, b| {
        scalar::bytes(a) == scalar::bytes(b)
    }),
    ("pids_limit", &["deploy", "resources", "limits", "pids"], |a, b| a.parse::<f64>() == b.parse::<f64>()),
];

const PULL_POLICIES: [&str; 8] =
    ["always", "never", "missing", "if_not_present", "build", "daily", "weekly", "refresh"];

/// Checks the merged tree.
pub(crate) fn check(root: &Node, sink: &mut Sink) {
    let Some(root) = root.as_map() else {
        return;
    };
    for entry in section(root, "services") {
        if let Some(map) = entry.value.as_map() {
            service(&entry.key.text, map, sink);
        }
    }
    for (kind, name) in
        [("volume", "volumes"), ("network", "networks"), ("secret", "secrets"), ("config", "configs")]
    {
        for entry in section(root, name) {
            if let Some(map) = entry.value.as_map() {
                external(kind, &entry.key.text, map, sink);
            }
        }
    }
}

fn section<'a>(root: &'a Map, name: &str) -> impl Iterator<Item = &'a Entry> {
    root.get(name).and_then(Node::as_map).into_iter().flatten()
}

fn below<'a>(map: &'a Map, path: &[&str]) -> Option<&'a Node> {
    let (last, above) = path.split_last()?;
    let mut map = map;
    for key in above {
        map = map.get(key)?.as_map()?;
    }
    map.get(last)
}

fn service(name: &str, map: &Map, sink: &mut Sink) {
    for (older, path, same) in OLDER {
        if let (Some(old), Some(new)) = (map.get(older), below(map, path))
            && let (Some(a), Some(b)) = (old.as_str(), new.as_str())
            && !same(a, b)
        {
            let newer = path.join(".");
            sink.push(
                Diagnostic::error(
                    codes::CONFLICT,
                    format!("service `{name}`: `{older}` and `{newer}` say different things"),
                )
                .label(old.span, "this is the older name")
                .context(new.span, "of the same")
                .help(format!("keep `{newer}`")),
            );
        }
    }
    let replicas = below(map, &["deploy", "replicas"]).or(map.get("scale"));
    if let (Some(container), Some(replicas)) = (map.get("container_name"), replicas)
        && replicas.as_str().and_then(scalar::whole).is_some_and(|count| count > 1)
    {
        sink.push(
            Diagnostic::error(
                codes::CONFLICT,
                format!("service `{name}` has a `container_name`, but more than one container"),
            )
            .label(container.span, "a name can be given once")
            .context(replicas.span, "this many are wanted")
            .help("remove `container_name`"),
        );
    }
    if let Some(policy) = map.get("pull_policy")
        && let Some(text) = policy.as_str()
    {
        pull_policy(name, text, policy.span, sink);
    }
    let requests = [&["gpus"][..], &["deploy", "resources", "reservations", "devices"]];
    for request in requests.into_iter().filter_map(|path| below(map, path)?.as_seq()).flatten() {
        if let Some(request) = request.as_map()
            && let (Some(count), Some(ids)) = (request.entry("count"), request.entry("device_ids"))
        {
            sink.push(
                Diagnostic::error(
                    codes::CONFLICT,
                    format!("service `{name}`: `count` and `device_ids` exclude each other"),
                )
                .label(count.key.span, "how many, of any")
                .context(ids.key.span, "which, by their names")
                .help("remove one of the two"),
            );
        }
    }
    for port in map.get("ports").and_then(Node::as_seq).unwrap_or_default() {
        if let Some(ip) = port.as_map().and_then(|port| port.get("host_ip"))
            && ip.as_str().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_err())
        {
            sink.push(
                Diagnostic::error(
                    codes::PORT_INVALID,
                    format!("service `{name}`: `host_ip` is not an IP address"),
                )
                .label(ip.span, "expected an address of this machine")
                .help("write an address such as `127.0.0.1`, or remove the key"),
            );
        }
    }
}

fn pull_policy(name: &str, text: &str, span: Span, sink: &mut Sink) {
    let every = text.strip_prefix("every_").is_some_and(|period| scalar::duration(period).is_some());
    if every || PULL_POLICIES.contains(&text) {
        return;
    }
    let finding = Diagnostic::error(
        codes::VALUE_INVALID,
        format!("service `{name}`: `{text}` is not a policy for pulling"),
    )
    .label(span, "not one of the allowed values")
    .help("allowed: `always`, `never`, `missing`, `build`, `daily`, `weekly`, `every_12h`");
    sink.push(match nearest(text, PULL_POLICIES) {
        Some(policy) => finding.fix(span, policy),
        None => finding,
    });
}

/// What is external is described elsewhere: beside `external` only `name` means something.
fn external(kind: &str, name: &str, map: &Map, sink: &mut Sink) {
    let Some(external) = map.entry("external") else {
        return;
    };
    let given =
        external.value.as_map().is_some() || external.value.as_str().and_then(scalar::boolean) == Some(true);
    if !given {
        return;
    }
    for entry in map {
        let key = entry.key.text.as_str();
        // More than one source is reported with the other sources.
        let source = matches!(key, "file" | "environment" | "content");
        if matches!(key, "external" | "name") || key.starts_with("x-") || source {
            continue;
        }
        sink.push(
            Diagnostic::error(
                codes::CONFLICT,
                format!("the {kind} `{name}` is external, so `{key}` cannot be given"),
            )
            .label(entry.key.span, "has no effect on what is there already")
            .context(external.key.span, "it is external")
            .help(format!("remove `{key}`, or `external`")),
        );
    }
}
