"""kill -9 of the command at random moments: issue 2, "what it must show", 5."""

import os
import random
import time

from harness import Shop, docker

KILLS = 20
# After every so many kills an undisturbed `up` must converge.
ROUND = 4


def run(t):
    seed = int(os.environ.get("SEAWAY_E2E_SEED", time.time()))
    t.number("seed", seed)
    moments = random.Random(seed)
    with Shop() as shop:
        first = shop.up(SHOP_VERSION="v0")
        t.need(first.code == 0, "the shop is up", first)
        expected = {kind: len(names) for kind, names in shop.leftovers().items()}
        expected["containers"] = len(shop.containers(running_only=True))
        span = max(first.seconds, 2.0)

        killed = 0
        while killed < KILLS:
            # Every other round begins with nothing: creation is interrupted, too.
            if (killed // ROUND) % 2 == 0:
                down = shop.seaway("down", "--yes")
                t.ok(down.code == 0, "down between the rounds", down)
            for _ in range(ROUND):
                killed += 1
                process = shop.start("up", "--yes", SHOP_VERSION=f"v{killed}")
                time.sleep(moments.uniform(0.0, span))
                process.kill()
                # Ends at once, unless the background process holds the command's pipes.
                process.communicate(timeout=30)
            final = f"final{killed}"
            up = shop.up("--lock-wait", "30s", SHOP_VERSION=final)
            if not t.ok(up.code == 0, f"`up` converges after {killed} kills", up):
                return
            t.equal(shop.get("/version")[1].strip(), final, f"{final} answers")
            running = len(shop.containers(running_only=True))
            t.equal(
                running,
                expected["containers"],
                f"after {killed} kills no container is too many",
                "\n".join(docker("ps", "--filter", shop.label)),
            )
            left = shop.leftovers()
            for kind in ("networks", "volumes"):
                t.equal(len(left[kind]), expected[kind], f"after {killed} kills as many {kind}")
            t.equal(len(shop.processes()), 1, f"after {killed} kills one background process")
        down = shop.seaway("down", "--yes")
        t.equal(down.code, 0, "down ends with 0", down)
        t.equal(shop.leftovers()["containers"], set(), "and leaves no container")
