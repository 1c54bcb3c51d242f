"""Nothing changed, and one thing changed: issue 2, "what it must show", 4."""

import json

from harness import CODES, Shop, docker


def run(t):
    with Shop() as shop:
        first = shop.up()
        t.need(first.code == 0, "the shop is up", first)

        before = shop.containers()
        plan = shop.seaway("plan", "--exit-code", "--json")
        t.equal(plan.code, 0, "plan finds no difference", plan)
        again = shop.up()
        t.equal(again.code, 0, "`up` again ends with 0", again)
        t.equal(shop.containers(), before, "no container was touched")
        touched = [
            event
            for event in again.events()
            if event["kind"] == "stack" and event["state"] != "unchanged"
        ]
        t.equal(touched, [], "every stack is unchanged")
        times = [shop.seaway("up", "--yes").seconds for _ in range(5)]
        t.number("seconds of an up without a change (best of 5)", round(min(times), 3))

        change = {"SHOP_TITLE": "Another title"}
        plan = shop.seaway("plan", "--exit-code", "--json", **change)
        t.equal(plan.code, CODES["different"], "plan finds the change: exit code 4", plan)
        text = json.dumps(plan.json())
        t.ok("SHOP_TITLE" in text or "Another title" in text, "plan names the variable", plan.out)
        people = shop.seaway("plan", **change)
        t.equal(people.code, 0, "plan for people ends with 0", people)
        t.ok("web" in people.out, "plan for people names web", people)

        old = {name: _containers(shop, name) for name in ("web", "api", "worker")}
        up = shop.up(**change)
        t.equal(up.code, 0, "the change is applied", up)
        stacks = {
            event["stack"]
            for event in up.events()
            if event["kind"] == "stack" and event["state"] not in ("unchanged", "waiting")
        }
        t.equal(stacks, {"shop-local-web"}, "one stack was touched")
        t.equal(_containers(shop, "api"), old["api"], "api was not touched")
        t.equal(_containers(shop, "worker"), old["worker"], "worker was not touched")
        t.ok("Another title" in shop.get("/")[1], "the page has its new title")


def _containers(shop, workload):
    """Returns the running containers of a workload: its command is its name."""
    return set(
        line.split()[0]
        for line in docker(
            "ps", "--no-trunc", "--filter", shop.label, "--format", "{{.ID}} {{.Command}}"
        )
        if line.rstrip('"').endswith(f" {workload}")
    )
