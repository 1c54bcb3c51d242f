"""A new image under load: issue 2, "what it must show", 2."""

from harness import Load, Shop


# Eight tasks, one more at a time: a roll of many waves, long enough for many requests.
MANY = """\
services:
  web:
    deploy:
      replicas: 8
      update_config: { parallelism: 1, order: start-first }
"""


def run(t):
    with Shop() as shop:
        (shop.project / "many.yaml").write_text(MANY)
        files = ("-f", "compose.yaml", "-f", "many.yaml")
        first = shop.up(*files, SHOP_VERSION="v1")
        t.need(first.code == 0, "v1 is up", first)
        load = Load(shop, connections=16)
        second = shop.up(*files, SHOP_VERSION="v2")
        seen = load.stop()
        t.need(second.code == 0, "v2 is up", second)
        t.equal(seen["failed"], 0, "no request failed", seen)
        t.ok(seen["requests"] >= 20_000, "at least 20,000 requests during the roll", seen)
        t.ok({"v1", "v2"} <= set(seen["versions"]), "both versions answered", seen)
        t.equal(set(seen["versions"]) - {"v1", "v2"}, set(), "nobody else answered", seen)
        t.equal(shop.get("/version")[1].strip(), "v2", "v2 answers in the end")
        for name in ("requests", "failed", "seconds", "p50_ms", "p99_ms", "max_ms"):
            t.number(name, seen[name])
        t.number("seconds of the release", round(second.seconds, 2))

        events = second.events()
        tasks = [e for e in events if e["kind"] == "task" and e.get("workload") == "web"]
        revisions = {event["task_definition"] for event in tasks}
        t.ok(len(revisions) >= 2, "events show old and new tasks", revisions)
        states = {event["health"].lower() for event in tasks}
        t.ok("healthy" in states, "events show health", states)
        t.ok("draining" in states, "events show draining", states)
        tables = [e["rows"] for e in events if e["kind"] == "deployments"]
        both = any({"PRIMARY", "ACTIVE"} <= {row["status"] for row in rows} for rows in tables)
        t.ok(both, "the deployments table shows both deployments", tables)
        moved = {event["workload"] for event in events if event["kind"] == "task"}
        t.ok("api" not in moved and "worker" not in moved, "only web moved", moved)

        again = shop.seaway("up", "--yes", *files, SHOP_VERSION="v1")
        t.equal(again.code, 0, "back to v1 without --events", again)
        t.ok("web" in again.err, "progress is prose on stderr", again)
        t.equal(again.out.strip(), "", "stdout is empty: there is no data", again.out)
