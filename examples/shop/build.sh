#!/usr/bin/env bash
# Compiles the shop's program into one static file, dist/shop, for the images to copy.
set -euo pipefail
cd "$(dirname "$0")"

target="$(rustc -vV | sed -n 's/^host: //p')"
# Naming the target keeps the flag away from build scripts, which must stay dynamic.
RUSTFLAGS="-C target-feature=+crt-static" \
    cargo build --release --locked --quiet --target "$target" --target-dir target

mkdir -p dist
# An unchanged program keeps its timestamp, so that nothing downstream sees a change.
if ! cmp --silent "target/$target/release/shop" dist/shop; then
    install -m 0755 "target/$target/release/shop" dist/shop
fi
