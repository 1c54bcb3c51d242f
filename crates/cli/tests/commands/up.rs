use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("up");
    TestEnv::shop().needs_an_engine("up --dry-run --json");
}

#[test]
fn names_are_those_of_the_file() {
    let env = TestEnv::shop();
    env.run("up wbe").exits(2).gives_nothing().says(&["there is no workload `wbe`", "did you mean `web`?"]);
    env.run("up zzzzz").exits(2).says(&["there are: web, worker, migrate, wipe, report"]);
    env.run("up --image wbe=x:1").exits(2).says(&["there is no service `wbe`"]);
    assert!(!env.path("state").exists());
}

#[test]
fn durations_say_how_they_are_written() {
    let env = TestEnv::shop();
    for option in ["--timeout", "--lock-wait"] {
        env.run(&format!("up {option} soon")).exits(2).says(&["`soon` is not a duration", "`90s`"]);
    }
}

#[test]
fn wrong_files_are_refused() {
    TestEnv::refuses_wrong_files("up");
    TestEnv::refuses_wrong_files("up --json");
}
