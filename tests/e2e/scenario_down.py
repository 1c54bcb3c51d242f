"""Nothing is left: issue 2, "what it must show", 6."""

import json

from harness import Shop, docker, port_answers


def machine(own_label):
    """Returns what is on the engine, without what other instances of Seaway have there."""
    found = {}
    listings = {
        "containers": ["ps", "-a", "--no-trunc", "--format", "{{json .}}"],
        "networks": ["network", "ls", "--no-trunc", "--format", "{{json .}}"],
        "volumes": ["volume", "ls", "--format", "{{json .}}"],
    }
    for kind, listing in listings.items():
        names = set()
        for line in docker(*listing):
            entry = json.loads(line)
            labels = entry.get("Labels", "")
            if "seaway.instance=" in labels and own_label not in labels:
                continue
            names.add(entry.get("ID") or entry.get("Name"))
        found[kind] = names
    return found


def run(t):
    with Shop() as shop:
        own = f"seaway.instance={shop.instance}"
        before = machine(own)
        up = shop.up()
        t.need(up.code == 0, "the shop is up", up)
        t.ok(shop.leftovers()["containers"], "its containers carry the label of the instance")

        down = shop.seaway("down", "--yes", "--events")
        t.equal(down.code, 0, "down ends with 0", down)
        t.number("seconds of down", round(down.seconds, 2))
        for kind, names in shop.leftovers().items():
            t.equal(names, set(), f"down leaves no {kind}")
        t.ok(not port_answers(shop.port), "nobody listens on the load balancer's port")
        again = shop.seaway("down", "--yes")
        t.equal(again.code, 0, "down again has nothing to do", again)

        up = shop.up()
        t.equal(up.code, 0, "up after down", up)
        built = [i for i in docker("image", "ls", "--format", "{{.Repository}}") if shop.instance in i]
        t.ok(built, "its images carry the name of the instance")
        local = shop.seaway("local", "down", "--yes")
        t.equal(local.code, 0, "local down ends with 0", local)
        for kind, names in machine(own).items():
            t.equal(names - before[kind], set(), f"local down leaves no {kind}")
        images = [i for i in docker("image", "ls", "-a", "--format", "{{.Repository}}") if shop.instance in i]
        t.equal(images, [], "local down leaves no image that it built")
        t.ok(not port_answers(shop.port), "nobody listens on the load balancer's port")
        t.equal(shop.processes(), [], "no background process is left")
        rest = [str(path) for path in shop.state.rglob("*")] if shop.state.exists() else []
        t.equal(rest, [], "the state folder is empty")
        again = shop.seaway("local", "down", "--yes")
        t.equal(again.code, 0, "local down again has nothing to do", again)
        status = shop.seaway("local", "status", "--json")
        t.equal(status.code, 0, "local status still answers", status)
        t.equal(shop.processes(), [], "and starts nothing")
