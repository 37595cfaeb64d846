#!/usr/bin/env bash
# site.sh: the browser's code, style sheet and icons, in target/site. WUTONG_BUNDLER names a bundler that is built already.
set -euo pipefail
# shellcheck source=.ci/lib.sh
. "$(dirname "$0")/lib.sh"

cargo build --locked -p wutong-wasm --target wasm32-unknown-unknown --profile wasm-release --target-dir "$WUTONG_WASM_DIR"
bundler=${WUTONG_BUNDLER:-}
if [ -z "$bundler" ]; then
    cargo build --locked -p bundler
    bundler=$CARGO_TARGET_DIR/debug/bundler
fi
# It compares what it would make with what is there, and leaves the same alone.
# 400 KB is the most that the wasm of the start page may weigh: the main file and those of its room.
"$bundler" --limit-kb 400 --first-room start --wasm "$WUTONG_WASM_DIR/wasm32-unknown-unknown/wasm-release/wutong.wasm" --out "$WUTONG_SITE" "$@"
