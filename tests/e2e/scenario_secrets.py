"""Secrets never appear: issue 2, "what it must show", 9."""

from harness import Shop, docker

FROM_FILE = "canary-file-5f1d7a90c3b84e21"
FROM_SHELL = "canary-shell-a86cf27be0d94d35"

OVERLAY = """\
services:
  web:
    secrets: [FROM_SHELL]
secrets:
  FROM_SHELL:
    environment: CANARY
"""


def run(t):
    with Shop() as shop:
        shop.secret_file.write_text(f"{FROM_FILE}\n")
        (shop.project / "canary.yaml").write_text(OVERLAY)
        files = ["-f", "compose.yaml", "-f", "canary.yaml"]

        def seaway(*arguments, **variables):
            return shop.seaway(*arguments, *files, CANARY=FROM_SHELL, **variables)

        said = {}
        for name, arguments in {
            "synth": ["synth"],
            "synth for production": ["synth", "-e", "production"],
            "config": ["config"],
            "check": ["check", "--json"],
            "plan": ["plan", "--json"],
            "plan for people": ["plan"],
        }.items():
            said[name] = seaway(*arguments)
        said["up"] = seaway("up", "--yes", "--events")
        t.need(said["up"].code == 0, "the shop is up", said["up"])
        told = docker("ps", "-q", "--filter", shop.label)
        inside = [docker("inspect", "--format", "{{json .Config.Env}}", name)[0] for name in told]
        t.ok(any(FROM_FILE in text for text in inside), "the secret of a file reached a container")
        t.ok(any(FROM_SHELL in text for text in inside), "the one of the shell, too")

        said["up again"] = seaway("up", "--yes")
        said["failed up"] = seaway("up", "--yes", "--events", SHOP_CRASH="3")
        t.equal(said["failed up"].code, 6, "a release fails", said["failed up"])
        said["failed up as JSON"] = seaway("up", "--yes", "--json", SHOP_CRASH="4")
        for name in ("status", "releases", "outputs", "jobs"):
            said[name] = seaway(name, "--json")
        said["logs"] = seaway("logs")
        said["local status"] = shop.seaway("local", "status", "--json")
        for name, result in said.items():
            text = result.out + result.err
            t.ok(FROM_FILE not in text and FROM_SHELL not in text, f"not in the output of {name}")

        found, looked = [], 0
        for path in shop.state.rglob("*"):
            if path.is_file():
                looked += 1
                content = path.read_bytes()
                if FROM_FILE.encode() in content or FROM_SHELL.encode() in content:
                    found.append(str(path))
        t.ok(looked > 0, "there is state to look at")
        t.equal(found, [], "not in the state, the daemon's log or the dossiers")
        labels = [docker("inspect", "--format", "{{json .Config.Labels}}", name)[0] for name in told
                  if name in docker("ps", "-q", "--filter", shop.label)]
        t.ok(not any("canary-" in text for text in labels), "not in labels")
