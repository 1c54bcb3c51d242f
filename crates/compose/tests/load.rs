//! Whole loads of several files, over files in memory.
#![expect(clippy::unwrap_used, reason = "a failed test is what a missing value means")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use camino::Utf8Path;
use camino::Utf8PathBuf;
use seaway_compose::Condition;
use seaway_compose::Files;
use seaway_compose::LoadOptions;
use seaway_compose::Project;
use seaway_diag::Sink;
use seaway_diag::SourceMap;

/// Files below `/p`, and which of them were read.
#[derive(Default)]
struct Memory {
    files: BTreeMap<Utf8PathBuf, String>,
    read: RefCell<BTreeSet<Utf8PathBuf>>,
}

impl Memory {
    fn new(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(name, text)| (Utf8Path::new("/p").join(name), (*text).to_owned()));
        Memory { files: files.collect(), read: RefCell::default() }
    }
}

impl Files for Memory {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        self.read.borrow_mut().insert(path.to_path_buf());
        Ok(self.files.get(path).cloned())
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        self.files.keys().any(|file| file.starts_with(path))
    }
}

fn options() -> LoadOptions {
    LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() }
}

fn load(files: &Memory, options: &LoadOptions) -> (Option<Project>, String) {
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    let project = seaway_compose::load(options, files, &mut sources, &mut sink);
    (project, seaway_diag::render::text(sink.all(), &sources, false))
}

/// The project; nothing may be found.
fn good(files: &[(&str, &str)], change: impl FnOnce(&mut LoadOptions)) -> Project {
    let mut options = options();
    change(&mut options);
    let (project, findings) = load(&Memory::new(files), &options);
    assert_eq!(findings, "");
    project.unwrap()
}

fn environment(project: &Project, service: &str) -> Vec<(String, Option<String>)> {
    let variables = &project.services[service].environment;
    variables.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect()
}

fn image(project: &Project, service: &str) -> String {
    project.services[service].image.as_ref().unwrap().value.clone()
}

#[test]
fn every_form_is_normalised() {
    let project = good(
        &[
            (
                "compose.yaml",
                r#"
name: shop
services:
  web:
    build: ./web
    command: serve --port 80 "a b"
    environment: [A=1, B=x=y, SHELL_SET, NOT_SET]
    ports: ["8000-8001:80-81", "127.0.0.1:53:53/udp", {target: 9000, published: "9001", app_protocol: http}, 7000]
    expose: ["3000", 4000-4001]
    healthcheck: {test: curl -f localhost, interval: 1m30s, retries: 3}
    depends_on: [api]
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 512M, pids: 10}}, update_config: {order: start-first, delay: 1s}}
    secrets: [token, {source: key, target: /k}]
    volumes: ["data:/data", "./web:/src:ro", {type: tmpfs, target: /tmp}, /anonymous]
    stop_grace_period: 20s
    labels: [a=b, c]
    networks: {front: {aliases: [w]}, back: }
    x-routes: [{path: /}]
    tty: true
  api:
    image: shop/api
    depends_on: {web-db: {condition: service_healthy, restart: true}, extra: {condition: service_started, required: false}}
    healthcheck: {test: [NONE]}
    cpus: 1
    mem_limit: 1g
    scale: 3
  web-db:
    image: postgres
    command: []
volumes: {data: , old: {external: true, name: real}}
networks: {front: , back: {x-vpc: 1}}
secrets:
  token: {file: ./token.txt}
  key: {environment: KEY, x-secrets: {Name: k}}
x-tags: {a: b}
"#,
            ),
            ("web/Dockerfile", ""),
            ("token.txt", "hunter2"),
        ],
        |options| {
            options.variables.insert("SHELL_SET".into(), "s".into());
        },
    );
    insta::assert_json_snapshot!(project);
    let web = &project.services["web"];
    assert_eq!(web.other.keys().collect::<Vec<_>>(), ["tty", "networks.front"]);
    assert_eq!(web.deploy.other.keys().collect::<Vec<_>>(), ["resources.limits.pids", "update_config.delay"]);
    assert!(web.extensions.contains_key("x-routes") && project.extensions.contains_key("x-tags"));
    assert!(project.secrets["key"].extensions.contains_key("x-secrets"));
    assert_eq!(project.services["api"].depends_on["web-db"].condition, Condition::ServiceHealthy);
    insta::assert_snapshot!(seaway_compose::to_yaml(&project));
}

