"""Releases that must fail: issue 2, "what it must show", 3."""

import re

from harness import CODES, Probe, Shop, event_time

MISSING_SECRET = """\
services:
  web:
    secrets: [NOT_THERE]
secrets:
  NOT_THERE:
    environment: A_VARIABLE_THAT_NOBODY_SETS
"""


def web(event):
    return event.get("workload") == "web"


def crashed(event):
    return event["kind"] == "task" and web(event) and event.get("exit_code") == 3


def unhealthy(event):
    if event["kind"] == "task" and web(event):
        return event["health"].lower() == "unhealthy"
    return event["kind"] == "service_event" and "unhealthy" in event["message"]


def reason_holds(word):
    def cause(event):
        text = f"{event.get('reason') or ''} {event.get('message') or ''}"
        return event["kind"] in ("task", "service_event") and word in text

    return cause


# name, arguments, variables, the event that makes the failure definite, what the dossier names
CASES = [
    (
        "crash at start",
        [],
        {"SHOP_CRASH": "3"},
        crashed,
        [r"[Ee]ssential container", r"exit code\D{0,3}3", r"SHOP_CRASH=3 asks for a crash"],
    ),
    (
        "never healthy",
        [],
        {"SHOP_UNHEALTHY": "1"},
        unhealthy,
        [r"503|[Hh]ealth checks? failed", r"listening on 0\.0\.0\.0:8080"],
    ),
    (
        "image missing",
        ["--image", "web=localhost:1/nothing/web:9"],
        {},
        reason_holds("CannotPull"),
        [r"CannotPull\w*", r"localhost:1/nothing/web"],
    ),
    (
        "secret missing",
        ["-f", "compose.yaml", "-f", "missing-secret.yaml"],
        {},
        reason_holds("ResourceInitializationError"),
        [r"ResourceInitializationError", r"NOT_THERE"],
    ),
]


def run(t):
    with Shop() as shop:
        (shop.project / "missing-secret.yaml").write_text(MISSING_SECRET)
        first = shop.up()
        t.need(first.code == 0, "v1 is up", first)
        for name, arguments, variables, is_cause, evidence in CASES:
            with Probe(shop) as probe:
                failed = shop.up(*arguments, **variables)
            t.equal(failed.code, CODES["rolled_back"], f"{name}: exit code 6", failed)
            t.equal(probe.failures, [], f"{name}: the old version answered throughout")
            t.equal(set(probe.versions), {"v1"}, f"{name}: and nobody else did")
            events = failed.events()
            causes = [event_time(event) for event in events if is_cause(event)]
            if t.ok(causes, f"{name}: the events hold the cause", failed):
                took = event_time(events[-1]) - min(causes)
                t.ok(took < 15, f"{name}: over within 15 s of the cause", f"{took:.1f} s")
                t.number(f"{name}: seconds from cause to end", round(took, 2))
            t.number(f"{name}: seconds of the command", round(failed.seconds, 2))
            for pattern in evidence:
                t.ok(
                    re.search(pattern, failed.err),
                    f"{name}: the dossier names {pattern}",
                    failed.err,
                )
            written = re.search(r"\S+/dossiers/\S+\.txt", failed.err)
            t.ok(written, f"{name}: the dossier is a file, too", failed.err)
            releases = shop.seaway("releases", "--json")
            newest = releases.json()[0] if releases.code == 0 else {}
            t.equal(newest.get("outcome"), "rolled_back", f"{name}: the record says so", releases)

        with Probe(shop) as probe:
            failed = shop.up(MIGRATE_CRASH="1", SHOP_VERSION="v2")
        t.equal(failed.code, CODES["rolled_back"], "migration fails: exit code 6", failed)
        t.equal(set(probe.versions), {"v1"}, "migration fails: no service moved")
        t.equal(probe.failures, [], "migration fails: the old version answered throughout")

        good = shop.up(SHOP_VERSION="v3")
        t.equal(good.code, 0, "a good release after the bad ones serves", good)
        t.equal(shop.get("/version")[1].strip(), "v3", "and it is the new one")
