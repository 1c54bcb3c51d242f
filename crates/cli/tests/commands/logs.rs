use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("logs web");
    TestEnv::shop().needs_an_engine("logs -f");
}

#[test]
fn wrong_names_and_times() {
    let env = TestEnv::shop();
    env.run("logs wbe").exits(2).says(&["there is no workload `wbe`", "did you mean `web`?"]);
    env.run("logs --since yesterday").exits(2).says(&["is neither an age (`10m`) nor a time"]);
    env.run("logs --tail many").exits(2).says(&["--tail"]);
}
