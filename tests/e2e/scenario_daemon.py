"""The background process dies: issue 2, "what it must show", 5."""

import os
import signal

from harness import Shop, wait_for


def run(t):
    with Shop() as shop:
        first = shop.up(SHOP_VERSION="v1")
        t.need(first.code == 0, "the shop is up", first)
        order = shop.order()
        t.ok(order is not None, "an order is accepted")
        before = shop.containers(running_only=True)

        _kill(t, shop)
        status = shop.seaway("status", "--json")
        t.equal(status.code, 0, "`status` starts it again", status)
        back = wait_for(lambda: shop.get("/version")[0] == 200, 15)
        t.ok(back, "the load balancer serves again", shop.get("/version"))
        t.equal(shop.containers(running_only=True), before, "the containers were adopted")
        if order:
            t.ok(shop.order_state(order) in ("queued", "done"), "the order is still there")
        late = shop.order()
        t.ok(
            late and wait_for(lambda: shop.order_state(late) == "done", 30),
            "orders still pass the queue",
            shop.seaway("logs").out,
        )

        _kill(t, shop)
        up = shop.up(SHOP_VERSION="v2")
        t.equal(up.code, 0, "`up` recovers, too", up)
        t.equal(shop.get("/version")[1].strip(), "v2", "and moves to the new version")
        t.equal(len(shop.processes()), 1, "there is one background process")

        process = shop.start("up", "--yes", SHOP_VERSION="v3")
        wait_for(lambda: process.poll() is not None, 2)
        _kill(t, shop)
        process.communicate(timeout=120)
        up = shop.up("--lock-wait", "30s", SHOP_VERSION="v3")
        t.equal(up.code, 0, "`up` recovers from a death in the middle of a release", up)
        t.equal(shop.get("/version")[1].strip(), "v3", "and gets there")


def _kill(t, shop):
    processes = [pid for pid in shop.processes() if _is_background(pid)]
    t.need(len(processes) == 1, "there is one background process to kill", processes)
    os.kill(processes[0], signal.SIGKILL)
    wait_for(lambda: not _is_background(processes[0]), 5, pause=0.05)


def _is_background(pid):
    """Tells the background process from a command under way."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"serve" in file.read().split(b"\0")
    except OSError:
        return False
