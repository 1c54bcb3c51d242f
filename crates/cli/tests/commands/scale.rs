use crate::support::TestEnv;

#[test]
fn without_an_engine() {
    TestEnv::shop().needs_an_engine("scale web=3");
}

#[test]
fn counts_are_numbers_and_given_once() {
    let env = TestEnv::shop();
    for wrong in ["web", "web=", "web=-1", "web=many"] {
        env.run(&format!("scale {wrong}")).exits(2).says(&["is not SERVICE=COUNT"]);
    }
    env.run("scale web=1 web=3").exits(2).says(&["`web` is given two counts", "name each service once"]);
    env.run("scale").exits(2).says(&["<SERVICE=COUNT>"]);
}
