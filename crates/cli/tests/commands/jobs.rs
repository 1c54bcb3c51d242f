use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    for command in ["jobs", "jobs ls --json", "jobs run report", "jobs logs report", "jobs disable report"] {
        TestEnv::shop().needs_an_engine(command);
    }
}

#[test]
fn a_service_is_no_job() {
    let env = TestEnv::shop();
    for command in ["run", "logs", "enable", "disable"] {
        let ran = env.run(&format!("jobs {command} web")).exits(2).gives_nothing();
        ran.says(&["there is no job `web`", "the jobs are: report"]);
    }
    env.run("jobs run reprot").exits(2).says(&["did you mean `report`?"]);
}

#[test]
fn a_dry_run_needs_nobody() {
    let env = TestEnv::shop();
    env.run("jobs run report --dry-run").exits(0).gives_nothing().says(&["Would run report once."]);
    assert_eq!(env.run("jobs run report --dry-run --json").exits(0).json()["workload"], "report");
}
