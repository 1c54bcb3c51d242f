use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("restart web");
    // Whether the service is there can only be told by asking.
    TestEnv::shop().needs_an_engine("restart web --dry-run");
}
