use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("outputs");
    TestEnv::shop().needs_an_engine("outputs --json");
}

#[test]
fn aws_is_not_there_yet() {
    let ran = TestEnv::shop().run("outputs -e production").exits(3).gives_nothing();
    ran.says(&["`production` is on AWS", "seaway synth -e production"]);
}
