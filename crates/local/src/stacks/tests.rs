//! The engine over a realiser that lives in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use camino::Utf8Path;
use indexmap::IndexMap;
use seaway_cloud::ErrorKind;
use seaway_cloud::Realised;
use seaway_cloud::Stack;
use seaway_cloud::StackChange;
use seaway_cloud::StackInput;
use seaway_cloud::StackStatus;
use serde_json::Value;
use serde_json::json;

use super::Engine;
use crate::declared::Declared;
use crate::lock::lock;
use crate::log::Log;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;
use crate::store::Store;

/// What is really there, by token, and what was called.
#[derive(Default)]
struct World {
    things: BTreeMap<String, (String, Value)>,
    calls: Vec<String>,
    /// Calls that name this do not return until the engine is dropped.
    stuck: Option<String>,
    /// Deletions of this logical id fail.
    undeletable: Option<String>,
}

/// `Fail` fails; `Hang` waits until it is cancelled; another `Name` is another thing.
#[derive(Clone, Default)]
struct Things(Arc<Mutex<World>>);

impl Things {
    async fn settle(&self, context: &ResourceContext, call: &str, properties: &Value) -> Result<(), Failure> {
        let call = format!("{call} {}", context.logical_id);
        let stuck = {
            let mut world = lock(&self.0);
            world.calls.push(call.clone());
            world.stuck.as_deref() == Some(call.as_str())
        };
        if properties.get("Panic").is_some() {
            panic!("as a realiser with a bug does");
        }
        if stuck {
            std::future::pending::<()>().await;
        }
        if properties.get("Fail").is_some() {
            return Err(Failure("it does not work".to_owned()));
        }
        if properties.get("Hang").is_some() {
            context.cancelled.cancelled().await;
            return Err(Failure("gave up".to_owned()));
        }
        Ok(())
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = lock(&self.0).things.values().map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    fn property(&self, logical_id: &str, name: &str) -> Value {
        let world = lock(&self.0);
        let found = world.things.values().find(|(id, _)| id == logical_id).expect("is there");
        found.1.get(name).cloned().unwrap_or_default()
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.0).calls)
    }
}

#[async_trait]
impl Realiser for Things {
    fn types(&self) -> &'static [&'static str] {
        &["Test::Thing"]
    }

    fn replaces(&self, _resource_type: &str, old: &Value, new: &Value) -> bool {
        old.get("Name") != new.get("Name")
    }

    fn announces(&self, context: &ResourceContext, properties: &Value) -> Option<String> {
        properties.get("Announced").map(|_| format!("thing-{}", context.token))
    }

    async fn create(&self, context: &ResourceContext, properties: &Value) -> Result<Physical, Failure> {
        // The thing is there before it is known whether it works.
        lock(&self.0).things.insert(context.token.clone(), (context.logical_id.clone(), properties.clone()));
        self.settle(context, "create", properties).await?;
        let id = format!("thing-{}", context.token);
        let attributes = IndexMap::from([("Shout".to_owned(), id.to_uppercase())]);
        Ok(Physical { id, attributes, realised: Realised::Live })
    }

    async fn update(
        &self,
        context: &ResourceContext,
        id: &str,
        old: &Value,
        new: &Value,
    ) -> Result<Physical, Failure> {
        assert_ne!(old, new, "{}: an update changes something", context.logical_id);
        lock(&self.0).things.insert(context.token.clone(), (context.logical_id.clone(), new.clone()));
        self.settle(context, "update", new).await?;
        let attributes = IndexMap::from([("Shout".to_owned(), id.to_uppercase())]);
        Ok(Physical { id: id.to_owned(), attributes, realised: Realised::Live })
    }

    async fn delete(&self, context: &ResourceContext, _id: &str, properties: &Value) -> Result<(), Failure> {
        if lock(&self.0).undeletable.as_deref() == Some(context.logical_id.as_str()) {
            return Err(Failure("it is stuck".to_owned()));
        }
        let panics = properties.get("PanicAtEnd").map(|_| json!({"Panic": true}));
        self.settle(context, "delete", &panics.unwrap_or_default()).await?;
        lock(&self.0).things.remove(&context.token);
        Ok(())
    }
}

