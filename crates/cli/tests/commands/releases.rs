use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("releases");
    TestEnv::shop().needs_an_engine("releases --json");
}

#[test]
fn without_credentials_it_says_how_to_get_some() {
    let ran = TestEnv::shop().run("releases -e production").exits(11).gives_nothing();
    ran.says(&["no usable credentials", "Hint: sign in"]);
}
