use crate::support::TestEnv;

#[test]
fn one_json_document_the_same_every_time() {
    let env = TestEnv::shop();
    let first = env.run("synth").exits(0);
    assert!(first.json().is_object(), "{first:#?}");
    assert_eq!(first.out, env.run("synth").exits(0).out);
}

#[test]
fn a_folder_for_each_environment_without_what_is_gone() {
    let env = TestEnv::shop();
    let stale = env.path("project/out/production");
    std::fs::create_dir_all(&stale).unwrap();
    std::fs::write(stale.join("shop-production-gone.template.json"), "{}").unwrap();
    std::fs::write(stale.join("notes.txt"), "mine").unwrap();
    env.run("synth -e production --out out").exits(0).gives_nothing().says(&["out/production"]);
    assert!(stale.join("shop-production-web.template.json").exists());
    assert!(stale.join("stacks.json").exists());
    assert!(!stale.join("shop-production-gone.template.json").exists());
    assert!(stale.join("notes.txt").exists());
    let files = env.run("synth -e production --out out --json").exits(0).json();
    assert!(files.as_array().unwrap().iter().any(|file| file == "out/production/stacks.json"));
}

#[test]
fn wrong_files_are_refused() {
    TestEnv::refuses_wrong_files("synth --out out");
}
