//! Wrong input: every finding has a code, a place, and help where there is a choice.

mod support;

use std::collections::BTreeSet;

use seaway_diag::Severity;
use seaway_model::codes;

/// Name, code, what stands at the place of the finding, environment, file.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    (
        "short near module",
        codes::UNKNOWN_EXTENSION,
        "x-sqq",
        "local",
        "services: {web: {image: a}}\nx-sqq: {q: {Properties: {}}}",
    ),
    (
        "near extension",
        codes::UNKNOWN_EXTENSION,
        "x-route",
        "local",
        "services: {web: {image: a, ports: ['80:80'], x-route: []}}",
    ),
    (
        "near top extension",
        codes::UNKNOWN_EXTENSION,
        "x-environment",
        "local",
        "services: {web: {image: a}}\nx-environment: {}",
    ),
    (
        "extension at the wrong level",
        codes::UNKNOWN_EXTENSION,
        "x-sqs",
        "local",
        "services: {web: {image: a, x-sqs: {}}}",
    ),
    ("job at the top", codes::UNKNOWN_EXTENSION, "x-job", "local", "services: {web: {image: a}}\nx-job: {}"),
    ("later module", codes::NOT_YET, "x-elbv2", "local", "services: {web: {image: a}}\nx-elbv2: {}"),
    ("later service key", codes::NOT_YET, "x-scaling", "local", "services: {web: {image: a, x-scaling: {}}}"),
    (
        "configs",
        codes::NOT_YET,
        "c",
        "local",
        "services: {web: {image: a, configs: [c]}}\nconfigs: {c: {content: x}}",
    ),
    (
        "unknown key",
        codes::UNKNOWN_KEY,
        "shedule",
        "local",
        "services: {j: {image: a, x-job: {shedule: '@daily'}}}",
    ),
    (
        "key twice",
        codes::UNKNOWN_KEY,
        "Schedule",
        "local",
        "services: {j: {image: a, x-job: {schedule: none, Schedule: none}}}",
    ),
    ("section is a list", codes::BAD_VALUE, "[1]", "local", "services: {j: {image: a, x-task: [1]}}"),
    ("bad word", codes::BAD_VALUE, "befor", "local", "services: {j: {image: a, x-task: {run: befor}}}"),
    (
        "bad number",
        codes::BAD_VALUE,
        "200",
        "local",
        "services: {j: {image: a, x-job: {schedule: none, retries: 200}}}",
    ),
    (
        "bad duration",
        codes::BAD_VALUE,
        "soon",
        "local",
        "services: {j: {image: a, x-job: {schedule: none, timeout: soon}}}",
    ),
    (
        "bad tag",
        codes::BAD_VALUE,
        "seaway:app",
        "local",
        "services: {web: {image: a}}\nx-tags: {'seaway:app': x}",
    ),
    (
        "undeclared environment",
        codes::UNKNOWN_ENVIRONMENT,
        "x-environments",
        "prd",
        "services: {web: {image: a}}\nx-environments: {prod: {}}",
    ),
    (
        "environment name",
        codes::BAD_ENVIRONMENT,
        "Prod_1",
        "local",
        "services: {web: {image: a}}\nx-environments: {Prod_1: {}}",
    ),
    (
        "kept environment name",
        codes::BAD_ENVIRONMENT,
        "pipeline",
        "local",
        "services: {web: {image: a}}\nx-environments: {pipeline: {}}",
    ),
    (
        "unknown account",
        codes::BAD_ENVIRONMENT,
        "produ",
        "local",
        "services: {web: {image: a}}\nx-accounts: {prod: '123456789012'}\nx-environments: {p: {account: produ}}",
    ),
    (
        "account id",
        codes::BAD_ENVIRONMENT,
        "12345",
        "local",
        "services: {web: {image: a}}\nx-accounts: {prod: '12345'}",
    ),
    (
        "region",
        codes::BAD_ENVIRONMENT,
        "Europe",
        "local",
        "services: {web: {image: a}}\nx-environments: {p: {region: Europe}}",
    ),
    (
        "network size",
        codes::BAD_ENVIRONMENT,
        "10.0.0.0/8",
        "local",
        "services: {web: {image: a}}\nx-environments: {p: {network: {cidr: 10.0.0.0/8}}}",
    ),
    (
        "network host bits",
        codes::BAD_ENVIRONMENT,
        "10.0.1.0/16",
        "local",
        "services: {web: {image: a}}\nx-environments: {p: {network: {cidr: 10.0.1.0/16}}}",
    ),
    (
        "networks overlap",
        codes::OVERLAPPING_CIDR,
        "10.5.0.0/20",
        "local",
        "services: {web: {image: a}}\nx-environments: {p: {network: {cidr: 10.5.0.0/16}}, q: {Vpc: {Cidr: 10.5.0.0/20}}}",
    ),
    (
        "capacity",
        codes::BAD_VALUE,
        "spot",
        "local",
        "services: {web: {image: a}}\nx-environments: {p: {capacity: spot}}",
    ),
    (
        "job and task",
        codes::WORKLOAD_KIND,
        "x-task",
        "local",
        "services: {j: {image: a, x-job: {}, x-task: {}}}",
    ),
    (
        "global mode",
        codes::WORKLOAD_KIND,
        "global",
        "local",
        "services: {j: {image: a, deploy: {mode: global}}}",
    ),
    (
        "several families",
        codes::TASK_GROUP,
        "a,b",
        "local",
        "services: {j: {image: a, labels: {ecs.task.family: 'a,b'}}}",
    ),
    (
        "port twice in a task",
        codes::TASK_GROUP,
        "b",
        "local",
        "services: {a: {image: a, expose: ['80']}, b: {image: a, expose: ['80'], network_mode: 'service:a'}}",
    ),
    (
        "too big",
        codes::SIZE_TOO_BIG,
        "'64'",
        "local",
        "services: {web: {image: a, deploy: {resources: {limits: {cpus: '64'}}}}}",
    ),
    (
        "stack name twice",
        codes::BAD_NAME,
        "eu-web",
        "prod",
        "services: {eu-web: {image: a}}\nx-environments: {prod: {}, prod-eu: {}}",
    ),
    (
        "no health to wait for",
        codes::DEPENDENCY,
        "b",
        "local",
        "services: {a: {image: a, network_mode: 'service:b', depends_on: {b: {condition: service_healthy}}}, b: {image: b}}",
    ),
    (
        "waits for a job",
        codes::DEPENDENCY,
        "b",
        "local",
        "services: {a: {image: a, depends_on: {b: {condition: service_completed_successfully}}}, b: {image: b, x-job: {schedule: none}}}",
    ),
    (
        "circle of tasks",
        codes::DEPENDENCY,
        "a",
        "local",
        "services: {a: {image: a, labels: {ecs.task.family: a}, depends_on: [b]}, b: {image: a, labels: {ecs.task.family: b}}, c: {image: a, labels: {ecs.task.family: b}, depends_on: [d]}, d: {image: a, labels: {ecs.task.family: a}}}",
    ),
    (
        "routes missing",
        codes::ROUTES_MISSING,
        "'81:81'",
        "local",
        "services: {a: {image: a, ports: ['80:80']}, b: {image: a, ports: ['81:81']}}",
    ),
    (
        "routes clash",
        codes::ROUTES_CLASH,
        "path: /x",
        "local",
        "services: {a: {image: a, ports: ['80:80'], x-routes: [{path: /x}]}, b: {image: a, ports: ['81:81'], x-routes: [{path: /x}]}}",
    ),
    (
        "published job",
        codes::PUBLISHED_PORT,
        "'80:80'",
        "local",
        "services: {j: {image: a, ports: ['80:80'], x-job: {schedule: none}}}",
    ),
    (
        "rollout of a task",
        codes::PUBLISHED_PORT,
        "x-rollout",
        "local",
        "services: {j: {image: a, x-task: {}, x-rollout: {}}}",
    ),
    (
        "route to nowhere",
        codes::BAD_ROUTE,
        "81",
        "local",
        "services: {a: {image: a, ports: ['81:80'], x-routes: [{path: /, port: 81}]}}",
    ),
    (
        "route without slash",
        codes::BAD_ROUTE,
        "path: api",
        "local",
        "services: {a: {image: a, ports: ['81:80'], x-routes: [{path: api}]}}",
    ),
    (
        "route with a scheme",
        codes::BAD_ROUTE,
        "https://x.org",
        "local",
        "services: {a: {image: a, ports: ['81:80'], x-routes: [{host: 'https://x.org'}]}}",
    ),
    (
        "route without a port",
        codes::BAD_ROUTE,
        "path: /",
        "local",
        "services: {a: {image: a, x-routes: [{path: /}]}}",
    ),
    (
        "which port",
        codes::BAD_ROUTE,
        "path: /",
        "local",
        "services: {a: {image: a, ports: ['81:81', '82:82'], x-routes: [{path: /}]}}",
    ),
    (
        "source range",
        codes::BAD_ROUTE,
        "10.0.0.7/8",
        "local",
        "services: {a: {image: a, ports: ['80:80'], x-routes: [{path: /, source_ranges: [10.0.0.7/8]}]}}",
    ),
    (
        "too many conditions",
        codes::BAD_ROUTE,
        "path: /x",
        "local",
        "services: {a: {image: a, ports: ['80:80'], x-routes: [{path: /x, source_ranges: [10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8, 13.0.0.0/8]}]}}",
    ),
    (
        "timeout over interval",
        codes::BAD_ROUTE,
        "interval: 5",
        "local",
        "services: {a: {image: a, ports: ['80:80'], x-routes: [{path: /, health_check: {interval: 5, timeout: 5}}]}}",
    ),
    (
        "matcher",
        codes::BAD_ROUTE,
        "all",
        "local",
        "services: {a: {image: a, ports: ['80:80'], x-routes: [{path: /, health_check: {matcher: all}}]}}",
    ),
    (
        "not HTTP",
        codes::NOT_HTTP,
        "target: 5432",
        "local",
        "services: {a: {image: a, ports: [{target: 5432, published: '5432', app_protocol: postgres}]}}",
    ),
    ("UDP", codes::NOT_HTTP, "53:53/udp", "local", "services: {a: {image: a, ports: ['53:53/udp']}}"),
    (
        "schedule",
        codes::BAD_SCHEDULE,
        "@daly",
        "local",
        "services: {j: {image: a, x-job: {schedule: '@daly'}}}",
    ),
    (
        "two question marks",
        codes::BAD_SCHEDULE,
        "cron(0 0 ? * ? *)",
        "local",
        "services: {j: {image: a, x-job: {schedule: 'cron(0 0 ? * ? *)'}}}",
    ),
    (
        "timezone",
        codes::BAD_TIMEZONE,
        "Europa/Berlin",
        "local",
        "services: {j: {image: a, x-job: {schedule: none, timezone: Europa/Berlin}}}",
    ),
    (
        "canary",
        codes::ROLLOUT_STRATEGY,
        "canary",
        "local",
        "services: {a: {image: a, x-rollout: {strategy: canary}}}",
    ),
    (
        "no room to roll",
        codes::ROLLOUT_BOUNDS,
        "x-rollout",
        "local",
        "services: {a: {image: a, x-rollout: {maximum: 100}}}",
    ),
    (
        "verify without address",
        codes::VERIFY,
        "a",
        "local",
        "services: {a: {image: a, x-rollout: {verify: [/health]}}}",
    ),
    (
        "verify without slash",
        codes::VERIFY,
        "health",
        "local",
        "services: {a: {image: a, ports: ['80:80'], x-rollout: {verify: [health]}}}",
    ),
    (
        "variable twice",
        codes::VARIABLE_TWICE,
        "S",
        "local",
        "services: {a: {image: a, environment: {S: x}, secrets: [S]}}\nsecrets: {S: {environment: S}}",
    ),
    ("privileged", codes::NOT_ON_ECS, "privileged", "local", "services: {a: {image: a, privileged: true}}"),
    ("host network", codes::NOT_ON_ECS, "host", "local", "services: {a: {image: a, network_mode: host}}"),
    (
        "bind mount",
        codes::BAD_MOUNT,
        "./src:/src",
        "local",
        "services: {a: {image: a, volumes: ['./src:/src']}}",
    ),
    (
        "platform",
        codes::BAD_PLATFORM,
        "linux/riscv64",
        "local",
        "services: {a: {image: a, platform: linux/riscv64}}",
    ),
    (
        "parameter name",
        codes::BAD_SECRET,
        "noslash",
        "local",
        "services: {a: {image: a}}\nsecrets: {S: {environment: S, x-secrets: {Parameter: noslash}}}",
    ),
    (
        "placeholder",
        codes::BAD_SECRET,
        "/x/{stage}",
        "local",
        "services: {a: {image: a}}\nsecrets: {S: {environment: S, x-secrets: {parameter: '/x/{stage}'}}}",
    ),
    (
        "unknown service",
        codes::UNKNOWN_SERVICE,
        "wroker",
        "local",
        "services: {worker: {image: a}}\nx-sqs: {q: {Services: {wroker: {Access: RWMessages}}}}",
    ),
    ("resource is a list", codes::BAD_RESOURCE, "[a]", "local", "services: {worker: {image: a}}\nx-sqs: [a]"),
    (
        "policy without document",
        codes::BAD_VALUE,
        "{PolicyName: p}",
        "local",
        "services: {web: {image: a, x-iam: {Policies: [{PolicyName: p}]}}}",
    ),
    (
        "policy with one of our names",
        codes::BAD_NAME,
        "exec",
        "local",
        "services: {web: {image: a, x-iam: {Policies: [{PolicyName: exec, PolicyDocument: {Statement: []}}]}}}",
    ),
    (
        "json keys of a parameter",
        codes::BAD_SECRET,
        "[{SecretKey: k}]",
        "local",
        "services: {web: {image: a}}\nsecrets: {s: {external: true, x-secrets: {parameter: /s, JsonKeys: [{SecretKey: k}]}}}",
    ),
    ("refused module", codes::NOT_ON_ECS, "x-appmesh", "local", "services: {web: {image: a}}\nx-appmesh: {}"),
];

