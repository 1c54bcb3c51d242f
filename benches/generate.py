#!/usr/bin/env python3
"""Writes a Compose file of N services to stdout: benches/generate.py 1000 > compose.yaml

Every third service is public with a path of its own, each of the others is called by its
neighbour; every five services share a queue that the first fills and the others work off.
The same N gives the same bytes.
"""

import sys


def service(number):
    name = f"svc-{number:04}"
    lines = [
        f"  {name}:",
        f"    image: registry.example.com/bench/{name}:1.0.{number}",
        "    environment:",
        f"      NAME: {name}",
        "      LOG_LEVEL: ${LOG_LEVEL:-info}",
        "    deploy:",
        f"      replicas: {1 + number % 3}",
        "      resources:",
        "        limits: { cpus: \"0.25\", memory: 512M }",
        "    healthcheck:",
        "      test: [\"CMD\", \"/app\", \"health\"]",
        "      interval: 5s",
        "      timeout: 2s",
        "      retries: 3",
    ]
    if number % 5:
        lines += ["    depends_on:", f"      - svc-{number - 1:04}"]
    lines += ["    expose:", "      - \"8080\""]
    if number % 3 == 0:
        lines += [
            "    x-routes:",
            f"      - path: /{name}",
            "        port: 8080",
            "        health_check: /health",
        ]
    return lines


def queue(number, count):
    first = number * 5
    lines = [
        f"  queue-{number:04}:",
        "    Properties:",
        "      VisibilityTimeout: 60",
        "    Services:",
    ]
    for member in range(first, min(first + 5, count)):
        lines += [
            f"      svc-{member:04}:",
            "        Access: RWMessages",
            "        ReturnValues:",
            "          QueueUrl: QUEUE_URL",
        ]
    return lines


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit() or int(sys.argv[1]) < 1:
        sys.exit("usage: benches/generate.py N")
    count = int(sys.argv[1])
    lines = ["name: bench", "services:"]
    for number in range(count):
        lines += service(number)
    lines += ["x-sqs:"]
    for number in range((count + 4) // 5):
        lines += queue(number, count)
    print("\n".join(lines))


main()
