//! Which rule, group and target a request gets, and what replaces a resource.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use indexmap::IndexMap;
use serde_json::Value;
use serde_json::json;

use super::Elb;
use super::action::Action;
use super::condition::Condition;
use super::condition::Facts;
use super::definition::Settings;
use super::forward::by_weight;
use super::group::Group;
use super::table::Table;
use super::tests::store;
use crate::realiser::Realiser;

fn fixed(body: &str) -> Value {
    json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": body}})
}

#[test]
fn routing_table() {
    let rules = [
        (
            10,
            json!([{"Field": "host-header", "HostHeaderConfig": {"Values": ["api.shop.test", "*.api.shop.test"]}}]),
        ),
        (20, json!([{"Field": "path-pattern", "Values": ["/img/*", "/logo.???"]}])),
        (
            30,
            json!([
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/orders*"]}},
                {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST", "PUT"]}}
            ]),
        ),
        (
            40,
            json!([{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*bot*"]}}]),
        ),
        (
            50,
            json!([{"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "version", "Value": "v2*"}, {"Value": "beta"}]}}]),
        ),
        (
            60,
            json!([
                {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8", "::1/128"]}},
                {"Field": "path-pattern", "Values": ["/admin/*"]}
            ]),
        ),
        (
            70,
            json!([{"Field": "host-header", "Values": ["shop.test"]}, {"Field": "path-pattern", "Values": ["/only"]}]),
        ),
    ];
    // Written in reverse: the priority decides, not the order.
    let mut table: Vec<_> = rules
        .iter()
        .rev()
        .map(|(priority, conditions)| {
            let conditions =
                conditions.as_array().unwrap().iter().map(|c| Condition::read(c).unwrap()).collect();
            let action = json!({"Actions": [fixed(&priority.to_string())]});
            (*priority, conditions, Action::read(&action, "Actions").unwrap())
        })
        .collect();
    table.sort_by_key(|(priority, ..)| *priority);
    let table = Table {
        protocol: "http".to_owned(),
        rules: table,
        default: Action::read(&json!({"Actions": [fixed("default")]}), "Actions").unwrap(),
        ports: IndexMap::new(),
        idle_timeout: Duration::from_secs(60),
    };
    // method, host, path, query, user agent, source → rule
    let rows = [
        ("GET", "shop.test", "/", "", "", "127.0.0.1", "default"),
        ("GET", "api.shop.test", "/", "", "", "127.0.0.1", "10"),
        ("GET", "API.Shop.TEST", "/", "", "", "127.0.0.1", "10"),
        ("GET", "eu.api.shop.test", "/img/x", "", "", "127.0.0.1", "10"),
        ("GET", "xapi.shop.test", "/", "", "", "127.0.0.1", "default"),
        ("GET", "shop.test", "/img/a/b.png", "", "", "127.0.0.1", "20"),
        ("GET", "shop.test", "/img", "", "", "127.0.0.1", "default"),
        ("GET", "shop.test", "/IMG/a", "", "", "127.0.0.1", "default"),
        ("GET", "shop.test", "/logo.png", "", "", "127.0.0.1", "20"),
        ("GET", "shop.test", "/logo.jpeg", "", "", "127.0.0.1", "default"),
        ("POST", "shop.test", "/orders", "", "", "127.0.0.1", "30"),
        ("PUT", "shop.test", "/orders/1", "", "", "127.0.0.1", "30"),
        ("GET", "shop.test", "/orders", "", "", "127.0.0.1", "default"),
        ("POST", "shop.test", "/order", "", "", "127.0.0.1", "default"),
        ("GET", "shop.test", "/", "", "GoogleBot/2", "127.0.0.1", "40"),
        ("POST", "shop.test", "/orders", "", "bot", "127.0.0.1", "30"),
        ("GET", "shop.test", "/", "version=v2.1", "", "127.0.0.1", "50"),
        ("GET", "shop.test", "/", "VERSION=V2", "", "127.0.0.1", "50"),
        ("GET", "shop.test", "/", "version=v1", "", "127.0.0.1", "default"),
        ("GET", "shop.test", "/", "x=1&any=beta", "", "127.0.0.1", "50"),
        ("GET", "shop.test", "/admin/users", "", "", "10.1.2.3", "60"),
        ("GET", "shop.test", "/admin/users", "", "", "127.0.0.1", "default"),
        ("GET", "shop.test", "/admin/users", "", "", "::1", "60"),
        ("GET", "shop.test", "/only", "", "", "127.0.0.1", "70"),
        ("GET", "other.test", "/only", "", "", "127.0.0.1", "default"),
    ];
    for row in rows {
        let (method, host, path, query, agent, source, expected) = row;
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", agent.parse().unwrap());
        let facts = Facts { method, host, path, query, headers: &headers, source: source.parse().unwrap() };
        let Action::Fixed { body, .. } = table.action(&facts) else { panic!("{row:?}") };
        assert_eq!(body, expected, "{row:?}");
    }
}

#[test]
fn weights_are_kept() {
    let groups = [("a".to_owned(), 90), ("b".to_owned(), 10), ("c".to_owned(), 0)];
    let count = |name: &str| (0..10_000).filter(|turn| by_weight(&groups, *turn).unwrap() == name).count();
    let (a, b, c) = (count("a"), count("b"), count("c"));
    assert!(a.abs_diff(9_000) < 20 && b.abs_diff(1_000) < 20 && c == 0, "{a} {b} {c}");
    assert_eq!(by_weight(&[("a".to_owned(), 0)], 3), None);
}

#[tokio::test]
async fn fails_open_without_a_healthy_target() {
    let group = Arc::new(Group::new("g", Settings::read(&json!({})).unwrap()));
    // Nobody listens at these addresses.
    group.register("a", "127.0.0.1:1".parse().unwrap());
    group.register("b", "127.0.0.1:2".parse().unwrap());
    let ids = |n: usize| -> Vec<String> {
        let mut ids: Vec<_> = (0..n).map(|_| group.choose(None, &[]).unwrap().target().id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(4), ["a", "a", "b", "b"]);
    group.deregister("a");
    assert_eq!(ids(2), ["b", "b"], "a draining target gets nothing, not even then");
}

#[test]
fn replacements() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let elb = runtime.block_on(Elb::open(store(&dir))).unwrap();
    let table = [
        ("TargetGroup", json!({"Port": 80}), json!({"Port": "80"}), false),
        ("TargetGroup", json!({"Port": 80}), json!({"Port": 81}), true),
        ("TargetGroup", json!({"HealthCheckPath": "/a"}), json!({"HealthCheckPath": "/b"}), false),
        ("TargetGroup", json!({}), json!({"Name": "x"}), true),
        ("LoadBalancer", json!({"Scheme": "internal"}), json!({"Scheme": "internet-facing"}), true),
        ("LoadBalancer", json!({"Subnets": ["a"]}), json!({"Subnets": ["b"]}), false),
        ("Listener", json!({"LoadBalancerArn": "a"}), json!({"LoadBalancerArn": "b"}), true),
        ("Listener", json!({"Port": 80}), json!({"Port": 81}), false),
        ("ListenerRule", json!({"ListenerArn": "a"}), json!({"ListenerArn": "b"}), true),
        ("ListenerRule", json!({"Priority": 1}), json!({"Priority": 2}), false),
    ];
    for (kind, old, new, expected) in table {
        let kind = format!("AWS::ElasticLoadBalancingV2::{kind}");
        assert_eq!(elb.replaces(&kind, &old, &new), expected, "{kind} {old} {new}");
    }
}
