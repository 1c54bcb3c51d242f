# Sourced by ./try and ./test: finds a container engine, or installs and starts Debian's.
# shellcheck shell=bash

say() { printf '==> %s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
TOOLS="$ROOT/.tools"
# The process that start_engine started, if it did; its caller decides whether it goes on.
ENGINE_PID=""

# curl is not on every machine; the engine's own client always comes with the engine.
engine_answers() { command -v docker >/dev/null && timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

apt_install() {
    [[ "$(id -u)" == 0 ]] || fail "$* must be installed, which needs root: sudo apt-get install $*"
    command -v apt-get >/dev/null || fail "$* must be installed, and this is no Debian: install it by hand and try again"
    say "Installing $* (apt-get)"
    local log="$TOOLS/apt.log"
    mkdir -p "$TOOLS"
    {
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        fail "apt-get could not install $*; all of its output is in $log"
    }
}

need_command() { # COMMAND PACKAGE
    command -v "$1" >/dev/null || apt_install "$2"
}

need_rust() {
    command -v cargo >/dev/null || fail "cargo is not here: install Rust 1.95 or newer from https://rustup.rs"
    # Linking needs a C toolchain, and so do two dependencies.
    command -v cc >/dev/null || apt_install build-essential
}

start_engine() {
    if engine_answers; then
        say "A container engine answers: Docker $(docker version --format '{{.Server.Version}}')"
        return
    fi
    if [[ -n "${DOCKER_HOST:-}" ]]; then
        fail "DOCKER_HOST is $DOCKER_HOST, and no engine answers there"
    fi
    local packages=()
    command -v dockerd >/dev/null && command -v docker >/dev/null || packages+=(docker.io)
    # dockerd needs iptables for published ports; Debian only recommends it.
    command -v iptables >/dev/null || packages+=(iptables)
    if ((${#packages[@]})); then
        apt_install "${packages[@]}"
        # From Debian 13 on the client is a package of its own.
        command -v docker >/dev/null || apt_install docker-cli
    fi
    engine_answers && return
    [[ "$(id -u)" == 0 ]] || fail "no container engine runs, and starting one needs root: sudo systemctl start docker"
    mkdir -p "$TOOLS"
    say "Starting dockerd (its log: .tools/dockerd.log)"
    # A session of its own: a Ctrl-C in this terminal is not meant for it.
    setsid nohup dockerd >"$TOOLS/dockerd.log" 2>&1 </dev/null &
    ENGINE_PID=$!
    local _
    for _ in $(seq 1 120); do
        engine_answers && return
        kill -0 "$ENGINE_PID" 2>/dev/null || break
        sleep 0.5
    done
    tail -n 20 "$TOOLS/dockerd.log" >&2
    fail "dockerd did not start; its log is in $TOOLS/dockerd.log"
}

stop_engine() { # only the one that start_engine started
    [[ -n "$ENGINE_PID" ]] || return 0
    say "Stopping dockerd, which this script started"
    kill "$ENGINE_PID" 2>/dev/null || return 0
    local _
    for _ in $(seq 1 60); do
        kill -0 "$ENGINE_PID" 2>/dev/null || return 0
        sleep 0.5
    done
    kill -9 "$ENGINE_PID" 2>/dev/null || true
}
