"""Every other command, once for people and once as JSON."""

from harness import Shop, wait_for


def run(t):
    with Shop() as shop:
        first = shop.seaway("up", "--yes", "--json", SHOP_VERSION="v1")
        t.need(first.code == 0, "v1 is up", first)
        t.equal(first.json().get("outcome"), "serving", "`up --json` is one document")

        def data(*arguments):
            """Runs a command for people and as JSON; returns its data."""
            name = " ".join(arguments)
            people = shop.seaway(*arguments)
            t.equal(people.code, 0, f"`{name}` ends with 0", people)
            t.ok(people.out.strip(), f"`{name}` prints data on stdout", people)
            machine = shop.seaway(*arguments, "--json")
            if not t.equal(machine.code, 0, f"`{name} --json` ends with 0", machine):
                return people, None
            try:
                return people, machine.json()
            except ValueError as error:
                t.ok(False, f"`{name} --json` prints JSON", f"{error}\n{machine.out}")
                return people, None

        people, status = data("status")
        for name in ("web", "api", "worker"):
            t.ok(name in people.out, f"status shows {name}", people)
        t.ok(status, "status has data")
        _, outputs = data("outputs")
        t.ok(outputs and str(shop.port) in str(outputs), "outputs hold the address", outputs)
        data("config")
        people, logs = data("logs", "api")
        t.ok("listening on" in people.out, "logs show what api says", people)
        t.ok(logs, "logs have data")
        people, _ = data("releases")
        t.ok("serving" in people.out, "releases show the outcome", people)
        people, jobs = data("jobs", "ls")
        t.ok("report" in people.out and "rate(1 minute)" in people.out, "jobs show the job", people)
        t.ok(jobs, "jobs have data")
        data("local", "status")
        t.equal(shop.seaway("check").code, 0, "check ends with 0")
        t.equal(shop.seaway("check", "--json").code, 0, "check --json ends with 0")

        inside = shop.seaway("exec", "web", "--", "/shop", "check", "http://127.0.0.1:8080/health")
        t.equal(inside.code, 0, "exec ends with the code of the command", inside)
        t.ok("200" in inside.out, "exec shows the output of the command", inside)
        inside = shop.seaway("exec", "web", "--", "/shop", "check", "http://127.0.0.1:1/")
        t.equal(inside.code, 1, "exec ends with 1 when the command does", inside)

        ran = shop.seaway("run", "migrate", "--yes")
        t.equal(ran.code, 0, "run ends with 0", ran)
        t.ok("the schema is at version 3" in ran.out + ran.err, "run shows the logs", ran)
        ran = shop.seaway("run", "migrate", "--yes", "--set", "SHOP_CRASH=42")
        t.equal(ran.code, 42, "run ends with the container's own code", ran)
        ran = shop.seaway("run", "migrate", "--yes", "--json")
        t.equal(ran.code, 0, "run --json ends with 0", ran)
        job = shop.seaway("jobs", "run", "report")
        t.equal(job.code, 0, "jobs run ends with 0", job)
        t.ok("report: " in job.out + job.err, "jobs run shows the logs", job)
        t.ok("report: " in shop.seaway("jobs", "logs", "report").out, "jobs logs shows them, too")
        t.equal(shop.seaway("jobs", "disable", "report").code, 0, "jobs disable ends with 0")
        t.equal(shop.seaway("jobs", "enable", "report").code, 0, "jobs enable ends with 0")

        running = len(shop.containers(running_only=True))
        scaled = shop.seaway("scale", "web=3", "--yes", "--json")
        t.equal(scaled.code, 0, "scale ends with 0", scaled)
        more = wait_for(lambda: len(shop.containers(running_only=True)) == running + 1, 15)
        t.ok(more, "a task more runs")
        t.equal(shop.seaway("scale", "web=2", "--yes").code, 0, "scale back ends with 0")
        fewer = wait_for(lambda: len(shop.containers(running_only=True)) == running, 30)
        t.ok(fewer, "a task less runs")

        before = shop.containers(running_only=True)
        restarted = shop.seaway("restart", "api", "--yes", "--json")
        t.equal(restarted.code, 0, "restart ends with 0", restarted)
        t.ok(before - shop.containers(running_only=True), "restart replaced a container")

        second = shop.up(SHOP_VERSION="v2")
        t.equal(second.code, 0, "v2 is up", second)
        back = shop.seaway("rollback", "--yes", "--json")
        t.equal(back.code, 0, "rollback ends with 0", back)
        t.equal(shop.get("/version")[1].strip(), "v1", "rollback brought v1 back")
        rows = shop.seaway("releases", "--json").json()
        t.ok(len(rows) >= 3, "every one of them is a release", rows)
        t.equal(
            [row["number"] for row in rows],
            sorted((row["number"] for row in rows), reverse=True),
            "the newest release comes first",
        )
        dry = shop.seaway("up", "--dry-run", SHOP_VERSION="v9")
        t.equal(dry.code, 0, "up --dry-run ends with 0", dry)
        t.equal(shop.get("/version")[1].strip(), "v1", "and changes nothing")
        dry = shop.seaway("down", "--dry-run")
        t.equal(dry.code, 0, "down --dry-run ends with 0", dry)
        t.equal(shop.get("/version")[0], 200, "and removes nothing")
