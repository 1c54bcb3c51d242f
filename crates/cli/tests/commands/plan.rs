use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("plan --exit-code");
    TestEnv::shop().needs_an_engine("plan --json");
}

#[test]
fn pins_name_services() {
    let env = TestEnv::shop();
    env.run("plan --image wbe=x:1").exits(2).says(&["there is no service `wbe`", "did you mean `web`?"]);
    env.run("plan --image web").exits(2).says(&["is not SERVICE=REF"]);
}

#[test]
fn wrong_files_are_refused() {
    TestEnv::refuses_wrong_files("plan");
}