struct Bench {
    _dir: tempfile::TempDir,
    store: Store,
    things: Things,
    engine: Engine,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().expect("temp dir");
        let store = Store::open(Utf8Path::from_path(dir.path()).expect("utf-8")).expect("open");
        let things = Things::default();
        let engine = open(&store, &things);
        Bench { _dir: dir, store, things, engine }
    }

    /// Kills the engine and opens it again.
    fn reopen(&mut self) {
        self.engine.close();
        lock(&self.things.0).stuck = None;
        self.engine = open(&self.store, &self.things);
        self.engine.resume();
    }

    async fn wait(&self, until: impl Fn(StackStatus) -> bool) -> StackStatus {
        let cell = self.engine.find("demo").expect("stack");
        let mut changes = cell.watch();
        loop {
            let status = cell.read(|record| record.status);
            if until(status) {
                return status;
            }
            changes.changed().await.expect("change");
        }
    }

    async fn end(&self) -> StackStatus {
        self.wait(|status| !status.in_progress()).await
    }

    async fn put(&self, resources: Value) -> StackStatus {
        self.engine.put(&input(resources)).expect("put");
        self.end().await
    }

    fn stack(&self) -> Stack {
        self.engine.describe("demo").expect("stack")
    }

    /// Waits until a realiser is in the call that is stuck.
    async fn wait_for_call(&self, call: &str) {
        while !lock(&self.things.0).calls.iter().any(|seen| seen == call) {
            tokio::task::yield_now().await;
        }
    }

    fn events(&self) -> Vec<String> {
        self.engine
            .events("demo", 0)
            .expect("events")
            .into_iter()
            .map(|event| {
                let reason = event.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
                format!("{} {}{reason}", event.logical_id, event.status)
            })
            .collect()
    }
}

fn open(store: &Store, things: &Things) -> Engine {
    let realisers: Vec<Arc<dyn Realiser>> = vec![Arc::new(things.clone())];
    Engine::open(store.clone(), realisers, Arc::new(Declared), Log::default()).expect("open")
}

fn input(resources: Value) -> StackInput {
    let template = json!({
        "Parameters": {"Size": {"Type": "String", "Default": "1"}},
        "Resources": resources,
        "Outputs": {"Size": {"Value": {"Ref": "Size"}}},
    });
    StackInput {
        name: "demo".into(),
        template: template.to_string(),
        parameters: IndexMap::new(),
        tags: IndexMap::from([("seaway:app".to_owned(), "shop".to_owned())]),
        termination_protection: false,
    }
}

fn thing(properties: Value) -> Value {
    json!({"Type": "Test::Thing", "Properties": properties})
}

