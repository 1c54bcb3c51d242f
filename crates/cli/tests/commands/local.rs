use crate::support::TestEnv;

#[test]
fn nothing_runs_and_nothing_is_started() {
    let env = TestEnv::shop();
    env.run("local status").exits(0).gives_nothing().says(&["is not running", "`seaway up`"]);
    assert_eq!(env.run("local status --json").exits(0).json()["running"], false);
    env.run("local down").exits(0).gives_nothing().says(&["nothing to remove"]);
    assert_eq!(env.run("local down --json").exits(0).json()["removed"], serde_json::json!([]));
    assert!(!env.path("state").exists());
}

#[test]
fn a_subcommand_is_needed() {
    TestEnv::shop().run("local").exits(2).says(&["status", "down"]);
}
