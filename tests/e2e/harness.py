"""What every scenario needs: a shop of its own in a folder of its own, with a background process,
a port and a container label of its own, so that scenarios neither meet each other nor anything
else on the machine."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "shop"
# Absolute: commands run in folders of their own.
BINARY = os.path.abspath(os.environ.get("SEAWAY_BIN", str(ROOT / "target" / "debug" / "seaway")))
PROGRAM = str(SHOP / "dist" / "shop")
CODES = dict(ok=0, internal=1, usage=2, preflight=3, different=4, declined=5, rolled_back=6)


class Abort(Exception):
    """The scenario cannot go on."""


class Checks:
    """Collects and prints what a scenario found."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.passed = 0
        self.failed = 0
        self.numbers = {}
        self.lines = []

    def _print(self, line):
        self.lines.append(line)
        print(line, flush=True)

    def ok(self, condition, what, detail=""):
        """Notes a check; the scenario goes on either way. `detail` is shown where it failed."""
        if condition:
            self.passed += 1
            self._print(f"PASS {self.scenario}: {what}")
        else:
            self.failed += 1
            self._print(f"FAIL {self.scenario}: {what}")
            for line in str(detail).splitlines()[-25:]:
                self._print(f"     | {line}")
        return bool(condition)

    def equal(self, found, expected, what, detail=""):
        return self.ok(found == expected, what, f"expected {expected!r}, found {found!r}\n{detail}")

    def need(self, condition, what, detail=""):
        """Notes a check without which nothing after it makes sense."""
        if not self.ok(condition, what, detail):
            raise Abort(what)

    def number(self, name, value):
        """Records a number for docs/benchmarks.md; never asserted."""
        self.numbers[name] = value
        self._print(f"NUM  {self.scenario}: {name} = {value}")


class Result:
    """A command that ended."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def json(self):
        """Returns the data of stdout: one document, or a list of the documents of its lines."""
        try:
            return json.loads(self.out)
        except ValueError:
            return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def events(self):
        """Returns the events of `--events`."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def __str__(self):
        return f"exit code {self.code} after {self.seconds:.2f} s\n{self.err}\n{self.out[-3000:]}"


def docker(*arguments):
    """Runs the engine's client and returns the lines of its output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise Abort(f"docker {' '.join(arguments)}: {done.stderr}")
    return [line for line in done.stdout.splitlines() if line]


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def port_answers(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def event_time(event):
    """Returns the time of an event in seconds; jiff writes up to nine digits of a second."""
    whole, fraction = re.fullmatch(r"(.*?)(\.\d+)?Z", event["time"]).groups()
    begin = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return begin.timestamp() + float(fraction or 0)


def wait_for(probe, seconds, pause=0.25):
    """Polls until `probe` returns something true, at most so long; returns its last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(pause)


class Shop:
    """The shop in a folder of its own. Use it with `with`: the end removes all of it."""

    def __init__(self):
        # Short: the path of a Unix socket has at most 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="swe2e-"))
        self.state = self.folder / "state"
        self.project = self.folder / "shop"
        (self.project / "dist").mkdir(parents=True)
        for name in ("compose.yaml", "Dockerfile", ".dockerignore"):
            shutil.copy(SHOP / name, self.project / name)
        shutil.copy(PROGRAM, self.project / "dist" / "shop")
        (self.project / "secrets").mkdir()
        self.secret_file = self.project / "secrets" / "signing-key.txt"
        self.secret_file.write_text("key-of-the-end-to-end-tests\n")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.instance = hashlib.sha256(str(self.state).encode()).hexdigest()[:8]
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SHOP_", "SEAWAY_", "MIGRATE_", "COMPOSE_", "AWS_"))
        }
        self.environment.update(
            SEAWAY_STATE_DIR=str(self.state), SHOP_PORT=str(self.port), TERM="dumb", NO_COLOR="1"
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if self.state.exists():
                self.seaway("local", "down", "--yes", timeout=120)
        except subprocess.TimeoutExpired:
            print(f"warning: `local down` did not end for {self.state}", flush=True)
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        # By its own label only: other instances on the same engine are none of our business.
        for kind, listing in (
            ("container", ["ps", "-aq"]),
            ("network", ["network", "ls", "-q"]),
            ("volume", ["volume", "ls", "-q"]),
        ):
            for name in docker(*listing, "--filter", self.label):
                removal = ["rm", "-f", name] if kind != "network" else ["rm", name]
                subprocess.run(["docker", kind, *removal], capture_output=True, timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def label(self):
        return f"label=seaway.instance={self.instance}"

    def start(self, *arguments, **variables):
        """Starts a command and returns its process."""
        return subprocess.Popen(
            [BINARY, *arguments],
            cwd=self.project,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def seaway(self, *arguments, timeout=240, **variables):
        """Runs a command to its end."""
        begin = time.monotonic()
        process = self.start(*arguments, **variables)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return Result(-1, out, f"{err}\nkilled after {timeout} s", time.monotonic() - begin)
        return Result(process.returncode, out, err, time.monotonic() - begin)

    def up(self, *arguments, **variables):
        return self.seaway("up", "--yes", "--events", *arguments, **variables)

    def get(self, path="/", timeout=5):
        """Returns status and text; status 0 when nobody answered."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (OSError, ValueError) as error:
            return 0, str(error)

    def order(self, item="rope", quantity=2):
        """Places an order and returns it, or None."""
        body = json.dumps({"item": item, "quantity": quantity}).encode()
        request = urllib.request.Request(
            f"{self.url}/order", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None

    def order_state(self, order):
        status, text = self.get("/orders")
        if status != 200:
            return f"status {status}"
        return next((o["state"] for o in json.loads(text) if o["id"] == order["id"]), "missing")

    def containers(self, running_only=False):
        flags = ["ps", "-q"] if running_only else ["ps", "-aq"]
        return set(docker(*flags, "--filter", self.label))

    def leftovers(self):
        """Returns what carries the label of this instance."""
        return {
            "containers": self.containers(),
            "networks": set(docker("network", "ls", "-q", "--filter", self.label)),
            "volumes": set(docker("volume", "ls", "-q", "--filter", self.label)),
        }

    def processes(self):
        """Returns the background processes of this state folder, by their own environment or
        arguments; nobody else's process names this folder."""
        needle = str(self.state).encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                program = os.readlink(entry / "exe")
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if Path(program.removesuffix(" (deleted)")).name == "seaway" and needle in text:
                found.append(int(entry.name))
        return found


class Probe(threading.Thread):
    """Asks for the version all the time, one request after the other, each on a new connection."""

    def __init__(self, shop, pause=0.02):
        super().__init__(daemon=True)
        self.shop, self.pause = shop, pause
        self.requests, self.failures, self.versions = 0, [], {}
        self._stop_asked = threading.Event()

    def run(self):
        while not self._stop_asked.is_set():
            status, text = self.shop.get("/version")
            self.requests += 1
            if status == 200:
                self.versions[text.strip()] = self.versions.get(text.strip(), 0) + 1
            else:
                self.failures.append(f"{status}: {text[:200]}")
            time.sleep(self.pause)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stop_asked.set()
        self.join()


class Load:
    """The load generator of the shop, between two moments."""

    def __init__(self, shop, connections=8, path="/version"):
        self.process = subprocess.Popen(
            [PROGRAM, "load", shop.url + path, "--connections", str(connections)],
            stdout=subprocess.PIPE,
            text=True,
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=60)
        return json.loads(out)
