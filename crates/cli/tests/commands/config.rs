use crate::support::TestEnv;

#[test]
fn the_file_as_it_is_understood() {
    let env = TestEnv::shop();
    let yaml = env.run_with("config", &[("TITLE", "ahoy")]).exits(0);
    assert!(yaml.out.contains("TITLE: ahoy"), "{yaml:#?}");
    let json = env.run("config --json").exits(0).json();
    assert_eq!(json["services"]["web"]["environment"]["TITLE"], "hello");
}

#[test]
fn names_one_a_line() {
    let env = TestEnv::shop();
    assert_eq!(env.run("config --services").exits(0).out, "web\nworker\nmigrate\nwipe\nreport\n");
    assert_eq!(env.run("config --environments").exits(0).out, "local\nproduction\n");
    assert!(env.run("config --images").exits(0).out.starts_with("registry.example.com/web:1\n"));
}

#[test]
fn wrong_files_are_refused() {
    TestEnv::refuses_wrong_files("config --environments");
}
