use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("down");
    TestEnv::shop().needs_an_engine("down --dry-run --json");
}