#[test]
fn what_is_printed_loads_to_the_same() {
    let text = r#"
services:
  web:
    image: "shop/web:${TAG:-1}"
    command: ["sh", "-c", "echo $$HOME ${TAG:-x}"]
    environment: {PRICE: "5$$", EMPTY: "", NOTHING: }
    ports: ["80:8080", "90"]
    build: {context: ., args: {A: 1}, secrets: [token], labels: {x: y}}
    healthcheck: {test: [CMD, ok], interval: 1.5s, start_interval: 1s}
    deploy: {resources: {limits: {memory: 100m}, reservations: {cpus: 0.25, devices: [{capabilities: [gpu]}]}}, restart_policy: {condition: any}}
    networks: {default: {aliases: [x]}}
    x-task: {}
    configs: [{source: c, target: /c, mode: 0440}]
    logging: {driver: json-file, options: {max-size: 10m}}
secrets: {token: {environment: T}}
configs: {c: {content: "a\nb $$x"}}
x-flow: {"*": [1, true, null, "yes"]}
"#;
    let project = good(&[("compose.yaml", text)], |_| {});
    let printed = seaway_compose::to_yaml(&project);
    let again = good(&[("compose.yaml", &printed)], |_| {});
    assert_eq!(seaway_compose::to_value(&again), seaway_compose::to_value(&project));
    assert_eq!(seaway_compose::to_yaml(&again), printed);
    assert_eq!(project.services["web"].command.as_ref().unwrap().value[2], "echo $HOME x");
}

#[test]
fn secrets_are_never_read() {
    let files = Memory::new(&[
        (
            "compose.yaml",
            "services: {a: {image: x, secrets: [s], configs: [c]}}\nsecrets: {s: {file: secret.txt}}\nconfigs: {c: {file: conf.txt}}\n",
        ),
        ("secret.txt", "hunter2"),
        ("conf.txt", "conf"),
    ]);
    let (project, findings) = load(&files, &options());
    assert!(project.is_some(), "{findings}");
    assert!(files.read.borrow().contains(Utf8Path::new("/p/compose.yaml")));
    assert!(!files.read.borrow().iter().any(|path| path.as_str().ends_with(".txt")));
}

#[test]
fn overlays_merge_in_order() {
    let files = [
        (
            "compose.yaml",
            "services: {a: {image: \"a:1\", environment: {X: base, Y: base}, ports: [\"80:80\"]}}\nx-environments: {prod: {Files: [env/prod.yaml]}}\n",
        ),
        ("compose.override.yaml", "services: {a: {environment: [Y=override]}}\n"),
        ("compose.prod.yaml", "services: {a: {image: \"a:2\", ports: !reset []}, b: {image: b}}\n"),
        ("env/prod.yaml", "services: {a: {environment: {X: listed}, build: ./ctx}}\n"),
        ("ctx/Dockerfile", ""),
    ];
    let project = good(&files, |_| {});
    assert_eq!((image(&project, "a").as_str(), project.services.len()), ("a:1", 1));
    assert_eq!(project.files, ["compose.yaml", "compose.override.yaml"]);
    let project = good(&files, |options| options.environment = Some("prod".into()));
    assert_eq!((image(&project, "a").as_str(), project.services.len()), ("a:2", 2));
    assert_eq!(
        environment(&project, "a"),
        [("X".to_owned(), Some("listed".to_owned())), ("Y".to_owned(), Some("override".to_owned()))]
    );
    assert!(project.services["a"].ports.is_empty());
    assert_eq!(project.services["a"].build.as_ref().unwrap().context.value, "/p/ctx");
    assert_eq!(
        project.files,
        ["compose.yaml", "compose.override.yaml", "compose.prod.yaml", "env/prod.yaml"]
    );
    let project = good(&files, |options| {
        options.environment = Some("prod".into());
        options.files = vec!["compose.yaml".into(), "compose.override.yaml".into()];
    });
    assert_eq!(project.services.len(), 1);
}

#[test]
fn env_files_stand_below_environment() {
    let project = good(
        &[
            (
                "compose.yaml",
                "services: {a: {image: \"a:${TAG}\", env_file: [one.env, two.env, {path: none.env, required: false}], environment: {C: own}}}\n",
            ),
            (".env", "TAG=7\nOTHER=dot\n"),
            ("one.env", "A=1\nB=1\n"),
            ("two.env", "B=${OTHER}\nC=2\n"),
        ],
        |_| {},
    );
    assert_eq!(image(&project, "a"), "a:7");
    let own = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    assert_eq!(environment(&project, "a"), [own("A", "1"), own("B", "dot"), own("C", "own")]);
}

#[test]
fn the_shell_wins_over_dotenv() {
    let files = [
        ("compose.yaml", "services: {a: {image: \"a:${TAG}\"}}\n"),
        (".env", "TAG=dot\nCOMPOSE_PROJECT_NAME=named\n"),
    ];
    let project = good(&files, |options| {
        options.variables.insert("TAG".into(), "shell".into());
    });
    assert_eq!((image(&project, "a").as_str(), project.name.value.as_str()), ("a:shell", "named"));
    let project = good(&files, |options| options.project_name = Some("given".into()));
    assert_eq!(project.name.value, "given");
}

#[test]
fn dotenv_names_the_files_and_profiles() {
    let project = good(
        &[
            (".env", "COMPOSE_FILE=one.yaml:sub/two.yaml\nCOMPOSE_PROFILES=tools\n"),
            ("one.yaml", "name: from-${COMPOSE_PROJECT_NAME:-file}\nservices: {a: {image: a}}\n"),
            (
                "sub/two.yaml",
                "services: {b: {image: b, build: ./b, profiles: [tools]}, c: {image: c, profiles: [other]}}\n",
            ),
            ("b/Dockerfile", ""),
        ],
        |_| {},
    );
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(project.name.value, "from-file");
}

