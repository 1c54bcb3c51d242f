use crate::support::TestEnv;

#[test]
fn what_synth_writes_is_sound() {
    let env = TestEnv::shop();
    env.run("synth --out out").exits(0);
    let ran = env.run("lint out/local/shop-local-web.template.json --json").exits(0);
    assert!(ran.json().as_array().unwrap().iter().all(|one| one["severity"] != "error"), "{ran:#?}");
}

#[test]
fn a_missing_file_and_no_file() {
    let env = TestEnv::shop();
    env.run("lint nope.json").exits(2).says(&["nope.json"]);
    env.run("lint").exits(2).says(&["<TEMPLATE>"]);
}
