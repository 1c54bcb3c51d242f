"""From nothing to a page: issue 2, "what it must show", 1."""

from harness import Shop, event_time, wait_for


def run(t):
    with Shop() as shop:
        up = shop.up()
        t.need(up.code == 0, "`up` ends with 0", up)
        t.number("seconds of the first up", round(up.seconds, 2))
        events = up.events()
        last = events[-1]
        t.equal(last["kind"], "finished", "the last event is the outcome")
        t.equal(last.get("outcome"), "serving", "the outcome is `serving`")
        t.equal(
            [event["seq"] for event in events],
            list(range(1, len(events) + 1)),
            "events are numbered without a gap",
        )

        status, page = shop.get("/")
        t.equal(status, 200, "the page answers through the load balancer", page)
        t.ok("<h2>Orders</h2>" in page, "it is the shop's page", page)

        order = shop.order("lantern", 3)
        t.need(order is not None, "an order is accepted", shop.seaway("logs").out)
        done = wait_for(lambda: shop.order_state(order) == "done", 30)
        t.ok(done, "it passes api, queue and worker", shop.seaway("logs").out)
        t.ok(order["id"] in shop.get("/")[1], "it appears on the page")
        t.ok(len(order["receipt"]) == 16, "it has a receipt, so the secret arrived")

        log = shop.seaway("logs", "migrate").out
        t.equal(log.count("the schema is at version 3"), 1, "migrate ran once", log)
        tasks = [event for event in events if event.get("workload") == "migrate"]
        services = [
            event
            for event in events
            if event["kind"] == "task" and event.get("workload") in ("web", "api", "worker")
        ]
        t.ok(tasks and services, "the events show tasks of migrate and of the services")
        stopped = [e for e in tasks if e["kind"] == "task" and e.get("exit_code") == 0]
        if t.ok(stopped, "the events show that migrate ended with 0", tasks) and services:
            t.ok(
                event_time(stopped[0]) <= min(event_time(event) for event in services),
                "no service started before migrate had ended",
            )
