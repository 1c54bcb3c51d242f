use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("rollback");
    TestEnv::shop().needs_an_engine("rollback 3 --dry-run");
}

#[test]
fn a_release_is_a_number() {
    TestEnv::shop().run("rollback three").exits(2).says(&["three"]);
}
