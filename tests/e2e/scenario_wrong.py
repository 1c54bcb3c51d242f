"""Wrong input on the command line: issue 2, "what it must show", 8. The forty cases are tests of
the crates; these see that a finding reaches a person and that nothing is touched."""

import re

from harness import CODES, Shop

# name, file, what the finding must name
CASES = [
    ("bad YAML", "services:\n  web:\n    image: [a\n", r"compose\.yaml"),
    ("unknown key", "services:\n  web:\n    image: a\n    imagee: b\n", r"imagee"),
    ("wrong type", "services:\n  web:\n    image: a\n    ports: 80\n", r"ports"),
    ("unset variable", "services:\n  web:\n    image: ${TAG_OF_WEB:?say which}\n", r"say which"),
    ("missing env_file", "services:\n  web:\n    image: a\n    env_file: no.env\n", r"no\.env"),
    (
        "cycle",
        "services:\n  a:\n    image: a\n    depends_on: [b]\n"
        "  b:\n    image: b\n    depends_on: [a]\n",
        r"cycle|depends",
    ),
    (
        "unknown service in Access",
        "services:\n  web:\n    image: a\nx-sqs:\n  q:\n    Services:\n"
        "      wep: { Access: RWMessages }\n",
        r"wep",
    ),
    (
        "clashing routes",
        "services:\n"
        "  a:\n    image: a\n    expose: ['80']\n    x-routes: [{ path: /x, port: 80 }]\n"
        "  b:\n    image: b\n    expose: ['80']\n    x-routes: [{ path: /x, port: 80 }]\n",
        r"/x",
    ),
    (
        "port published twice",
        "services:\n"
        "  a:\n    image: a\n    ports: ['80:80']\n  b:\n    image: b\n    ports: ['80:81']\n",
        r"port 80",
    ),
    ("dependency on nothing", "services:\n  a:\n    image: a\n    depends_on: [zz]\n", r"zz"),
]


def run(t):
    with Shop() as shop:
        compose = shop.project / "compose.yaml"
        for name, text, pattern in CASES:
            compose.write_text(text)
            for command in ("check", "up"):
                done = shop.seaway(command, *(["--yes"] if command == "up" else []))
                said = done.out + done.err
                t.equal(done.code, CODES["usage"], f"{name}: {command} ends with 2", done)
                t.ok(re.search(r"\bSW\d{4}\b", said), f"{name}: {command} gives a code", said)
                t.ok(
                    re.search(r"compose\.yaml:\d+:\d+", said),
                    f"{name}: {command} shows file, line and column",
                    said,
                )
                t.ok(re.search(pattern, said), f"{name}: {command} names it", said)
                t.ok("panicked" not in said, f"{name}: {command} does not panic", said)
        many = "services:\n  web:\n    image: a\n    imagee: b\n    portz: [1]\n    depends_on: [zz]\n"
        compose.write_text(many)
        done = shop.seaway("check", "--json")
        t.equal(done.code, CODES["usage"], "three mistakes: exit code 2", done)
        for word in ("imagee", "portz", "zz"):
            t.ok(word in done.out, f"three mistakes: `{word}` is reported", done.out)
        for arguments in (["nonsense"], ["up", "--nonsense"], ["scale", "web"], ["up", "nobody"]):
            compose.write_text("services:\n  web:\n    image: a\n")
            done = shop.seaway(*arguments)
            t.equal(done.code, CODES["usage"], f"`{' '.join(arguments)}` ends with 2", done)
        t.equal(shop.processes(), [], "nothing was started")
        t.ok(not shop.state.exists(), "nothing was written")
        t.equal(shop.containers(), set(), "no container was made")
