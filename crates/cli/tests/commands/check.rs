use crate::support::TestEnv;

#[test]
fn a_sound_file_gives_hints_and_a_line_of_prose() {
    let ran = TestEnv::shop().run("check").exits(0);
    assert!(ran.out.starts_with("info[SW0326]"), "{ran:#?}");
    ran.says(&["shop in `local`: 5 workloads", "no errors"]);
    let json =
        TestEnv::with("services: { worker: { image: \"x:1\" } }\n").run("check --json").exits(0).json();
    assert_eq!(json, serde_json::json!([]));
}

#[test]
fn findings_are_data_all_of_them_in_every_format() {
    let env = TestEnv::with("services:\n  web:\n    imagee: x\n    ports: [\"x:y\"]\n");
    let text = env.run("check").exits(2);
    assert!(text.out.contains("compose.yaml:3:5") && text.out.contains("compose.yaml:4:13"), "{text:#?}");
    let json = env.run("check --json").exits(2).json();
    let codes: Vec<&str> = json.as_array().unwrap().iter().filter_map(|one| one["code"].as_str()).collect();
    assert!(codes.len() >= 2 && codes.iter().all(|code| code.starts_with("SW")), "{codes:?}");
    let github = env.run("check --format github").exits(2);
    assert_eq!(github.out.matches("::error ").count(), codes.len(), "{github:#?}");
}

#[test]
fn an_unknown_environment_is_a_finding() {
    let ran = TestEnv::shop().run("check -e prod").exits(2);
    assert!(ran.out.contains("there is no environment `prod`") && ran.out.contains("production"), "{ran:#?}");
}

#[test]
fn no_compose_file_says_where_it_looked() {
    let env = TestEnv::shop();
    let ran = env.run("check -f nope.yaml").exits(2);
    assert!(ran.out.contains("nope.yaml"), "{ran:#?}");
}
