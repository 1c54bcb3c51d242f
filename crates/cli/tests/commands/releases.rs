use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("releases");
    TestEnv::shop().needs_an_engine("releases --json");
}

#[test]
fn aws_is_not_there_yet() {
    let ran = TestEnv::shop().run("releases -e production").exits(3).gives_nothing();
    ran.says(&["`production` is on AWS", "seaway synth -e production"]);
}
