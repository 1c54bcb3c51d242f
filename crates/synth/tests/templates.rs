//! What the stacks of small applications look like.

mod support;

#[test]
fn one_public_service() {
    let set = support::stacks(support::FIXTURES[0].1, "local").unwrap();
    insta::assert_json_snapshot!("web", set.to_json());
}

#[test]
fn a_shop() {
    let set = support::stacks(support::FIXTURES[1].1, "production").unwrap();
    insta::assert_json_snapshot!("shop", set.to_json());
}

#[test]
fn routes() {
    let set = support::stacks(support::FIXTURES[2].1, "local").unwrap();
    let site = set.workload("site").unwrap().0;
    let api = set.workload("api").unwrap().0;
    insta::assert_json_snapshot!("routes-site", site.template.to_json());
    insta::assert_json_snapshot!("routes-api", api.template.to_json());
    let names: Vec<&str> = set.stacks.iter().map(|stack| stack.name.as_str()).collect();
    assert!(names.contains(&"routes-local-network--service"), "{names:?}");
    assert!(names.contains(&"routes-local-my--5fsvc--2eV2"), "{names:?}");
}

#[test]
fn containers_that_share_a_task() {
    let set = support::stacks(support::FIXTURES[4].1, "local").unwrap();
    insta::assert_json_snapshot!("sidecar-app", set.workload("app").unwrap().0.template.to_json());
    insta::assert_json_snapshot!("sidecar-db", set.workload("db").unwrap().0.template.to_json());
}

#[test]
fn a_folder_of_files() {
    let set = support::stacks(support::FIXTURES[0].1, "local").unwrap();
    let files = set.files();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "tiny-local-network.template.json",
            "tiny-local-network.parameters.json",
            "tiny-local-platform.template.json",
            "tiny-local-platform.parameters.json",
            "tiny-local-web.template.json",
            "tiny-local-web.parameters.json",
            "stacks.json",
        ]
    );
    for (name, text) in &files {
        assert!(text.ends_with("\n") && serde_json::from_str::<serde_json::Value>(text).is_ok(), "{name}");
    }
    insta::assert_snapshot!("web-parameters", files[5].1);
    insta::assert_snapshot!("web-stacks", files[6].1);
}

#[test]
fn resources_and_their_edges() {
    let set = support::stacks(support::fixture("resources"), "production").unwrap();
    let stack = set.stacks.iter().find(|stack| stack.name.ends_with("-resources")).unwrap();
    insta::assert_json_snapshot!("resources", stack.template.to_json());
    for name in ["api", "worker"] {
        insta::assert_json_snapshot!(
            format!("resources-{name}"),
            set.workload(name).unwrap().0.template.to_json()
        );
    }
}

#[test]
fn databases_and_their_edges() {
    let set = support::stacks(support::fixture("databases"), "production").unwrap();
    let stack = set.stacks.iter().find(|stack| stack.name.ends_with("-resources")).unwrap();
    insta::assert_json_snapshot!("databases", stack.template.to_json());
    insta::assert_json_snapshot!("databases-api", set.workload("api").unwrap().0.template.to_json());
}
