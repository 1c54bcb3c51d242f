//! `plan` says exactly what `up` will touch.

mod support;

use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_engine::Plan;
use seaway_engine::StackAction;
use seaway_synth::StackSet;
use support::Shop;
use support::set;
use support::without;

fn touched(plan: &Plan) -> Vec<(&str, StackAction)> {
    let all = plan.stacks.iter().map(|stack| (stack.name.trim_start_matches("shop-test-"), stack.action));
    all.filter(|(_, action)| *action != StackAction::Unchanged).collect()
}

async fn plan(shop: &Shop, set: &StackSet) -> Plan {
    shop.engine().plan(set, &shop.images).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deployed_yet() {
    let shop = Shop::new();
    let plan = plan(&shop, &set(&[])).await;
    assert!(plan.stacks.iter().all(|stack| stack.action == StackAction::Create));
    assert_eq!(plan.get("shop-test-migrate").unwrap().runs, Some("before"));
    let cluster = &plan.get("shop-test-web").unwrap().diff;
    assert_eq!(cluster.resources.len(), 2);
    assert!(shop.cloud.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_image_touches_its_workload_and_is_named() {
    let mut shop = Shop::new();
    shop.up(&set(&[])).await;
    shop.image("shop/web:2");
    let plan = plan(&shop, &set(&[])).await;
    assert_eq!(touched(&plan), [("web", StackAction::Update)]);
    let web = plan.get("shop-test-web").unwrap();
    let change = &web.changes[0];
    assert_eq!(
        (change.what.as_str(), change.before.as_deref(), change.after.as_deref()),
        ("image", Some("shop/web:1"), Some("shop/web:2"))
    );
    assert_eq!(web.parameters.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_reaches_as_far_as_outputs_change() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let mut wider = set(&[]);
    let platform = &mut wider.stacks[1].template;
    platform.resources.insert("Topic".into(), Resource::new("AWS::SNS::Topic"));
    assert_eq!(touched(&plan(&shop, &wider).await), [("platform", StackAction::Update)]);
    // An output that refers to something new is known only after it is applied.
    wider.stacks[1].template.outputs["ClusterName"].value = Value::reference("Topic");
    shop.cloud.output("shop-test-platform", "ClusterName", "other");
    let reaching = plan(&shop, &wider).await;
    assert_eq!(touched(&reaching).len(), 6);
    let change = &reaching.get("shop-test-api").unwrap().parameters[0];
    assert_eq!(change.after.as_deref(), Some("(known after apply)"));
    let finished = shop.up(&wider).await;
    assert_eq!(finished.exit_code, 0, "{}", finished.summary);
    assert!(!plan(&shop, &wider).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn what_left_goes_and_protection_counts() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let mut smaller = without(set(&[]), "report");
    assert_eq!(touched(&plan(&shop, &smaller).await), [("report", StackAction::Delete)]);
    smaller.protected = true;
    let protected = plan(&shop, &smaller).await;
    assert_eq!(touched(&protected).len(), 8);
    let reason = protected.get("shop-test-api").unwrap().reason.as_deref();
    assert_eq!(reason, Some("its termination protection changes"));
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_somebody_else_is_no_target() {
    let shop = Shop::new();
    shop.up(&set(&[])).await;
    let mut other = set(&[]);
    other.app = "blog".into();
    let error = shop.engine().plan(&other, &shop.images).await.unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("exists and is not of blog in test"));
}
