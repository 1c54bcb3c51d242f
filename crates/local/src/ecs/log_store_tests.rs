use super::*;

fn store() -> (tempfile::TempDir, LogStore) {
    let dir = tempfile::tempdir().expect("dir");
    let path = Utf8Path::from_path(dir.path()).expect("utf-8").to_owned();
    (dir, LogStore::open(&path))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("time")
}

fn messages(page: &LogPage) -> Vec<&str> {
    page.events.iter().map(|event| event.message.as_str()).collect()
}

fn put(store: &LogStore, stream: &str, second: i64, message: &str) {
    store.append("/seaway/shop", stream, &[(at(second), message.to_owned())]).expect("append");
}

fn query() -> LogQuery {
    LogQuery { group: "/seaway/shop".into(), ..LogQuery::default() }
}

#[test]
fn streams_are_merged_by_time() {
    let (_dir, store) = store();
    put(&store, "web/web/1", 10, "a");
    put(&store, "web/web/2", 5, "b");
    put(&store, "web/web/1", 12, "c");
    let page = store.query(&query());
    assert_eq!(messages(&page), ["b", "a", "c"]);
    assert_eq!(page.events[0].stream, "web/web/2");
}

#[test]
fn a_cursor_sees_late_lines_of_other_streams_once() {
    let (_dir, store) = store();
    put(&store, "web/web/1", 10, "a");
    let first = store.query(&query());
    put(&store, "web/web/2", 5, "older, but later");
    put(&store, "web/web/1", 11, "b");
    let second = store.query(&LogQuery { after: first.cursor, ..query() });
    assert_eq!(messages(&second), ["older, but later", "b"]);
    let third = store.query(&LogQuery { after: second.cursor.clone(), ..query() });
    assert_eq!(third, LogPage { events: Vec::new(), cursor: second.cursor });
}

#[test]
fn pages_with_a_cursor_are_complete() {
    let (_dir, store) = store();
    for number in 0..1000 {
        put(&store, &format!("web/web/{}", number % 3), 1000 - number, &number.to_string());
    }
    let mut seen = Vec::new();
    let mut after = Some("0".to_owned());
    loop {
        let page = store.query(&LogQuery { after, limit: Some(70), ..query() });
        if page.events.is_empty() {
            break;
        }
        seen.extend(page.events.iter().map(|event| event.message.parse::<i64>().expect("number")));
        after = page.cursor;
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..1000).collect::<Vec<_>>());
}

#[test]
fn without_a_cursor_the_newest_win() {
    let (_dir, store) = store();
    for number in 0..5 {
        put(&store, "web/web/1", number, &number.to_string());
    }
    let page = store.query(&LogQuery { limit: Some(2), ..query() });
    assert_eq!(messages(&page), ["3", "4"]);
    let page = store.query(&LogQuery { since: Some(at(3)), ..query() });
    assert_eq!(messages(&page), ["3", "4"]);
}

#[test]
fn streams_are_chosen_by_prefix_and_suffix() {
    let (_dir, store) = store();
    put(&store, "web/web/1", 1, "a");
    put(&store, "web/web/2", 2, "b");
    put(&store, "job/job/2", 3, "c");
    let suffix = LogQuery { stream_suffix: Some("/2".into()), ..query() };
    assert_eq!(messages(&store.query(&suffix)), ["b", "c"]);
    let both = LogQuery { stream_prefix: Some("web/".into()), ..suffix };
    assert_eq!(messages(&store.query(&both)), ["b"]);
}

#[test]
fn a_stream_goes_on_after_a_restart() {
    let (dir, store) = store();
    put(&store, "web/web/1", 7, "a");
    put(&store, "web/web/1", 7, "b");
    let page = store.query(&query());
    drop(store);
    let store = LogStore::open(Utf8Path::from_path(dir.path()).expect("utf-8"));
    assert_eq!(store.tail("/seaway/shop", "web/web/1"), Tail { time: Some(at(7)), same: 2 });
    put(&store, "web/web/1", 8, "c");
    let next = store.query(&LogQuery { after: page.cursor, ..query() });
    assert_eq!(messages(&next), ["c"]);
    assert_eq!(messages(&store.query(&query())), ["a", "b", "c"]);
}

#[test]
fn a_stream_is_bounded() {
    let (_dir, store) = store();
    let line = "x".repeat(64 * 1024);
    for number in 0..400 {
        put(&store, "web/web/1", number, &line);
    }
    let kept = store.query(&query()).events.len();
    assert!((70..=165).contains(&kept), "{kept} lines of 64 KiB");
}

#[test]
fn a_cut_line_is_no_line() {
    let (_dir, store) = store();
    put(&store, "web/web/1", 1, "a");
    let path = store.path("/seaway/shop", "web/web/1");
    let mut file = open_file(&path).expect("file");
    file.write_all(b"{\"time\":\"2026-").expect("write");
    assert_eq!(messages(&store.query(&query())), ["a"]);
    store.close("/seaway/shop", "web/web/1");
    put(&store, "web/web/1", 2, "b");
    assert_eq!(messages(&store.query(&query())), ["a", "b"]);
}

#[test]
fn names_survive_the_file_system() {
    for name in ["/seaway/shop/local/web", "web/web/0123", "ä%2F.."] {
        let file = escape(name);
        assert!(!file.contains('/') && !file.contains('.'));
        assert_eq!(unescape(&file), name);
    }
}

#[test]
fn a_deleted_group_is_read_for_a_while_and_then_gone() {
    let (dir, store) = store();
    put(&store, "web/web/1", 10, "last words");
    store.delete_group("/seaway/shop");
    store.prune();
    assert_eq!(messages(&store.query(&query())), ["last words"], "a report may still quote it");
    store.prune_deleted(Duration::ZERO);
    assert!(store.query(&query()).events.is_empty());
    assert_eq!(std::fs::read_dir(dir.path().join("logs")).expect("logs").count(), 0, "no folder is left");
}

#[test]
fn a_new_group_has_nothing_of_the_deleted_one() {
    let (_dir, store) = store();
    put(&store, "web/web/1", 10, "old");
    store.create_group("/seaway/shop");
    assert_eq!(messages(&store.query(&query())), ["old"], "it was not deleted");
    store.delete_group("/seaway/shop");
    store.create_group("/seaway/shop");
    put(&store, "web/web/2", 11, "new");
    store.prune_deleted(Duration::ZERO);
    assert_eq!(messages(&store.query(&query())), ["new"]);
}
