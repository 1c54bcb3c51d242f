//! Right input: what becomes of it.

mod support;

use seaway_model::App;
use seaway_model::Kind;
use seaway_model::RunPoint;
use seaway_model::Service;

fn app_of(text: &str, environment: &str) -> App {
    let outcome = support::build(text, environment);
    outcome.app.unwrap_or_else(|| {
        panic!("{}", seaway_diag::render::text(outcome.sink.all(), &outcome.sources, false))
    })
}

fn service<'a>(app: &'a App, name: &str) -> &'a Service {
    match &app.workloads[name].kind {
        Kind::Service(service) => service,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_published_service_gets_everything() {
    let app = app_of(
        "services: {web: {image: a, ports: ['8080:80'], expose: ['9000']}, db: {image: b, ports: ['5432']}}",
        "local",
    );
    let web = service(&app, "web");
    assert_eq!(web.routes.len(), 1);
    assert_eq!((web.routes[0].path.as_str(), web.routes[0].port, web.routes[0].priority), ("/", 80, 50_000));
    assert_eq!(web.internal_ports.iter().map(|port| port.port).collect::<Vec<_>>(), [80, 9_000]);
    let db = service(&app, "db");
    assert!(db.routes.is_empty());
    assert_eq!(
        (db.internal_ports[0].container.as_str(), db.internal_ports[0].name.as_str()),
        ("db", "tcp-5432")
    );
}

#[test]
fn kinds_of_workloads() {
    let app = app_of(
        "services:\n  svc: {image: a, depends_on: {mig: {condition: service_completed_successfully}}}\n  mig: {image: a}\n  job: {image: a, x-job: '@hourly'}\n  req: {image: a, x-task: {}}\n  swarm: {image: a, deploy: {mode: replicated-job}}\n",
        "local",
    );
    assert!(matches!(app.workloads["svc"].kind, Kind::Service(_)));
    assert!(app.workloads["svc"].depends_on[0].completed);
    assert!(matches!(&app.workloads["mig"].kind, Kind::Task(task) if task.run == RunPoint::Before));
    assert!(
        matches!(&app.workloads["job"].kind, Kind::Job(job) if job.schedule.as_deref() == Some("cron(0 * * * ? *)"))
    );
    assert!(matches!(&app.workloads["req"].kind, Kind::Task(task) if task.run == RunPoint::Request));
    assert!(matches!(&app.workloads["swarm"].kind, Kind::Job(job) if job.schedule.is_none()));
}

#[test]
fn sizes_are_rounded_up_and_told() {
    let outcome = support::build(
        "services: {web: {image: a, deploy: {resources: {limits: {cpus: '0.01', memory: 200M}}}}}",
        "local",
    );
    let app = outcome.app.unwrap();
    assert_eq!((app.workloads["web"].cpu, app.workloads["web"].memory), (256, 512));
    assert!(outcome.sink.all().iter().any(|finding| finding.code == seaway_model::codes::SIZE_ROUNDED));
}

#[test]
fn update_config_becomes_bounds() {
    for (replicas, config, expected) in [
        (2, "{order: start-first}", (100, 200)),
        (4, "{order: start-first, parallelism: 1}", (100, 125)),
        (4, "{order: stop-first, parallelism: 1}", (75, 100)),
        (3, "{order: stop-first}", (0, 100)),
        (3, "{parallelism: 0}", (100, 200)),
    ] {
        let app = app_of(
            &format!(
                "services: {{a: {{image: a, deploy: {{replicas: {replicas}, update_config: {config}}}}}}}"
            ),
            "local",
        );
        let rollout = &service(&app, "a").rollout;
        assert_eq!((rollout.minimum_healthy, rollout.maximum), expected, "{replicas} {config}");
    }
}

#[test]
fn environments_get_blocks_of_their_own() {
    let text = "services: {a: {image: a}}\nx-accounts: {main: {id: '123456789012', role: deploy}}\nx-environments: {dev: {}, prod: {account: main, protected: true, network: {cidr: 10.1.0.0/16}}, local: {log_retention: 2}}";
    let dev = app_of(text, "dev");
    let prod = app_of(text, "prod");
    let local = app_of(text, "local");
    assert_eq!(
        [&local.environment.cidr, &dev.environment.cidr, &prod.environment.cidr],
        ["10.0.0.0/16", "10.2.0.0/16", "10.1.0.0/16"]
    );
    assert_eq!(
        (prod.environment.account.as_deref(), prod.environment.role.as_deref()),
        (Some("123456789012"), Some("deploy"))
    );
    assert!(prod.environment.protected && !dev.environment.protected);
    assert_eq!(local.environment.log_retention, 3);
    assert_eq!(dev.environments, ["dev", "prod", "local"]);
}

#[test]
fn files_of_an_environment() {
    let outcome = support::build(
        "services: {a: {image: a}}\nx-environments: {prod: {Files: [envs/prod.yaml]}}",
        "prod",
    );
    let files = seaway_model::environment_files(&outcome.project.unwrap(), "prod");
    assert_eq!(files.iter().map(|file| file.value.as_str()).collect::<Vec<_>>(), ["envs/prod.yaml"]);
}

#[test]
fn secrets_have_a_name_in_the_store() {
    let app = app_of(
        "services: {a: {image: a, secrets: [PLAIN, {source: param, target: /run/secrets/PARAM}, named]}}\nsecrets:\n  PLAIN: {environment: PLAIN}\n  param: {file: ./x, x-secrets: {Parameter: '/{app}/{env}/p'}}\n  named: {external: true, x-secrets: {name: 'team/{env}'}}\n",
        "local",
    );
    let store: Vec<(&str, bool)> =
        app.secrets.values().map(|secret| (secret.store_name.as_str(), secret.secrets_manager)).collect();
    assert_eq!(store, [("/app/local/PLAIN", false), ("/app/local/p", false), ("team/local", true)]);
    let variables: Vec<&str> = app.workloads["a"].containers[0].secrets.keys().map(String::as_str).collect();
    assert_eq!(variables, ["PLAIN", "PARAM", "named"]);
}

#[test]
fn containers_of_a_group() {
    let app = app_of(
        "services:\n  side: {image: a, network_mode: 'service:main'}\n  main: {image: a, expose: ['80'], depends_on: {init: {condition: service_completed_successfully}}}\n  init: {image: a, network_mode: 'service:side'}\n",
        "local",
    );
    assert_eq!(app.workloads.keys().collect::<Vec<_>>(), ["main"]);
    let containers = &app.workloads["main"].containers;
    assert_eq!(
        containers.iter().map(|container| (container.name.as_str(), container.essential)).collect::<Vec<_>>(),
        [("main", true), ("side", true), ("init", false)]
    );
    assert_eq!(containers[0].depends_on["init"], "SUCCESS");
}

#[test]
fn volumes_are_told_outside_of_local() {
    let text =
        "services: {a: {image: a, volumes: ['data:/data']}}\nvolumes: {data: {}}\nx-environments: {prod: {}}";
    let has = |environment: &str| {
        support::build(text, environment)
            .sink
            .all()
            .iter()
            .any(|finding| finding.code == seaway_model::codes::VOLUME_LIFETIME)
    };
    assert!(has("prod") && !has("local"));
}

#[test]
fn what_is_not_kept_is_told() {
    let text = "services:\n  j: {image: a, deploy: {replicas: 3}, networks: [one], x-job: {schedule: '@daily', timeout: 5m, retries: 1, overlap: false}}\n  a: {image: a, networks: [two]}\nnetworks: {one: {}, two: {}}\nx-environments: {prod: {domain: example.com}}";
    let told = |environment: &str| -> Vec<String> {
        let outcome = support::build(text, environment);
        assert!(outcome.app.is_some());
        outcome.sink.all().iter().map(|finding| finding.message.clone()).collect()
    };
    let prod = told("prod").join("\n");
    for part in [
        "`timeout`, `retries` of runs that started and failed and `overlap: false` are not kept on AWS yet",
        "runs once, not 3 times",
        "networks of the file do not separate",
        "`domain` of an environment is not acted on yet",
    ] {
        assert!(prod.contains(part), "{part} is not in\n{prod}");
    }
    assert!(!told("local").join("\n").contains("not kept on AWS"));
}