#[tokio::test]
async fn creates_in_order_and_updates_what_changed() {
    let bench = Bench::new();
    let resources = |size: &str| {
        json!({
            "Last": thing(json!({"Needs": {"Fn::GetAtt": ["Middle", "Shout"]}})),
            "Middle": thing(json!({"Needs": {"Ref": "First"}})),
            "First": thing(json!({"Size": size})),
            "Alone": thing(json!({})),
            "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        })
    };
    assert_eq!(bench.put(resources("1")).await, StackStatus::CreateComplete);
    let mut calls = bench.things.calls();
    let at = |calls: &[String], call: &str| calls.iter().position(|seen| seen == call).expect("called");
    assert!(at(&calls, "create First") < at(&calls, "create Middle"));
    assert!(at(&calls, "create Middle") < at(&calls, "create Last"));
    assert_eq!(bench.stack().outputs, IndexMap::from([("Size".to_owned(), "1".to_owned())]));
    assert!(bench.things.property("Last", "Needs").as_str().expect("text").starts_with("THING-"));

    let listed: Vec<(String, Realised)> = bench
        .engine
        .resources("demo")
        .expect("resources")
        .into_iter()
        .map(|resource| (resource.logical_id, resource.realised))
        .collect();
    let names: Vec<&str> = listed.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(names, ["Last", "Middle", "First", "Alone", "Net"], "in template order");
    assert_eq!(listed[4].1, Realised::DeclaredOnly);

    // The same again touches nothing; another layout of the same template is the same.
    let mut same = input(resources("1"));
    same.template =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(&same.template).expect("json"))
            .expect("json");
    assert_eq!(bench.engine.put(&same).expect("put"), StackChange::Unchanged);

    // Only what changed is updated: First keeps its id, so nobody after it changes.
    assert_eq!(bench.put(resources("2")).await, StackStatus::UpdateComplete);
    calls = bench.things.calls();
    assert_eq!(calls, ["update First"]);
    assert_eq!(bench.things.property("First", "Size"), json!("2"));
}

#[tokio::test]
async fn a_replacement_cascades_and_the_old_one_goes_last() {
    let bench = Bench::new();
    let resources = |name: &str| {
        json!({
            "First": thing(json!({"Name": name})),
            "Second": thing(json!({"Needs": {"Ref": "First"}})),
        })
    };
    bench.put(resources("a")).await;
    bench.things.calls();
    assert_eq!(bench.put(resources("b")).await, StackStatus::UpdateComplete);
    assert_eq!(bench.things.calls(), ["create First", "update Second", "delete First"]);
    assert_eq!(bench.things.names(), ["First", "Second"]);
    let events = bench.events();
    let tail: Vec<&str> = events.iter().rev().take(9).rev().map(String::as_str).collect();
    assert_eq!(
        tail,
        [
            "demo UPDATE_IN_PROGRESS (User Initiated)",
            "First UPDATE_IN_PROGRESS (The update needs a new physical resource; it is created first)",
            "First UPDATE_COMPLETE",
            "Second UPDATE_IN_PROGRESS",
            "Second UPDATE_COMPLETE",
            "demo UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "First DELETE_IN_PROGRESS",
            "First DELETE_COMPLETE",
            "demo UPDATE_COMPLETE",
        ]
    );
}

#[tokio::test]
async fn a_failed_creation_leaves_nothing_and_can_be_put_again() {
    let bench = Bench::new();
    let status = bench
        .put(json!({
            "Good": thing(json!({})),
            "Slow": thing(json!({"Hang": true})),
            "Bad": thing(json!({"Fail": true, "Needs": {"Ref": "Good"}})),
            "Never": thing(json!({"Needs": {"Ref": "Bad"}})),
        }))
        .await;
    assert_eq!(status, StackStatus::RollbackComplete);
    assert_eq!(bench.things.names(), Vec::<String>::new());
    let events = bench.events();
    let bad = events.iter().position(|event| event == "Bad CREATE_FAILED (it does not work)").expect("bad");
    let slow =
        events.iter().position(|e| e == "Slow CREATE_FAILED (Resource creation cancelled)").expect("slow");
    assert!(bad < slow, "the first reason comes first");
    assert!(!events.iter().any(|event| event.starts_with("Never")));
    assert_eq!(
        bench.stack().reason.as_deref(),
        Some("The following resource(s) failed to create: [Bad, Slow].")
    );
    assert_eq!(bench.put(json!({"Good": thing(json!({}))})).await, StackStatus::CreateComplete);
    assert_eq!(bench.things.names(), ["Good"]);
}

#[tokio::test]
async fn a_failed_update_goes_back() {
    let bench = Bench::new();
    let good = json!({
        "Kept": thing(json!({"Size": 1})),
        "Renamed": thing(json!({"Name": "a"})),
        "User": thing(json!({"Needs": {"Ref": "Renamed"}})),
        "Removed": thing(json!({})),
    });
    bench.put(good.clone()).await;
    let before = bench.things.property("User", "Needs");
    let status = bench
        .put(json!({
            "Kept": thing(json!({"Size": 2})),
            "Renamed": thing(json!({"Name": "b"})),
            "User": thing(json!({"Needs": {"Ref": "Renamed"}})),
            "Added": thing(json!({})),
            "Bad": thing(json!({"Fail": true, "After": [{"Ref": "User"}, {"Ref": "Kept"}, {"Ref": "Added"}]})),
        }))
        .await;
    assert_eq!(status, StackStatus::UpdateRollbackComplete);
    assert_eq!(bench.things.names(), ["Kept", "Removed", "Renamed", "User"]);
    assert_eq!(bench.things.property("Kept", "Size"), json!(1));
    assert_eq!(bench.things.property("Renamed", "Name"), json!("a"));
    assert_eq!(bench.things.property("User", "Needs"), before);
    assert_eq!(bench.stack().reason.as_deref(), Some("The following resource(s) failed to update: [Bad]."));
    assert_eq!(bench.engine.put(&input(good)).expect("put"), StackChange::Unchanged);
}

#[tokio::test]
async fn an_update_that_fails_in_place_is_undone() {
    let bench = Bench::new();
    bench.put(json!({"It": thing(json!({"Size": 1}))})).await;
    bench.things.calls();
    let status = bench.put(json!({"It": thing(json!({"Size": 2, "Fail": true}))})).await;
    assert_eq!(status, StackStatus::UpdateRollbackComplete);
    assert_eq!(bench.things.calls(), ["update It", "update It"]);
    assert_eq!(bench.things.property("It", "Size"), json!(1));
}

#[tokio::test]
async fn a_cancelled_update_goes_back() {
    let bench = Bench::new();
    bench.put(json!({"It": thing(json!({"Size": 1}))})).await;
    assert_eq!(bench.engine.cancel_update("demo").expect_err("idle").kind, ErrorKind::Validation);
    let slow = input(json!({"It": thing(json!({"Size": 2, "Hang": true}))}));
    bench.engine.put(&slow).expect("put");
    assert_eq!(bench.engine.put(&slow).expect_err("busy").kind, ErrorKind::Conflict);
    assert_eq!(bench.engine.delete("demo").expect_err("busy").kind, ErrorKind::Conflict);
    bench.engine.cancel_update("demo").expect("cancel");
    assert_eq!(bench.end().await, StackStatus::UpdateRollbackComplete);
    assert_eq!(bench.things.property("It", "Size"), json!(1));
}

#[tokio::test]
async fn deletion_is_in_reverse_order_and_keeps_what_is_retained() {
    let bench = Bench::new();
    let mut kept = thing(json!({}));
    kept["DeletionPolicy"] = json!("Retain");
    bench
        .put(json!({
            "First": thing(json!({})),
            "Second": thing(json!({"Needs": {"Ref": "First"}})),
            "Third": {"Type": "Test::Thing", "DependsOn": "Second"},
            "Kept": kept,
        }))
        .await;
    bench.things.calls();
    bench.engine.delete("demo").expect("delete");
    assert_eq!(bench.end().await, StackStatus::DeleteComplete);
    assert_eq!(bench.things.calls(), ["delete Third", "delete Second", "delete First"]);
    assert_eq!(bench.things.names(), ["Kept"]);
    assert!(bench.events().contains(&"Kept DELETE_SKIPPED".to_owned()));
    assert!(bench.engine.describe("demo").is_none());
    assert!(bench.engine.list(&IndexMap::new()).is_empty());
    assert!(bench.store.list("stacks").expect("list").is_empty(), "nothing is left on disk");
    bench.engine.delete("demo").expect("again is no error");
    // Its name can be used again, and event numbers go on.
    let last = bench.engine.events("demo", 0).expect("events").last().expect("event").seq;
    let change = bench.engine.put(&input(json!({"First": thing(json!({}))}))).expect("put");
    assert_eq!(change, StackChange::Started { after: last });
    assert_eq!(bench.end().await, StackStatus::CreateComplete);
}

#[tokio::test]
async fn a_failed_deletion_is_told_and_tried_again() {
    let bench = Bench::new();
    let resources = json!({
        "Base": thing(json!({})),
        "Top": thing(json!({"Needs": {"Ref": "Base"}})),
    });
    bench.put(resources.clone()).await;
    lock(&bench.things.0).undeletable = Some("Top".to_owned());
    bench.engine.delete("demo").expect("delete");
    assert_eq!(bench.end().await, StackStatus::DeleteFailed);
    assert_eq!(bench.things.names(), ["Base", "Top"], "what Top needs is not deleted under it");
    assert!(bench.events().contains(&"Top DELETE_FAILED (it is stuck)".to_owned()));
    lock(&bench.things.0).undeletable = None;
    assert_eq!(bench.put(resources).await, StackStatus::CreateComplete);
    assert_eq!(bench.things.names(), ["Base", "Top"]);
}

#[tokio::test]
async fn a_creation_in_progress_can_be_deleted() {
    let bench = Bench::new();
    let slow = input(json!({"Good": thing(json!({})), "It": thing(json!({"Hang": true}))}));
    bench.engine.put(&slow).expect("put");
    bench.engine.delete("demo").expect("delete");
    assert_eq!(bench.end().await, StackStatus::DeleteComplete);
    assert_eq!(bench.things.names(), Vec::<String>::new());
}

#[tokio::test]
async fn the_physical_id_is_told_before_the_resource_is_stable() {
    let bench = Bench::new();
    lock(&bench.things.0).stuck = Some("create It".to_owned());
    bench.engine.put(&input(json!({"It": thing(json!({"Announced": true}))}))).expect("put");
    bench.wait_for_call("create It").await;
    let events = bench.engine.events("demo", 0).expect("events");
    let begun = events.iter().find(|event| event.logical_id == "It").expect("event");
    assert_eq!(begun.status, "CREATE_IN_PROGRESS");
    let id = begun.physical_id.clone().expect("physical id");
    let resource = bench.engine.resources("demo").expect("resources").remove(0);
    assert_eq!((resource.status.as_str(), resource.physical_id), ("CREATE_IN_PROGRESS", Some(id)));
    bench.engine.close();
}

#[tokio::test]
async fn a_realiser_that_panics_does_not_hold_its_stack() {
    let bench = Bench::new();
    let status = bench.put(json!({"It": thing(json!({"Panic": true}))})).await;
    assert_eq!(status, StackStatus::RollbackComplete);
    assert_eq!(
        bench.put(json!({"It": thing(json!({"PanicAtEnd": true}))})).await,
        StackStatus::CreateComplete
    );
    bench.engine.delete("demo").expect("delete");
    assert_eq!(bench.end().await, StackStatus::DeleteFailed);
}

#[tokio::test]
async fn protection_and_bad_input_are_refused() {
    let bench = Bench::new();
    let mut protected = input(json!({"It": thing(json!({}))}));
    protected.termination_protection = true;
    bench.engine.put(&protected).expect("put");
    bench.end().await;
    let refused = bench.engine.delete("demo").expect_err("protected");
    assert_eq!(refused.kind, ErrorKind::Validation);
    assert!(refused.hint.is_some());
    protected.termination_protection = false;
    assert_eq!(bench.engine.put(&protected).expect("put"), StackChange::Unchanged);
    bench.engine.delete("demo").expect("delete");

    let mut bad = input(json!({"It": thing(json!({"Needs": {"Ref": "Nobody"}}))}));
    bad.name = "other".into();
    assert_eq!(bench.engine.put(&bad).expect_err("reference").kind, ErrorKind::Validation);
    bad.name = "../other".into();
    assert_eq!(bench.engine.put(&bad).expect_err("name").kind, ErrorKind::Validation);
    assert!(bench.engine.describe("other").is_none());
    assert_eq!(bench.engine.template("other").expect_err("missing").kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_killed_creation_goes_on_without_duplicates() {
    let mut bench = Bench::new();
    lock(&bench.things.0).stuck = Some("create Second".to_owned());
    bench
        .engine
        .put(&input(json!({
            "First": thing(json!({})),
            "Second": thing(json!({"Needs": {"Ref": "First"}})),
            "Third": thing(json!({"Needs": {"Ref": "Second"}})),
        })))
        .expect("put");
    bench.wait_for_call("create Second").await;
    bench.reopen();
    assert_eq!(bench.end().await, StackStatus::CreateComplete);
    assert_eq!(bench.things.names(), ["First", "Second", "Third"]);
    assert_eq!(bench.things.calls(), ["create First", "create Second", "create Second", "create Third"]);
}

#[tokio::test]
async fn an_operation_killed_at_any_call_ends_as_if_it_was_not() {
    let old = json!({
        "Name": thing(json!({"Name": "a"})),
        "Size": thing(json!({"Size": 1, "Needs": {"Ref": "Name"}})),
        "Gone": thing(json!({})),
    });
    let new = json!({
        "Name": thing(json!({"Name": "b"})),
        "Size": thing(json!({"Size": 2, "Needs": {"Ref": "Name"}})),
        "Added": thing(json!({"Needs": {"Ref": "Size"}})),
    });
    let mut bad = new.clone();
    bad["Added"]["Properties"]["Fail"] = json!(true);
    let calls = ["create Name", "update Size", "create Added", "delete Name", "delete Gone", "delete Added"];
    for call in calls {
        for (wanted, status, left, size) in [
            (&new, StackStatus::UpdateComplete, ["Added", "Name", "Size"], json!(2)),
            (&bad, StackStatus::UpdateRollbackComplete, ["Gone", "Name", "Size"], json!(1)),
        ] {
            // These calls are not part of the operation.
            let good = status == StackStatus::UpdateComplete;
            if (good && call == "delete Added") || (!good && call == "delete Gone") {
                continue;
            }
            let mut bench = Bench::new();
            bench.put(old.clone()).await;
            bench.things.calls();
            lock(&bench.things.0).stuck = Some(call.to_owned());
            bench.engine.put(&input(wanted.clone())).expect("put");
            bench.wait_for_call(call).await;
            bench.reopen();
            assert_eq!(bench.end().await, status, "{call}");
            assert_eq!(bench.things.names(), left, "{call}");
            assert_eq!(bench.things.property("Size", "Size"), size, "{call}");
            let needs = bench.things.property("Size", "Needs");
            let token = needs.as_str().expect("text").trim_start_matches("thing-").to_owned();
            assert_eq!(lock(&bench.things.0).things[&token].0, "Name", "{call}");
        }
    }
}

#[tokio::test]
async fn a_killed_deletion_goes_on() {
    let mut bench = Bench::new();
    bench.put(json!({"First": thing(json!({})), "Second": thing(json!({"Needs": {"Ref": "First"}}))})).await;
    lock(&bench.things.0).stuck = Some("delete Second".to_owned());
    bench.engine.delete("demo").expect("delete");
    bench.wait_for_call("delete Second").await;
    bench.reopen();
    assert_eq!(bench.end().await, StackStatus::DeleteComplete);
    assert_eq!(bench.things.names(), Vec::<String>::new());
}