#[test]
fn includes_have_their_own_folder_and_variables() {
    let project = good(
        &[
            (
                "compose.yaml",
                "include: [db/compose.yaml, {path: [x/a.yaml, x/b.yaml], project_directory: y, env_file: x.env}]\nservices: {web: {image: web, depends_on: [db]}}\nx-own: {a: main}\n",
            ),
            ("compose.override.yaml", "services: {db: {image: \"db:2\"}}\n"),
            (
                "db/compose.yaml",
                "services: {db: {image: \"db:${V}\", build: ., volumes: [\"data:/d\", \"./init:/i\"]}}\nvolumes: {data: }\nx-own: {a: included, b: included}\n",
            ),
            ("db/.env", "V=1\n"),
            ("x.env", "W=w\n"),
            ("x/a.yaml", "services: {x: {image: \"x:${W}\"}}\n"),
            ("x/b.yaml", "services: {x: {build: .}}\n"),
            ("y/Dockerfile", ""),
        ],
        |_| {},
    );
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["web", "db", "x"]);
    let db = &project.services["db"];
    assert_eq!(image(&project, "db"), "db:2");
    assert_eq!(db.build.as_ref().unwrap().context.value, "/p/db");
    assert_eq!(db.volumes[1].source.as_deref(), Some("/p/db/init"));
    assert_eq!(image(&project, "x"), "x:w");
    assert_eq!(project.services["x"].build.as_ref().unwrap().context.value, "/p/y");
    assert_eq!(project.extensions["x-own"].node.to_json(), serde_json::json!({"a": "main", "b": "included"}));
}

#[test]
fn extends_follows_files() {
    let project = good(
        &[
            (
                "compose.yaml",
                "services:\n  web: {extends: {file: base/base.yaml, service: app}, environment: [B=web]}\n  job: {extends: web, command: run, environment: [C=job]}\n",
            ),
            (
                "base/base.yaml",
                "services:\n  app: {extends: root, build: ., environment: {A: app, B: app}}\n  root: {image: root, command: [\"serve\"], user: app}\n",
            ),
            ("base/Dockerfile", ""),
        ],
        |_| {},
    );
    let job = &project.services["job"];
    assert_eq!(job.command.as_ref().unwrap().value, ["run"]);
    assert_eq!(job.build.as_ref().unwrap().context.value, "/p/base");
    assert_eq!(job.user.as_ref().unwrap().value, "app");
    assert_eq!(environment(&project, "job").len(), 3);
    assert_eq!(project.services.len(), 2);
}

#[test]
fn profiles_choose_services() {
    let files = [(
        "compose.yaml",
        "services: {a: {image: a}, b: {image: b, profiles: [x]}, c: {image: c, profiles: [y]}}\n",
    )];
    for (profiles, expected) in
        [(vec![], vec!["a"]), (vec!["x"], vec!["a", "b"]), (vec!["*"], vec!["a", "b", "c"])]
    {
        let project =
            good(&files, |options| options.profiles = profiles.iter().map(ToString::to_string).collect());
        assert_eq!(project.services.keys().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn unset_variables_are_one_warning_each() {
    let files = Memory::new(&[(
        "compose.yaml",
        "services: {a: {image: \"a:${TAG}\", user: $TAG, hostname: \"$HOST_\"}}\n",
    )]);
    let (project, findings) = load(&files, &options());
    assert!(project.is_some());
    insta::assert_snapshot!(findings);
}

#[test]
fn extensions_keep_dollars_that_are_no_variables() {
    let files = Memory::new(&[(
        "compose.yaml",
        "services: {a: {image: a}}\nx-iam: {Resource: \"${!ARN}/*\", Region: \"${AWS::Region}\", Match: \"^a$\"}\n",
    )]);
    let (project, findings) = load(&files, &options());
    let iam = project.unwrap().extensions["x-iam"].node.to_json();
    assert_eq!(iam, serde_json::json!({"Resource": "${!ARN}/*", "Region": "${AWS::Region}", "Match": "^a$"}));
    assert_eq!(findings.matches("warning[SW0212]").count(), 3, "{findings}");
}

#[test]
fn nothing_there_is_said_with_help() {
    let (project, findings) = load(&Memory::new(&[]), &options());
    assert!(project.is_none());
    insta::assert_snapshot!(findings);
}

#[test]
fn a_thousand_services_load() {
    let mut text = "services:\n".to_owned();
    for n in 0..1000 {
        let before = if n > 0 { format!("\n    depends_on: [s{}]", n - 1) } else { String::new() };
        text += &format!(
            "  s{n}:\n    image: shop/s{n}:${{TAG:-1}}\n    ports: [\"{}:80\"]\n    environment: {{A: \"{n}\", B: b}}{before}\n",
            10_000 + n
        );
    }
    let project = good(&[("compose.yaml", &text)], |_| {});
    assert_eq!(project.services.len(), 1000);
}
