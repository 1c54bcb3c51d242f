use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("exec web -- ls");
}

#[test]
fn names_are_those_of_the_file() {
    let env = TestEnv::shop();
    env.run("exec wbe").exits(2).says(&["there is no workload `wbe`", "did you mean `web`?"]);
    env.run("exec").exits(2).says(&["<WORKLOAD>"]);
}
