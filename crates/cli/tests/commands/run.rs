use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("run migrate");
}

#[test]
fn names_are_those_of_the_file() {
    let env = TestEnv::shop();
    env.run("run migrat").exits(2).says(&["there is no workload `migrat`", "did you mean `migrate`?"]);
    env.run("run migrate --set NAME").exits(2).says(&["`NAME` is not NAME=VALUE"]);
}

#[test]
fn a_task_that_asks_is_not_run_where_nobody_answers() {
    let ran = TestEnv::shop().run("run wipe").exits(5).gives_nothing();
    ran.says(&["Nobody is there to ask", "--yes"]);
}

#[test]
fn a_dry_run_needs_nobody() {
    let env = TestEnv::shop();
    env.run("run wipe --dry-run").exits(0).gives_nothing().says(&["Would run wipe once."]);
    assert_eq!(env.run("run wipe --dry-run --json").exits(0).json()["dry_run"], true);
}
