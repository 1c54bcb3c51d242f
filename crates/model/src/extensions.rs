//! Which `x-` keys there are: ours that work, ours that come later, and the near misses.

use seaway_compose::Extension;
use seaway_compose::Extensions;
use seaway_compose::Project;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;

use crate::codes;
use crate::section::listed;

/// Resource modules that there is a kind for, in the order in which they are placed: keys and
/// queues before what sends to them.
pub const MODULES: &[&str] = &[
    "x-kms",
    "x-sqs",
    "x-sns",
    "x-s3",
    "x-dynamodb",
    "x-ssm_parameter",
    "x-kinesis",
    "x-rds",
    "x-docdb",
    "x-neptune",
    "x-elasticache",
    "x-opensearch",
    "x-cognito_userpool",
    "x-aps",
    "x-codeguru_profiler",
    "x-ecr",
    "x-alarms",
];

/// Top-level keys that are read; resource modules are, too.
const TOP: &[&str] = &["x-environments", "x-accounts", "x-tags"];
/// Top-level keys of the design that come later: without them the application would lack
/// something, so they stop it.
const TOP_LATER: &[&str] = &[
    "x-efs",
    "x-kinesis_firehose",
    "x-elbv2",
    "x-vpc",
    "x-cluster",
    "x-events",
    "x-dashboards",
    "x-acm",
    "x-route53",
    "x-cloudmap",
    "x-wafv2_webacl",
    "x-secrets",
];
/// Keys that will never be read: what to use instead.
const REFUSED: &[(&str, &str)] = &[(
    "x-appmesh",
    "AWS App Mesh ended on 30 September 2026; services of an environment reach each other by name through ECS Service Connect, without any key",
)];
/// Top-level keys that come later and that no environment needs: a warning is enough.
const TOP_ASIDE: &[&str] = &["x-pipelines", "x-flow"];
/// Keys of a service that are read.
const SERVICE: &[&str] = &["x-job", "x-task", "x-routes", "x-rollout", "x-ecs", "x-iam"];
/// Keys of a service that come later.
const SERVICE_LATER: &[&str] = &[
    "x-instance",
    "x-backup",
    "x-scaling",
    "x-network",
    "x-logging",
    "x-alarms",
    "x-xray",
    "x-prometheus",
    "x-monitoring",
    "x-ecr",
    "x-environment",
];

/// Reports `x-` keys that come later and those that look like a slip; all others pass: they
/// belong to somebody else.
pub(crate) fn check(project: &Project, sink: &mut Sink) {
    let top: Vec<&str> = TOP.iter().chain(MODULES).copied().collect();
    check_level(&project.extensions, "at the top level", (&top, TOP_LATER, TOP_ASIDE), SERVICE, sink);
    for (name, service) in &project.services {
        let place = format!("in service `{name}`");
        check_level(&service.extensions, &place, (SERVICE, SERVICE_LATER, &[]), &top, sink);
    }
    for (name, secret) in &project.secrets {
        let place = format!("in secret `{name}`");
        check_level(&secret.extensions, &place, (&["x-secrets"], &[], &[]), &[], sink);
    }
}

/// Top-level keys up to this length (`x-app`, a usual place for an anchor) are near to many others;
/// they need the shape of a module, too.
const SHORT: usize = 6;

type Known<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str]);

fn check_level(extensions: &Extensions, place: &str, known: Known<'_>, elsewhere: &[&str], sink: &mut Sink) {
    let (here, later, aside) = known;
    for (key, extension) in extensions {
        let name = key.as_str();
        let span = extension.key_span;
        if here.contains(&name) {
            continue;
        }
        if let Some((_, instead)) = REFUSED.iter().find(|(key, _)| *key == name) {
            sink.push(
                Diagnostic::error(codes::NOT_ON_ECS, format!("`{name}` is not supported"))
                    .label(span, "nothing would come of this key")
                    .note(*instead)
                    .help("take it out"),
            );
        } else if later.contains(&name) {
            sink.push(
                Diagnostic::error(codes::NOT_YET, format!("`{name}` {place} is not supported yet"))
                    .label(span, "nothing would come of this key")
                    .note("leaving it out silently would give an application that lacks it")
                    .help(format!("supported {place} are {}", listed(here))),
            );
        } else if aside.contains(&name) {
            sink.push(
                Diagnostic::warning(codes::NOT_YET, format!("`{name}` is not acted on yet"))
                    .label(span, "read by a later version")
                    .note("the environments themselves do not need it"),
            );
        } else if elsewhere.contains(&name) {
            sink.push(
                Diagnostic::error(codes::UNKNOWN_EXTENSION, format!("`{name}` has no meaning {place}"))
                    .label(span, "stands at the wrong level")
                    .help(if elsewhere.contains(&"x-environments") {
                        "move it to the top level of the file"
                    } else {
                        "move it into a service"
                    }),
            );
        } else if let Some(near) = nearest(name, here.iter().chain(later).chain(aside).copied())
            && (!here.contains(&"x-environments") || name.len() > SHORT || looks_like_a_module(extension))
        {
            sink.push(
                Diagnostic::error(codes::UNKNOWN_EXTENSION, format!("unknown key `{name}` {place}"))
                    .label(span, "looks like one of Seaway's keys, but is not")
                    .note("keys of other tools pass; this one is so near that it must be a slip")
                    .help(format!("did you mean `{near}`? if it only holds an anchor, give it another name"))
                    .fix(span, near),
            );
        }
    }
}

/// Returns true when an entry has the shape of a resource.
fn looks_like_a_module(extension: &Extension) -> bool {
    let keys = ["Properties", "MacroParameters", "Settings", "Lookup", "Services"];
    extension.node.as_map().is_some_and(|map| {
        map.iter()
            .filter_map(|entry| entry.value.as_map())
            .any(|inner| keys.iter().any(|key| inner.get(key).is_some()))
    })
}
