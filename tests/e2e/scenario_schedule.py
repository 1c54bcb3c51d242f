"""A job fires on its schedule. The shortest rate is a minute, so this runs beside the others."""

import time

from harness import Shop, wait_for


def run(t):
    with Shop() as shop:
        up = shop.up()
        t.need(up.code == 0, "`up` ends with 0", up)
        begin = time.monotonic()

        def reported():
            return "report: " in shop.seaway("logs", "report").out

        fired = wait_for(reported, 90, pause=2)
        t.ok(fired, "report ran on its schedule", shop.seaway("jobs"))
        t.number("seconds until the schedule fired", round(time.monotonic() - begin, 1))
