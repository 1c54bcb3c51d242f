#!/usr/bin/env bash
# Makes what the Compose file needs and Git does not keep: the program as one static file,
# dist/shop, for the images to copy, and a key for the receipts.
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

if [[ ! -s secrets/signing-key.txt ]]; then
    (umask 077 && mkdir -p secrets && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >secrets/signing-key.txt)
fi
