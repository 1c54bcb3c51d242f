"""No container engine: a clear error that says what to install."""

from harness import CODES, Shop


def run(t):
    with Shop() as shop:
        nowhere = {"DOCKER_HOST": f"unix://{shop.folder}/nobody.sock"}
        up = shop.seaway("up", "--yes", timeout=60, **nowhere)
        t.equal(up.code, CODES["preflight"], "`up` ends with 3", up)
        t.ok("nobody.sock" in up.err, "it says which engine it looked for", up.err)
        t.ok("install" in up.err.lower(), "it says what to install", up.err)
        t.ok("panicked" not in up.err, "it does not panic", up.err)
        t.ok(len(up.err.strip().splitlines()) < 25, "it is short", up.err)
        t.equal(shop.containers(), set(), "no container was made")
        check = shop.seaway("check", **nowhere)
        t.equal(check.code, 0, "`check` needs no engine", check)
        synth = shop.seaway("synth", **nowhere)
        t.equal(synth.code, 0, "`synth` needs no engine", synth)
