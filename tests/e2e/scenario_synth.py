"""The same input gives the same bytes, and templates that cfn-lint accepts: issue 2, 7."""

import os
import subprocess

from harness import Shop


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run(t):
    with Shop() as shop:
        for environment in ("local", "test", "production"):
            one, two = shop.folder / f"one-{environment}", shop.folder / f"two-{environment}"
            for out in (one, two):
                done = shop.seaway("synth", "-e", environment, "--out", str(out))
                t.need(done.code == 0, f"synth of {environment} ends with 0", done)
            t.ok(files(one), f"synth of {environment} writes files")
            t.equal(files(one) == files(two), True, f"{environment} twice: identical bytes")
            text = [shop.seaway("synth", "-e", environment).out for _ in range(2)]
            t.ok(text[0] and text[0] == text[1], f"{environment} on stdout: identical bytes")
            linter = os.environ.get("SEAWAY_CFN_LINT")
            if linter:
                templates = sorted(str(path) for path in one.rglob("*.template.json"))
                lint = subprocess.run([linter, "--", *templates], capture_output=True, text=True)
                t.equal(lint.returncode, 0, f"cfn-lint accepts {environment}", lint.stdout)
        t.equal(shop.processes(), [], "synth starts no background process")
        t.ok(not shop.state.exists(), "synth leaves no state")