#[test]
fn every_fault_is_found_where_it_is() {
    let mut failures = Vec::new();
    for (name, code, place, environment, text) in CASES {
        let outcome = support::build(text, environment);
        let found = outcome.sink.all().iter().find(|finding| {
            let at = finding.span().map(|span| outcome.sources.text(span).to_owned()).unwrap_or_default();
            let span_fits =
                at.contains(place) || (*code == codes::UNKNOWN_ENVIRONMENT && at == "x-environments");
            finding.code == *code
                && finding.severity == Severity::Error
                && (span_fits || finding.labels.is_empty())
        });
        assert!(outcome.project.is_some(), "{name}: the loader refuses it, so it tests nothing here");
        match found {
            None => failures.push(format!(
                "{name}: no {code} at `{place}`; found\n{}",
                seaway_diag::render::text(outcome.sink.all(), &outcome.sources, false)
            )),
            Some(_) if outcome.app.is_some() => failures.push(format!("{name}: an app in spite of an error")),
            Some(_) => {}
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(CASES.len() > 60);
}

#[test]
fn all_findings_come_at_once() {
    let text = "services:\n  a: {image: a, ports: ['80:80'], privileged: true, x-jobb: 1}\n  j: {image: a, ports: ['1:1'], x-job: {schedule: '@daly', timezone: Mars}}\nx-sqs: {q: {Services: {b: {}}}}\n";
    let outcome = support::build(text, "nowhere");
    let found: BTreeSet<&str> = outcome.sink.all().iter().map(|finding| finding.code).collect();
    for code in [
        codes::NOT_ON_ECS,
        codes::UNKNOWN_EXTENSION,
        codes::PUBLISHED_PORT,
        codes::BAD_SCHEDULE,
        codes::BAD_TIMEZONE,
        codes::UNKNOWN_SERVICE,
        codes::UNKNOWN_ENVIRONMENT,
    ] {
        assert!(found.contains(code), "{code} is not in {found:?}");
    }
}

#[test]
fn codes_are_listed_once() {
    let distinct: BTreeSet<&str> = codes::ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(distinct.len(), codes::ALL.len());
    let source = include_str!("../src/codes.rs");
    assert_eq!(source.matches("pub const ").count() - 1, codes::ALL.len());
    assert!(distinct.iter().all(|code| code.starts_with("SW03") && code.len() == 6));
}

#[test]
fn a_finding_reads_well() {
    let outcome = support::build(
        "services:\n  web:\n    image: a\n    ports: ['80:8080']\n  api:\n    image: a\n    ports: ['81:8081']\n    x-job: {schedule: '0 0 1 * 1'}\n",
        "local",
    );
    insta::assert_snapshot!(seaway_diag::render::text(outcome.sink.all(), &outcome.sources, false));
}

#[test]
fn keys_of_others_pass() {
    let text = "services: {web: {image: a, x-mine: 1}}\nx-app: {image: a}\nx-logging: {driver: none}\nx-common: {}\n";
    let outcome = support::build(text, "local");
    assert!(outcome.app.is_some() && outcome.sink.all().is_empty(), "{:?}", outcome.sink.all());
}
